#include "lib/relabel/relabel.hpp"

#include "lib/base/ascii.hpp"
#include "lib/labels/quote.hpp"
#include "lib/relabel/expansion.hpp"
#include "lib/relabel/regex.hpp"
#include "lib/relabel/validation.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace rollcall::relabel {

namespace {

constexpr std::array<std::pair<action, std::string_view>, 11> action_names = {{
    {action::replace, "replace"},
    {action::keep, "keep"},
    {action::drop, "drop"},
    {action::keepequal, "keepequal"},
    {action::dropequal, "dropequal"},
    {action::hashmod, "hashmod"},
    {action::labelmap, "labelmap"},
    {action::labeldrop, "labeldrop"},
    {action::labelkeep, "labelkeep"},
    {action::lowercase, "lowercase"},
    {action::uppercase, "uppercase"},
}};

bool one_of(action which, std::initializer_list<action> actions) {
  return std::find(actions.begin(), actions.end(), which) != actions.end();
}

tl::unexpected<error> invalid(const rule_config& config, std::string_view field, std::string_view value) {
  return fail(errc::invalid_argument, quoted(value) + " is invalid '" + std::string(field) + "' for " +
                                          std::string(to_string(config.action)) + " action");
}

// A label name that may have $1 or ${name} in it.
bool is_valid_name_template(std::string_view text, name_validation scheme) {
  static const re2::RE2 legacy(R"((?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))(?:\w|\$(?:\{\w+\}|\w+))*)");
  if (scheme == name_validation::utf8) return is_valid_label_name(text, scheme);
  return re2::RE2::FullMatch(text, legacy);
}

result<void> check_target_label(const rule_config& config, name_validation scheme) {
  bool needs_target = one_of(config.action, {action::replace, action::hashmod, action::lowercase, action::uppercase,
                                             action::keepequal, action::dropequal});
  if (!needs_target) return {};
  if (config.target_label.empty()) {
    return fail(errc::invalid_argument, "relabel configuration for " + std::string(to_string(config.action)) +
                                            " action requires 'target_label' value");
  }
  bool expanded = config.action == action::replace && has_variable(config.target_label);
  bool valid =
      expanded ? is_valid_name_template(config.target_label, scheme) : is_valid_label_name(config.target_label, scheme);
  if (!valid) return invalid(config, "target_label", config.target_label);
  return {};
}

result<void> check_replacement(const rule_config& config, name_validation scheme) {
  bool fixed = one_of(config.action, {action::lowercase, action::uppercase, action::keepequal, action::dropequal});
  if (fixed && config.replacement != rule_config().replacement) {
    return fail(errc::invalid_argument,
                "'replacement' can not be set for " + std::string(to_string(config.action)) + " action");
  }
  if (config.action == action::labelmap && !is_valid_name_template(config.replacement, scheme)) {
    return invalid(config, "replacement", config.replacement);
  }
  return {};
}

// Some actions take few fields and want all others left alone.
result<void> check_unused_fields(const rule_config& config) {
  const rule_config defaults;
  bool plain = config.modulus == defaults.modulus && config.separator == defaults.separator &&
               config.replacement == defaults.replacement;
  if (one_of(config.action, {action::keepequal, action::dropequal}) && (!plain || config.regex != defaults.regex)) {
    return fail(errc::invalid_argument,
                std::string(to_string(config.action)) +
                    " action requires only 'source_labels' and `target_label`, and no other fields");
  }
  bool sourced = !config.source_labels.empty() || !config.target_label.empty();
  if (one_of(config.action, {action::labeldrop, action::labelkeep}) && (!plain || sourced)) {
    return fail(errc::invalid_argument,
                std::string(to_string(config.action)) + " action requires only 'regex', and no other fields");
  }
  return {};
}

}  // namespace

std::string_view to_string(action action) {
  for (const auto& [candidate, name] : action_names) {
    if (candidate == action) return name;
  }
  return "unknown";
}

std::optional<action> parse_action(std::string_view text) {
  const auto lower = ascii_lower(text);
  for (const auto& [candidate, name] : action_names) {
    if (name == lower) return candidate;
  }
  return std::nullopt;
}

result<void> validate_fields(const rule_config& config, name_validation scheme) {
  for (const auto& name : config.source_labels) {
    if (!is_valid_label_name(name, name_validation::utf8)) {
      return fail(errc::invalid_argument, quoted(name) + " is not a valid label name");
    }
  }
  if (config.action == action::hashmod && config.modulus == 0) {
    return fail(errc::invalid_argument, "relabel configuration for hashmod requires non-zero modulus");
  }
  if (auto done = check_target_label(config, scheme); !done) return done;
  if (auto done = check_replacement(config, scheme); !done) return done;
  return check_unused_fields(config);
}

result<void> validate(const rule_config& config, name_validation scheme) {
  if (auto pattern = regex::compile(config.regex); !pattern) return tl::unexpected(std::move(pattern.error()));
  return validate_fields(config, scheme);
}

}  // namespace rollcall::relabel
