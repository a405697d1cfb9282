#include "lib/exposition/line_scan.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/open_metrics_tokens.hpp"

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

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

// All have as many bytes.
constexpr std::string_view help_prefix = "# HELP ";
constexpr std::string_view type_prefix = "# TYPE ";
constexpr std::string_view unit_prefix = "# UNIT ";

bool begins_with(const char* at, std::string_view prefix) { return std::memcmp(at, prefix.data(), prefix.size()) == 0; }

// An odd number of scattered bits, so that the order of the lines counts.
constexpr uint64_t digest_factor = 0x9e3779b97f4a7c15;

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

bool metadata_scanner::take_type(std::string_view name) {
  auto type = syntax_ == text_syntax::prometheus ? metric_type_of_text_name(name) : metric_type_of(name);
  if (type) type_ = *type;
  return type.has_value();
}

bool metadata_scanner::skip(const char*& at, const char* end) {
  if (static_cast<size_t>(end - at) <= help_prefix.size()) return false;
  bool is_help = begins_with(at, help_prefix);
  bool is_type = !is_help && begins_with(at, type_prefix);
  bool is_unit = !is_help && !is_type && syntax_ == text_syntax::open_metrics && begins_with(at, unit_prefix);
  if (!is_help && !is_type && !is_unit) return false;
  const char* name = at + help_prefix.size();
  size_t bytes = name_bytes(name, end);
  if (bytes == 0 || name[bytes] != ' ') return false;
  const char* text = name + bytes + 1;
  auto* newline = static_cast<const char*>(std::memchr(text, '\n', static_cast<size_t>(end - text)));
  std::string_view rest(text, static_cast<size_t>(newline - text));
  if (is_help && !is_valid_utf8(rest)) return false;
  if (is_type && !take_type(rest)) return false;
  if (is_unit && !is_unit_of({name, bytes}, rest)) return false;
  note({at, static_cast<size_t>(newline + 1 - at)});
  at = newline + 1;
  return true;
}

void metadata_scanner::note(std::string_view line) {
  digest_ = (digest_ ^ XXH3_64bits(line.data(), line.size())) * digest_factor;
}

}  // namespace rollcall::exposition
