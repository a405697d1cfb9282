#include "config/relabel_section.hpp"

#include "lib/labels/quote.hpp"

#include <fmt/format.h>

namespace rollcall {
namespace {

// More rules than anybody writes; each costs time for every target or series.
constexpr size_t rules_max = 10'000;

void read_rule(yaml_reader& reader, name_validation scheme, relabel::rule_config& out) {
  reader.read("source_labels", out.source_labels);
  reader.read("separator", out.separator);
  reader.read("regex", out.regex);
  reader.read("modulus", out.modulus);
  reader.read("target_label", out.target_label);
  reader.read("replacement", out.replacement);
  std::string action;
  if (reader.read("action", action)) {
    auto known = relabel::parse_action(action);
    if (!known) return reader.report_at("action", fmt::format("unknown relabel action {}", rollcall::quoted(action)));
    out.action = *known;
  }
  for (size_t i = 0; i < out.source_labels.size(); ++i)
    if (!is_valid_label_name(out.source_labels[i], name_validation::utf8))
      reader.report_at("source_labels", i,
                       fmt::format("{} is not a valid label name", rollcall::quoted(out.source_labels[i])));
  if (auto valid = relabel::validate(out, scheme); !valid) reader.report(valid.error().message, valid.error().code);
}

}  // namespace

void read_relabel_section(yaml_reader& reader, std::string_view key, std::string_view place, name_validation scheme,
                          std::vector<relabel::rule_config>& out) {
  reader.read_list(key, "relabel_config", fmt::format("empty or null {}", place), [&](yaml_reader& rule) {
    if (out.size() >= rules_max) return rule.report(fmt::format("more than {} relabeling rules", rules_max));
    read_rule(rule, scheme, out.emplace_back());
  });
}

void write_relabel_section(yaml_writer& writer, std::string_view key, const std::vector<relabel::rule_config>& rules) {
  if (rules.empty()) return;
  const relabel::rule_config standard;
  writer.list(key, [&] {
    for (const auto& rule : rules)
      writer.item([&] {
        writer.optional("source_labels", rule.source_labels);
        writer.optional("separator", rule.separator, standard.separator);
        writer.optional("regex", rule.regex, standard.regex);
        writer.optional("modulus", rule.modulus);
        writer.optional("target_label", rule.target_label);
        writer.optional("replacement", rule.replacement, standard.replacement);
        writer.field("action", relabel::to_string(rule.action));
      });
  });
}

}  // namespace rollcall
