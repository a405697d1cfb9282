#include "lib/labels/code_point.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/utf8.hpp"

namespace rollcall {

namespace {

size_t announced_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

}  // namespace

code_point front_code_point(std::string_view text) {
  ROLLCALL_ASSERT(!text.empty());
  auto lead = static_cast<unsigned char>(text.front());
  size_t bytes = announced_length(lead);
  if (bytes == 1) return {lead, 1};
  if (text.size() < bytes || !is_valid_utf8(text.substr(0, bytes))) return {replacement_character, 1};
  char32_t value = lead & (0x7Fu >> bytes);
  for (char byte : text.substr(1, bytes - 1)) value = value << 6 | (static_cast<unsigned char>(byte) & 0x3Fu);
  return {value, bytes};
}

void append_utf8(std::string& out, char32_t character) {
  auto continuation = [&](unsigned shift) { out.push_back(static_cast<char>(0x80 | (character >> shift & 0x3F))); };
  if (character < 0x80) {
    out.push_back(static_cast<char>(character));
  } else if (character < 0x800) {
    out.push_back(static_cast<char>(0xC0 | character >> 6));
    continuation(0);
  } else if (character < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | character >> 12));
    continuation(6);
    continuation(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | character >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace rollcall
