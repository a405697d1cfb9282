#include "lib/labels/names.hpp"

#include "lib/base/ascii.hpp"
#include "lib/base/utf8.hpp"
#include "lib/labels/code_point.hpp"

#include <algorithm>

namespace rollcall {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_utf8_name(std::string_view name) { return !name.empty() && is_valid_utf8(name); }

}  // namespace

bool is_valid_label_name(std::string_view name, name_validation scheme) {
  if (scheme == name_validation::utf8) return is_utf8_name(name);
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_valid_metric_name(std::string_view name, name_validation scheme) {
  if (scheme == name_validation::utf8) return is_utf8_name(name);
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == ':'; });
}

std::string sanitize_label_name(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  while (!name.empty()) {
    size_t bytes = front_code_point(name).bytes;
    char c = name.front();
    out += bytes == 1 && (is_letter(c) || is_digit(c)) ? c : '_';
    name.remove_prefix(bytes);
  }
  return out;
}

}  // namespace rollcall
