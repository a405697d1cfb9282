#include "lib/relabel/letter_case.hpp"

#include "lib/base/ascii.hpp"
#include "lib/labels/code_point.hpp"

#include <locale.h>
#include <wctype.h>

namespace rollcall::relabel {

namespace {

// The C library's own table of case pairs; null on a system without this locale, where ASCII alone is mapped.
locale_t unicode_locale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

template <class AsciiMap, class WideMap>
std::string map_letters(std::string_view text, AsciiMap ascii, WideMap wide) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto [character, bytes] = front_code_point(text);
    text.remove_prefix(bytes);
    if (character < 0x80) {
      out += ascii(static_cast<char>(character));
    } else if (unicode_locale() == nullptr) {
      append_utf8(out, character);
    } else {
      append_utf8(out, static_cast<char32_t>(wide(static_cast<wint_t>(character), unicode_locale())));
    }
  }
  return out;
}

}  // namespace

std::string to_lower(std::string_view text) {
  return map_letters(text, [](char c) { return ascii_lower(c); }, towlower_l);
}

std::string to_upper(std::string_view text) {
  return map_letters(
      text, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }, towupper_l);
}

}  // namespace rollcall::relabel
