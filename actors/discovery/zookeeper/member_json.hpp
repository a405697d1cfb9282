#pragma once

#include "lib/base/result.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace rollcall::member {

using json = nlohmann::json;

// Fields of an object, found whatever the case of their names, as Go's decoder finds them; what is absent or null is
// the zero value. A value of another type throws json::type_error.
const json& field(const json& object, std::string_view key);
std::string text(const json& object, std::string_view key);
int64_t number(const json& object, std::string_view key);

/// Parses a document and has it read. Errors: errc::syntax for what is no JSON or of other types than expected.
template <class Read>
auto read_member(std::string_view data, Read&& read) -> result<decltype(read(json()))> {
  try {
    return read(json::parse(data));
  } catch (const json::exception& wrong) {
    return fail(errc::syntax, wrong.what());
  }
}

}  // namespace rollcall::member
