#include "lib/labels/quote.hpp"

#include "lib/labels/code_point.hpp"

namespace rollcall {

namespace {

void append_hex(std::string& out, unsigned value, unsigned digits) {
  while (digits-- > 0) out.push_back("0123456789abcdef"[value >> (4 * digits) & 0xF]);
}

void append_control(std::string& out, char32_t character) {
  switch (character) {
    case '\a':
      out += "\\a";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\v':
      out += "\\v";
      return;
    default:
      break;
  }
  bool ascii = character < 0x80;
  out += ascii ? "\\x" : "\\u";
  append_hex(out, character, ascii ? 2 : 4);
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    auto [character, bytes] = front_code_point(text);
    bool control = character < 0x20 || (character >= 0x7F && character < 0xA0);
    bool invalid = character == replacement_character && bytes == 1;
    if (invalid) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text.front()), 2);
    } else if (control) {
      append_control(out, character);
    } else {
      if (character == '"' || character == '\\') out += '\\';
      out.append(text.substr(0, bytes));
    }
    text.remove_prefix(bytes);
  }
  out += '"';
  return out;
}

}  // namespace rollcall
