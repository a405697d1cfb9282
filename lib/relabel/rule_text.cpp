#include "lib/relabel/rule_text.hpp"

#include "lib/labels/quote.hpp"

namespace rollcall::relabel {

std::string describe(const rule_config& config) {
  const rule_config standard;
  std::string text(to_string(config.action));
  if (!config.source_labels.empty()) {
    text += ", source_labels [";
    for (const auto& name : config.source_labels) {
      if (&name != &config.source_labels.front()) text += ", ";
      text += name;
    }
    text += ']';
  }
  if (config.separator != standard.separator) text += ", separator " + quoted(config.separator);
  if (config.regex != standard.regex) text += ", regex " + quoted(config.regex);
  if (config.modulus != standard.modulus) text += ", modulus " + std::to_string(config.modulus);
  if (config.target_label != standard.target_label) text += ", target_label " + config.target_label;
  if (config.replacement != standard.replacement) text += ", replacement " + quoted(config.replacement);
  return text;
}

}  // namespace rollcall::relabel
