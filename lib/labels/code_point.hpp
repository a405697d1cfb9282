#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rollcall {

/// A character of UTF-8 text, and how many bytes it took.
struct code_point {
  char32_t value = 0;
  size_t bytes = 0;
};

inline constexpr char32_t replacement_character = 0xFFFD;

/// The character at the front of a non-empty text. A byte that begins no valid sequence counts as U+FFFD of one byte,
/// as in Go's unicode/utf8.
code_point front_code_point(std::string_view text);

/// Appends a character as UTF-8.
void append_utf8(std::string& out, char32_t character);

}  // namespace rollcall
