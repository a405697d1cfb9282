#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <string_view>

namespace rollcall::web {

enum class word_kind : unsigned char { end, identifier, string, operation, comma, left_brace, right_brace, other };

/// A word of a metric selector.
struct selector_token {
  word_kind kind = word_kind::end;
  size_t position = 0;    ///< Offset in the text.
  std::string_view text;  ///< As written.
  std::string value;      ///< Of a string, unescaped.
};

/// Cuts a metric selector into words, as Prometheus's PromQL lexer does. Blanks and comments (`#` to the end of the
/// line) separate words.
class selector_lexer {
 public:
  explicit selector_lexer(std::string_view text) : text_(text) {}

  /// Errors: errc::syntax for what is no word.
  result<selector_token> next();

  /// An error at an offset: `LINE:COLUMN: parse error: MESSAGE`.
  tl::unexpected<error> fail_at(size_t position, const std::string& message) const;

 private:
  void skip_blanks();
  result<selector_token> read_string();
  result<selector_token> read_operation();
  /// Takes the next `length` bytes.
  selector_token take(word_kind kind, size_t length);

  std::string_view text_;
  size_t at_ = 0;
  bool inside_braces_ = false;
};

/// Undoes the escapes of a PromQL string in double or single quotes (those of Go). `text` stands between the quotes.
/// Errors: errc::syntax.
result<std::string> unescape_string(std::string_view text);

}  // namespace rollcall::web
