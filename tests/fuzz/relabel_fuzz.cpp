#include "lib/relabel/regex.hpp"
#include "lib/relabel/relabel.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace rollcall;

void require(bool holds) {
  if (!holds) std::abort();
}

// Cuts the next field, up to a line feed, off the input.
std::string_view next_field(std::string_view& input) {
  size_t end = std::min(input.find('\n'), input.size());
  auto field = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return field;
}

// The quick paths for simple expressions and the engine must agree.
void compare_paths(std::string_view pattern, std::string_view subject) {
  auto quick = relabel::regex::compile(pattern);
  auto engine = relabel::regex::compile("(?:" + std::string(pattern) + ")(?:x{0})");
  if (!quick || !engine) return;
  std::array<std::string_view, 4> left, right;
  bool matched = quick->match(subject, left);
  require(matched == quick->matches(subject));
  require(matched == engine->match(subject, right));
  if (!matched) return;
  require(left[0] == subject);
  for (size_t i = 0; i < left.size(); ++i) {
    require(left[i] == right[i]);
    bool inside = left[i].empty() || (left[i].data() >= subject.data() &&
                                      left[i].data() + left[i].size() <= subject.data() + subject.size());
    require(inside);
  }
}

void apply_rule(const relabel::rule_config& config, name_validation scheme, const labels& input) {
  auto program = relabel::program::compile(std::vector{config}, scheme);
  require(program.has_value() == relabel::validate(config, scheme).has_value());
  if (!program) return;
  label_builder subject(input);
  bool kept = program->apply(subject).kept;
  auto output = subject.build();
  require(labels::of(subject.pairs()) == output);
  if (!kept) return;
  // What a rule does not touch stays as it was.
  for (auto [name, value] : input) {
    if (!program->touches(name)) require(output.get(name) == value);
  }
  for (auto [name, value] : output) {
    if (!program->touches(name)) require(input.get(name) == value);
  }
}

}  // namespace

// Fields, one a line: regex, replacement, target label; the rest of the input is the value.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty() || size > 4096) return 0;
  uint8_t choice = data[0];
  input.remove_prefix(1);
  relabel::rule_config config;
  config.action = static_cast<relabel::action>(choice % 11);
  config.regex = next_field(input);
  if (auto replacement = next_field(input); !replacement.empty()) config.replacement = replacement;
  config.target_label = next_field(input);
  config.source_labels = {"a", "b"};
  config.modulus = choice;
  if (config.action == relabel::action::labeldrop || config.action == relabel::action::labelkeep) {
    config.source_labels.clear();
    config.modulus = 0;
  }
  compare_paths(config.regex, input);
  auto subject = labels::of({{"a", std::string(input)}, {"b", "x"}, {std::string(input), "named"}, {"job", "node"}});
  for (auto scheme : {name_validation::utf8, name_validation::legacy}) apply_rule(config, scheme, subject);
  return 0;
}
