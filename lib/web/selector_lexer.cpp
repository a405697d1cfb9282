#include "lib/web/selector_lexer.hpp"

#include "lib/base/ascii.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace rollcall::web {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void append_utf8(std::string& out, uint32_t point) {
  auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// What a one-letter escape stands for.
std::optional<char> simple_escape(char letter) {
  static constexpr std::string_view letters = "abfnrtv\\'\"";
  static constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\'\"";
  size_t found = letters.find(letter);
  if (found == std::string_view::npos) return std::nullopt;
  return meanings[found];
}

/// How the digits of a numeric escape are to be read.
struct numeric_escape {
  size_t digits;
  uint32_t base;
  uint32_t max;
  bool is_byte;
};

std::optional<numeric_escape> numeric_escape_of(char letter) {
  if (letter >= '0' && letter <= '7') return numeric_escape{3, 8, 255, true};
  if (letter == 'x') return numeric_escape{2, 16, 255, true};
  if (letter == 'u') return numeric_escape{4, 16, 0x10FFFF, false};
  if (letter == 'U') return numeric_escape{8, 16, 0x10FFFF, false};
  return std::nullopt;
}

/// Above every base for what is no digit.
uint32_t digit_value(char c) { return static_cast<uint32_t>(hex_digit(c)); }

/// Reads the escape that begins after the backslash at `text[at - 1]` and moves past it.
result<void> append_escape(std::string& out, std::string_view text, size_t& at) {
  if (at == text.size()) return fail(errc::syntax, "escape sequence not terminated");
  if (auto plain = simple_escape(text[at])) {
    out += *plain;
    ++at;
    return {};
  }
  auto numeric = numeric_escape_of(text[at]);
  if (!numeric) {
    auto byte = static_cast<unsigned char>(text[at]);
    return fail(errc::syntax, fmt::format("unknown escape sequence U+{:04X} '{}'", byte, text.substr(at, 1)));
  }
  if (numeric->base == 16) ++at;
  uint64_t value = 0;
  for (size_t i = 0; i < numeric->digits; ++i, ++at) {
    if (at == text.size() || digit_value(text[at]) >= numeric->base) {
      return fail(errc::syntax, "illegal character in escape sequence");
    }
    value = value * numeric->base + digit_value(text[at]);
  }
  bool surrogate = !numeric->is_byte && value >= 0xD800 && value < 0xE000;
  if (value > numeric->max || surrogate) return fail(errc::syntax, "escape sequence is an invalid Unicode code point");
  if (numeric->is_byte) {
    out += static_cast<char>(value);
  } else {
    append_utf8(out, static_cast<uint32_t>(value));
  }
  return {};
}

}  // namespace

result<std::string> unescape_string(std::string_view text) {
  std::string value;
  value.reserve(text.size());
  size_t at = 0;
  while (at < text.size()) {
    char c = text[at++];
    if (c != '\\') {
      value += c;
    } else if (auto done = append_escape(value, text, at); !done) {
      return tl::unexpected(done.error());
    }
  }
  return value;
}

tl::unexpected<error> selector_lexer::fail_at(size_t position, const std::string& message) const {
  auto before = text_.substr(0, position);
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  size_t newline = before.rfind('\n');
  size_t column = newline == std::string_view::npos ? position + 1 : position - newline;
  return fail(errc::syntax, fmt::format("{}:{}: parse error: {}", line, column, message));
}

void selector_lexer::skip_blanks() {
  for (; at_ < text_.size(); ++at_) {
    if (text_[at_] == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      if (at_ == text_.size()) return;
    } else if (!is_blank(text_[at_])) {
      return;
    }
  }
}

selector_token selector_lexer::take(word_kind kind, size_t length) {
  selector_token token{kind, at_, text_.substr(at_, length), {}};
  at_ += length;
  return token;
}

result<selector_token> selector_lexer::next() {
  skip_blanks();
  if (at_ == text_.size()) {
    if (inside_braces_) return fail_at(at_, "unexpected end of input inside braces");
    return take(word_kind::end, 0);
  }
  char c = text_[at_];
  if (is_letter(c) || (c == ':' && !inside_braces_)) {
    size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == ':')) {
      if (text_[end] == ':' && inside_braces_) break;
      ++end;
    }
    return take(word_kind::identifier, end - at_);
  }
  if (c == '"' || c == '\'' || c == '`') return read_string();
  if (c == '{' && !inside_braces_) {
    inside_braces_ = true;
    return take(word_kind::left_brace, 1);
  }
  if (c == '}' && inside_braces_) {
    inside_braces_ = false;
    return take(word_kind::right_brace, 1);
  }
  if (inside_braces_) return read_operation();
  if (c == '}') return fail_at(at_, "unexpected character: '}'");
  return take(word_kind::other, 1);
}

result<selector_token> selector_lexer::read_operation() {
  std::string_view rest = text_.substr(at_);
  if (rest.front() == ',') return take(word_kind::comma, 1);
  for (std::string_view operation : {"=~", "!~", "!=", "="}) {
    if (rest.starts_with(operation)) return take(word_kind::operation, operation.size());
  }
  return fail_at(at_, fmt::format("unexpected character inside braces: '{}'", rest.substr(0, 1)));
}

result<selector_token> selector_lexer::read_string() {
  char quote = text_[at_];
  bool raw = quote == '`';
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != quote && (raw || text_[end] != '\n')) {
    end += !raw && text_[end] == '\\' ? 2 : 1;
  }
  if (end >= text_.size() || text_[end] != quote) {
    return fail_at(at_, raw ? "unterminated raw string" : "unterminated quoted string");
  }
  std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
  auto value = raw ? result<std::string>(std::string(inner)) : unescape_string(inner);
  if (!value) return fail_at(at_, value.error().message);
  selector_token token = take(word_kind::string, end + 1 - at_);
  token.value = std::move(*value);
  return token;
}

}  // namespace rollcall::web
