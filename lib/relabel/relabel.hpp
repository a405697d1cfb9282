#pragma once

#include "lib/base/result.hpp"
#include "lib/labels/labels.hpp"
#include "lib/labels/names.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::relabel {

enum class action : unsigned char {
  replace,
  keep,
  drop,
  keepequal,
  dropequal,
  hashmod,
  labelmap,
  labeldrop,
  labelkeep,
  lowercase,
  uppercase,
};

std::string_view to_string(action action);
/// Reads an action's name, in any case.
std::optional<action> parse_action(std::string_view text);

/// One entry of relabel_configs as written, with Prometheus's defaults.
struct rule_config {
  std::vector<std::string> source_labels;
  std::string separator = ";";
  std::string regex = "(.*)";
  uint64_t modulus = 0;
  std::string target_label;
  std::string replacement = "$1";
  rollcall::relabel::action action = action::replace;

  bool operator==(const rule_config&) const = default;
};

/// Checks a rule as Prometheus does when it loads a configuration; the messages are Prometheus's.
result<void> validate(const rule_config& config, name_validation scheme);

/// What became of a label set.
struct verdict {
  bool kept = true;
  size_t dropped_by = 0;  ///< Index of the rule that dropped it, if it was dropped.
};

/// Compiled rules, applied in order. Immutable, so one program may serve any number of threads.
class program {
 public:
  program() = default;
  /// Errors: those of validate(), with the index of the rule.
  static result<program> compile(std::span<const rule_config> rules, name_validation scheme);

  verdict apply(label_builder& subject) const;
  bool empty() const { return rules_.empty(); }
  /// The rules as written.
  std::vector<rule_config> configs() const;
  size_t size() const { return rules_.size(); }

  /// Whether the outcome for a series can depend on, or change, a label of this name. When it cannot for any label of a
  /// target, the outcome is the same for every target with those label names.
  bool touches(std::string_view label_name) const;

 private:
  class rule;
  std::vector<std::shared_ptr<const rule>> rules_;
};

}  // namespace rollcall::relabel
