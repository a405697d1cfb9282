#include "lib/exposition/line_scan.hpp"

#include "lib/base/utf8.hpp"

#include <array>
#include <cstring>

namespace rollcall::exposition {

namespace {

constexpr std::array<bool, 256> name_characters = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  table['_'] = true;
  table[':'] = true;
  return table;
}();

bool is_name_character(char c) { return name_characters[static_cast<unsigned char>(c)]; }

constexpr std::string_view help_prefix = "# HELP ";
constexpr std::string_view type_prefix = "# TYPE ";

}  // namespace

size_t metadata_scanner::name_bytes(const char* at, const char* end) {
  bool is_same = !family_.empty() && static_cast<size_t>(end - at) > family_.size() &&
                 std::memcmp(at, family_.data(), family_.size()) == 0 && !is_name_character(at[family_.size()]);
  if (!is_same) {
    if (detail::is_digit(*at)) return 0;
    const char* p = at;
    while (is_name_character(*p)) ++p;
    family_ = {at, static_cast<size_t>(p - at)};
  }
  return family_.size();
}

bool metadata_scanner::skip(const char*& at, const char* end) {
  if (static_cast<size_t>(end - at) <= help_prefix.size()) return false;
  bool is_help = std::memcmp(at, help_prefix.data(), help_prefix.size()) == 0;
  if (!is_help && std::memcmp(at, type_prefix.data(), type_prefix.size()) != 0) return false;
  const char* name = at + help_prefix.size();
  size_t bytes = name_bytes(name, end);
  if (bytes == 0 || name[bytes] != ' ') return false;
  const char* text = name + bytes + 1;
  auto* newline = static_cast<const char*>(std::memchr(text, '\n', static_cast<size_t>(end - text)));
  std::string_view rest(text, static_cast<size_t>(newline - text));
  if (is_help) {
    if (!is_valid_utf8(rest)) return false;
  } else if (rest == "gauge") {
    type_ = metric_type::gauge;
  } else if (rest == "counter") {
    type_ = metric_type::counter;
  } else if (rest == "histogram") {
    type_ = metric_type::histogram;
  } else if (rest == "summary") {
    type_ = metric_type::summary;
  } else if (rest == "untyped") {
    type_ = metric_type::unknown;
  } else {
    return false;
  }
  at = newline + 1;
  return true;
}

}  // namespace rollcall::exposition
