#pragma once

#include "lib/relabel/regex.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::relabel {

/// A template such as `$1:${port}` as Go's regexp.Expand reads it: a name is the longest run of letters, digits and
/// underscores, `$$` is a dollar sign, an unknown group is "", and a `$` before anything else stands for itself.
class expansion {
 public:
  expansion() = default;
  expansion(std::string_view text, const regex& pattern);

  /// How many captures append_to() may look at: the highest group named, plus one; 0 without any.
  size_t captures_needed() const { return captures_needed_; }
  bool is_constant() const { return captures_needed_ == 0; }
  void append_to(std::string& out, std::span<const std::string_view> captures) const;
  /// Whether some captures could make it give this text.
  bool may_give(std::string_view text) const;

 private:
  struct piece {
    std::string literal;         // comes before the group
    std::vector<size_t> groups;  // of these the first that took part
  };

  std::vector<piece> pieces_;
  size_t captures_needed_ = 0;
};

/// Whether a template refers to groups at all, by Prometheus's measure: it has a dollar sign.
inline bool has_variable(std::string_view text) { return text.find('$') != std::string_view::npos; }

}  // namespace rollcall::relabel
