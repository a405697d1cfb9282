#include "actors/discovery/zookeeper/member_json.hpp"

#include "lib/base/ascii.hpp"

#include <algorithm>

namespace rollcall::member {

namespace {

const json& null_value() {
  static const json value;
  return value;
}

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

}  // namespace

const json& field(const json& object, std::string_view key) {
  if (object.is_null()) return null_value();
  for (const auto& [name, value] : object.get_ref<const json::object_t&>())
    if (equal_in_any_case(name, key)) return value;
  return null_value();
}

std::string text(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  return value.is_null() ? std::string() : value.get<std::string>();
}

int64_t number(const json& object, std::string_view key) {
  const auto& value = field(object, key);
  if (value.is_null()) return 0;
  // A fraction, or what does not fit, is refused rather than cut.
  if (value.is_number_integer() && (!value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{INT64_MAX}))
    return value.get<int64_t>();
  return static_cast<int64_t>(value.get_ref<const json::number_integer_t&>());
}

}  // namespace rollcall::member
