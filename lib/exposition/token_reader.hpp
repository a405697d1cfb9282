#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/metric_type.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// How much of a body an error message may quote.
inline constexpr size_t excerpt_bytes_max = 60;

/// Go's %q of the text's begin, for messages.
std::string excerpt_of(std::string_view text);

/// A name or a value as it stands in a body; a view of it.
struct token {
  std::string_view text;  ///< Inside the quotes, if there are any.
  bool escaped = false;   ///< Whether a backslash stands in it.

  /// The text with \\, \n and \" resolved; every other backslash stands for itself.
  std::string plain() const;
};

struct raw_label {
  token name;
  token value;
};

/// Resolves \\ and \n; every other backslash stands for itself.
std::string unescape_help(std::string_view text);

/// Appends the labels in their order, `__name__` first, without escapes. The values of `le` in a histogram and of
/// `quantile` in a summary come in the canonical form of OpenMetrics.
void append_plain_labels(std::vector<std::pair<std::string, std::string>>& out, const token& name,
                         const std::vector<raw_label>& labels, metric_type type);

/// Reads the tokens that the text formats have in common, from a body that outlives it.
class token_reader {
 public:
  enum class colons : bool { refused, allowed };

  explicit token_reader(std::string_view body) : body_(body) {}

  std::string_view body() const { return body_; }
  std::string_view rest() const { return body_.substr(at_); }
  /// At most the size of the body.
  size_t position() const { return at_; }
  void seek(size_t position) { at_ = position; }
  bool at_end() const { return at_ >= body_.size(); }
  /// The next character; a newline at the end.
  char peek() const { return at_end() ? '\n' : body_[at_]; }

  /// Moves past the next character if it is this one; false if it is not.
  bool take(char c);
  /// Moves past a name without quotes; empty if there is none.
  std::string_view take_name(colons rule);
  /// Moves past a text in quotes, in which a backslash takes the next character along, but for a newline.
  std::optional<token> take_quoted();
  /// Moves to the end of the line, and gives what stands before it.
  std::string_view take_line();
  /// Moves past a newline; the end of the body counts as one.
  void pass_newline();

  /// An error at this place: what should stand here, and what does.
  tl::unexpected<error> expected(std::string_view what) const;
  /// An error of this line.
  tl::unexpected<error> refused(std::string_view what) const;

 private:
  std::string_view body_;
  size_t at_ = 0;
};

}  // namespace rollcall::exposition
