#pragma once

#include "lib/base/result.hpp"
#include "lib/labels/labels.hpp"
#include "lib/relabel/regex.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::web {

enum class match_operation : unsigned char { equal, not_equal, regex_match, regex_no_match };

/// One condition on a label; a label that is absent has the value "".
struct matcher {
  std::string name;
  match_operation operation = match_operation::equal;
  std::string value;
  std::optional<relabel::regex> regex;  ///< For the regex operations.

  bool matches(std::string_view text) const;
};

/// A metric selector of PromQL: `up`, `up{job="node",mode!~"idle|iowait"}`, `{__name__="up"}`, `{"metric.name"}`.
class selector {
 public:
  /// Errors: errc::syntax, worded as Prometheus does: `1:4: parse error: unexpected end of input inside braces`.
  static result<selector> parse(std::string_view text);

  /// Whether the series satisfies all conditions. Without any condition nothing matches, as in Prometheus.
  bool matches(std::span<const label> series) const;
  const std::vector<matcher>& matchers() const { return matchers_; }

 private:
  std::vector<matcher> matchers_;
};

}  // namespace rollcall::web
