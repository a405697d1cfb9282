#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How label sets are laid out in memory: numbers as varints, texts as their length and their bytes.
namespace rollcall {

inline size_t varint_size(size_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

inline void append_varint(std::string& out, size_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

/// Reads the number at `at` and moves past it.
inline size_t read_varint(const char*& at) {
  size_t value = static_cast<unsigned char>(*at++);
  if (value < 0x80) return value;
  value &= 0x7F;
  for (unsigned shift = 7;; shift += 7) {
    size_t byte = static_cast<unsigned char>(*at++);
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

inline size_t field_size(std::string_view text) { return varint_size(text.size()) + text.size(); }

inline void append_field(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

/// Reads the text at `at` and moves past it.
inline std::string_view read_field(const char*& at) {
  size_t size = read_varint(at);
  std::string_view field(at, size);
  at += size;
  return field;
}

}  // namespace rollcall
