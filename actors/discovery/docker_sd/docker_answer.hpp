#pragma once

#include "lib/base/result.hpp"
#include "lib/http/request.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The Docker Engine API's JSON, read as Docker's own client does: what is absent or null is the zero value.
namespace rollcall::docker {

using json = nlohmann::json;
using label_pairs = std::vector<std::pair<std::string, std::string>>;

// Fields of an object, or of null, which has none. A value of another type throws json::type_error.
const json& field(const json& object, std::string_view key);
std::string text(const json& object, std::string_view key);
int64_t number(const json& object, std::string_view key);
bool flag(const json& object, std::string_view key);
/// The items of a list.
const json& items(const json& object, std::string_view key);
/// The entries of an object that are text.
std::map<std::string, std::string> texts(const json& object, std::string_view key);

/// Adds the labels of an object of Docker's, their names behind a prefix and with every unusual character replaced.
void add_labels(label_pairs& out, std::string_view prefix, const json& object, std::string_view key);

/// "true" or "false".
std::string to_text(bool value);

/// An answer of the API: a JSON list. Errors: errc::io for a status other than 200, with the daemon's own words;
/// errc::syntax for what is no list.
result<json> parse_answer(const http::response& answer);

/// Has a list of documents read by a function that may throw json::type_error, which becomes errc::syntax.
template <class Read>
auto read_checked(Read&& read) -> result<decltype(read())> {
  try {
    return read();
  } catch (const json::exception& wrong) {
    return fail(errc::syntax, std::string("unexpected JSON: ") + wrong.what());
  }
}

/// Labels of every network by its id, as the answer to /networks has it. Throws json::type_error.
std::map<std::string, label_pairs> network_labels(const json& networks, std::string_view prefix);

}  // namespace rollcall::docker
