#include "lib/web/json_writer.hpp"

#include "lib/base/utf8.hpp"

#include <charconv>
#include <cmath>

namespace rollcall::web {

namespace {

/// How many bytes the UTF-8 sequence at the start of `text` has, 0 when there is none.
size_t utf8_length(std::string_view text) {
  auto lead = static_cast<unsigned char>(text.front());
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || text.size() < length) return 0;
  return is_valid_utf8(text.substr(0, length)) ? length : 0;
}

void append_escaped(std::string& out, unsigned char c) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
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
    default:
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
  }
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  size_t plain_from = 0;
  size_t at = 0;
  while (at < text.size()) {
    auto c = static_cast<unsigned char>(text[at]);
    if (is_plain(c)) {
      ++at;
      continue;
    }
    if (c >= 0x80) {
      size_t length = utf8_length(text.substr(at));
      std::string_view sequence = text.substr(at, length);
      // U+2028 and U+2029 end a line in JavaScript.
      bool line_end = sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9";
      if (length != 0 && !line_end) {
        at += length;
        continue;
      }
      out.append(text, plain_from, at - plain_from);
      out += length == 0 ? "\\ufffd" : sequence.back() == '\xA8' ? "\\u2028" : "\\u2029";
      at += length == 0 ? 1 : length;
    } else {
      out.append(text, plain_from, at - plain_from);
      append_escaped(out, c);
      ++at;
    }
    plain_from = at;
  }
  out.append(text, plain_from, at - plain_from);
  out += '"';
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  double magnitude = std::fabs(value);
  bool scientific = magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e21);
  char buffer[64];
  auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  auto [end, failure] = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  std::string_view text(buffer, failure == std::errc() ? static_cast<size_t>(end - buffer) : 0);
  out += text;
  // Go writes e-9, not e-09; an exponent of three digits begins with no zero.
  size_t digits = out.size() - 2;
  if (scientific && out[digits] == '0' && out[digits - 1] == '-') out.erase(digits, 1);
}

json_writer& json_writer::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  comma_ = false;
  return *this;
}

json_writer& json_writer::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

json_writer& json_writer::number(double value) {
  separate();
  append_json_number(out_, value);
  return *this;
}

json_writer& json_writer::integer(int64_t value) { return raw(std::to_string(value)); }

json_writer& json_writer::unsigned_integer(uint64_t value) { return raw(std::to_string(value)); }

json_writer& json_writer::boolean(bool value) { return raw(value ? "true" : "false"); }

json_writer& json_writer::null() { return raw("null"); }

json_writer& json_writer::object_of(const labels& set) {
  begin_object();
  for (label each : set) member(each.name, each.value);
  return end_object();
}

json_writer& json_writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

void json_writer::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

}  // namespace rollcall::web
