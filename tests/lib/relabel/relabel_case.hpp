#pragma once

#include "lib/relabel/relabel.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rollcall::relabel::testing {

/// A relabeling rule in one line: `rule(action::keep).from({"a"}).re("x")`.
class rule {
 public:
  explicit rule(action action = action::replace) { config_.action = action; }

  rule& from(std::vector<std::string> source_labels) {
    return with_field(config_.source_labels, std::move(source_labels));
  }
  rule& join(std::string separator) { return with_field(config_.separator, std::move(separator)); }
  rule& re(std::string regex) { return with_field(config_.regex, std::move(regex)); }
  rule& modulo(uint64_t modulus) { return with_field(config_.modulus, modulus); }
  rule& to(std::string target_label) { return with_field(config_.target_label, std::move(target_label)); }
  rule& with(std::string replacement) { return with_field(config_.replacement, std::move(replacement)); }

  operator rule_config() const { return config_; }

 private:
  template <class T>
  rule& with_field(T& field, T value) {
    field = std::move(value);
    return *this;
  }

  rule_config config_;
};

}  // namespace rollcall::relabel::testing
