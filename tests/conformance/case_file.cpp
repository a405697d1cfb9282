#include "tests/conformance/case_file.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace rollcall::conformance {

namespace {

constexpr std::string_view indentation = "  ";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

field parse_field(std::string_view line, size_t number) {
  auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) throw malformed_case(number, "expected `key: value`");
  auto value = line.substr(colon + 1);
  if (!value.empty() && value.front() != ' ') throw malformed_case(number, "expected a space after the colon");
  if (!value.empty()) value.remove_prefix(1);
  return {std::string(line.substr(0, colon)), std::string(value), {}, number};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

char plain_of(char escaped) {
  switch (escaped) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '0':
      return '\0';
    default:
      return escaped;
  }
}

}  // namespace

std::string field::text() const {
  std::string out;
  for (const auto& each : block) (out += each) += '\n';
  return out;
}

case_file parse_case(std::string_view text) {
  case_file out;
  size_t number = 0;
  size_t blank_lines = 0;
  for (auto line : lines_of(text)) {
    ++number;
    if (line.empty()) {
      ++blank_lines;
    } else if (line.starts_with(indentation)) {
      if (out.fields.empty()) throw malformed_case(number, "an indented line belongs below a field");
      auto& block = out.fields.back().block;
      // Blank lines between the lines of a block are part of it.
      if (!block.empty()) block.resize(block.size() + blank_lines);
      block.emplace_back(line.substr(indentation.size()));
      blank_lines = 0;
    } else if (line.front() == '#') {
      if (number > 1 && out.sentence.empty()) throw malformed_case(number, "the first line says what the case shows");
      if (out.fields.empty()) out.sentence += (number > 1 ? " " : "") + std::string(line.substr(line.find(' ') + 1));
    } else {
      out.fields.push_back(parse_field(line, number));
      blank_lines = 0;
    }
  }
  if (out.sentence.empty()) throw malformed_case(1, "the first line says what the case shows: # A sentence.");
  if (out.fields.empty()) throw malformed_case(number, "a case without any field");
  return out;
}

case_file read_case(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || !text) throw malformed_case(0, "the file cannot be read");
  return parse_case(text.str());
}

std::string unescape(std::string_view text, size_t line) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    char escaped = ++i < text.size() ? text[i] : '\n';
    if (escaped == 'x') {
      int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
      int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) throw malformed_case(line, "two lower-case hexadecimal digits follow \\x");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (std::string_view("nrt0\\\"").find(escaped) != std::string_view::npos) {
      out += plain_of(escaped);
    } else {
      throw malformed_case(line, "an escape is one of \\n \\r \\t \\0 \\\\ \\\" \\xNN");
    }
  }
  return out;
}

std::string escape(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      ((out += "\\x") += digits[byte >> 4]) += digits[byte & 0xF];
    } else {
      out += c;
    }
  }
  return out;
}

void refuse(const field& where, const std::string& message) {
  throw malformed_case(where.line, where.key + ": " + message);
}

}  // namespace rollcall::conformance
