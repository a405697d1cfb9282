#include "tests/conformance/relabel_case.hpp"

#include "config/relabel_section.hpp"
#include "config/yaml_reader.hpp"
#include "tests/conformance/label_notation.hpp"

namespace rollcall::conformance {

namespace {

name_validation parse_scheme(const field& scheme) {
  if (scheme.value == "utf8") return name_validation::utf8;
  if (scheme.value == "legacy") return name_validation::legacy;
  refuse(scheme, "a scheme is utf8 or legacy");
}

// The rules as a job's metric_relabel_configs are read.
result<relabel::program> compile(const field& rules, name_validation scheme) {
  auto tree = parse_yaml("rules:\n" + rules.text());
  if (!tree) return tl::unexpected(tree.error());
  yaml_source source;
  std::vector<relabel::rule_config> configs;
  yaml_reader whole(source, *tree, "case");
  whole.fields([&](yaml_reader& reader) { read_relabel_section(reader, "rules", "rule of a case", scheme, configs); });
  if (source.fault) return tl::unexpected(*source.fault);
  return relabel::program::compile(configs, scheme);
}

std::string outcome_text(const relabel::verdict& verdict, const label_builder& subject) {
  return verdict.kept ? "result: " + to_notation(subject.build()) : "dropped: " + std::to_string(verdict.dropped_by);
}

}  // namespace

outcome check_relabel(const case_file& stated) {
  outcome found;
  auto scheme = name_validation::utf8;
  result<relabel::program> program = fail(errc::not_found, "the case has no rules");
  const field* subject = nullptr;
  for (const auto& each : stated.fields) {
    if (each.key == "scheme") {
      scheme = parse_scheme(each);
    } else if (each.key == "rules") {
      program = compile(each, scheme);
    } else if (is_error(each)) {
      found.compare_error(each, program ? std::nullopt : std::optional(program.error()));
    } else if (each.key == "labels" && subject == nullptr) {
      subject = &each;
    } else if ((each.key == "result" || each.key == "dropped") && subject != nullptr) {
      if (!program) {
        found.unexpected_error(each, program.error());
        return found;
      }
      label_builder builder(parse_labels(subject->value, *subject));
      auto verdict = program->apply(builder);
      auto expected = each.key == "result" ? to_notation(parse_labels(each.value, each)) : each.value;
      found.compare(each, each.key + ": " + expected, outcome_text(verdict, builder));
      subject = nullptr;
    } else {
      refuse(each, "unknown key, or not after what it belongs to");
    }
  }
  bool is_complete =
      is_error(stated.fields.back()) || stated.fields.back().key == "result" || stated.fields.back().key == "dropped";
  if (!is_complete) refuse(stated.fields.back(), "a case ends with result, dropped or error");
  return found;
}

}  // namespace rollcall::conformance
