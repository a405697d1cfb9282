#pragma once

#include "lib/base/result.hpp"
#include "lib/relabel/regex_syntax.hpp"

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::relabel {

/// A regular expression as Prometheus's configuration has it: Go's syntax, matched against the whole text, where `.`
/// also matches a newline and a byte that is not UTF-8. Immutable; any number of threads may use one.
class regex {
 public:
  /// Errors: errc::syntax, worded as Go does.
  static result<regex> compile(std::string_view text);

  bool matches(std::string_view text) const;
  /// If it matches, sets captures[0] to the text and captures[i] to group i: views into `text`; a group that took no
  /// part or does not exist has data() == nullptr.
  bool match(std::string_view text, std::span<std::string_view> captures) const;

  /// How many groups there are, not counting group 0.
  size_t groups() const { return groups_; }
  /// The indices of the groups of a name, in order: as in Go, several may share one.
  std::vector<size_t> groups_named(std::string_view name) const;

 private:
  regex() = default;
  bool matches_simple(std::string_view text) const;
  bool match_invalid_utf8(std::string_view text, std::span<std::string_view> captures) const;

  std::optional<simple_regex> simple_;
  std::unique_ptr<const re2::RE2> compiled_;  // null when simple_ decides
  size_t groups_ = 0;
};

}  // namespace rollcall::relabel
