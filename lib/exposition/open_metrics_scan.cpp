#include "lib/exposition/open_metrics_scan.hpp"

#include <array>

namespace rollcall::exposition {

namespace {

constexpr std::array<bool, 256> value_characters = [] {
  std::array<bool, 256> table{};
  for (size_t c = 1; c < 128; ++c) table[c] = c != '"' && c != '\\' && c != '\n';
  return table;
}();

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Moves past `name="value"`.
bool scan_label(const char*& at) {
  if (!is_name_start(*at)) return false;
  while (is_name_start(*at) || detail::is_digit(*at)) ++at;
  if (at[0] != '=' || at[1] != '"') return false;
  at += 2;
  while (value_characters[static_cast<unsigned char>(*at)]) ++at;
  return *at++ == '"';
}

}  // namespace

bool scan_exemplar(const char*& at, std::string_view& text) {
  const char* first = at;
  if (at[0] != '#' || at[1] != ' ' || at[2] != '{') return false;
  at += 3;
  while (*at != '}') {
    if (!scan_label(at)) return false;
    if (*at == ',')
      ++at;
    else if (*at != '}')
      return false;
  }
  ++at;
  uint64_t value_bits = 0;
  if (*at != ' ' || !scan_value(++at, value_bits)) return false;
  int64_t timestamp = 0;
  if (*at == ' ' && !detail::scan_seconds(at, timestamp)) return false;
  if (*at != '\n') return false;
  text = {first, static_cast<size_t>(at - first)};
  return true;
}

}  // namespace rollcall::exposition
