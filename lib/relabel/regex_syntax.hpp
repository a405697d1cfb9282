#pragma once

#include "lib/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::relabel {

/// Turns a regular expression of Go's regexp package into one that RE2 understands in the same way: `(?<name>` becomes
/// `(?P<name>`, `\_` becomes `_`. Errors (errc::syntax): what RE2 would take though Go does not (`\C`, group names
/// outside ASCII), and parentheses that close more than they open, which would escape from the anchors around it.
result<std::string> to_re2(std::string_view go_regex);

/// A regular expression so simple that comparing bytes decides it.
struct simple_regex {
  enum class rest : unsigned char {
    none,  ///< The text is one of the literals.
    any,   ///< The text starts with the only literal.
    some,  ///< As any, and goes on after it.
  };
  std::vector<std::string> literals;  ///< Sorted, unique, at least one.
  rest tail = rest::none;
  bool captures = false;  ///< Group 1 is the tail; if there is none, the whole text.
};

/// Recognises `literal`, `a|b|c` and `literal.*` or `literal.+`, with or without a group around the alternation or the
/// tail. Nothing when the expression is another one.
std::optional<simple_regex> to_simple(std::string_view go_regex);

}  // namespace rollcall::relabel
