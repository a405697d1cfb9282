#include "lib/relabel/relabel.hpp"
#include "tests/lib/relabel/relabel_case.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::relabel;
using rollcall::relabel::testing::rule;

namespace {

struct validation_case {
  rule_config config;
  std::string utf8;  // the message expected, "" for none
  std::string legacy;
};

void check_all(const std::vector<validation_case>& cases) {
  for (const auto& c : cases) {
    INFO(to_string(c.config.action) << " to " << c.config.target_label << " with " << c.config.replacement);
    auto message = [&](name_validation scheme) {
      auto done = validate(c.config, scheme);
      return done ? std::string() : done.error().message;
    };
    CHECK(message(name_validation::utf8) == c.utf8);
    CHECK(message(name_validation::legacy) == c.legacy);
  }
}

validation_case wrong(rule_config config, const std::string& message) { return {std::move(config), message, message}; }
validation_case right(rule_config config) { return {std::move(config), "", ""}; }
validation_case right_in_utf8(rule_config config, const std::string& message) {
  return {std::move(config), "", message};
}

}  // namespace

TEST_CASE("an action that writes needs a target label") {
  std::string tail = " action requires 'target_label' value";
  for (auto act : {action::replace, action::lowercase, action::uppercase, action::keepequal, action::dropequal}) {
    check_all({wrong(rule(act), "relabel configuration for " + std::string(to_string(act)) + tail)});
  }
  check_all({
      wrong(rule(action::hashmod).modulo(8), "relabel configuration for hashmod" + tail),
      wrong(rule(action::hashmod).to("x"), "relabel configuration for hashmod requires non-zero modulus"),
      wrong(rule(action::hashmod), "relabel configuration for hashmod requires non-zero modulus"),
      right(rule(action::hashmod).to("x").modulo(8)),
      right(rule(action::keep)),
      right(rule(action::drop).from({"a"}).to("ignored").modulo(3)),
      right(rule().to("x")),
  });
}

TEST_CASE("a target label must be a name of the scheme") {
  check_all({
      wrong(rule().to("\xFF"), "\"\\xff\" is invalid 'target_label' for replace action"),
      right_in_utf8(rule().to("a.b"), "\"a.b\" is invalid 'target_label' for replace action"),
      right_in_utf8(rule().to("0a"), "\"0a\" is invalid 'target_label' for replace action"),
      right_in_utf8(rule(action::hashmod).to("a-b").modulo(1), "\"a-b\" is invalid 'target_label' for hashmod action"),
      right_in_utf8(rule(action::hashmod).to("${1}").modulo(1),
                    "\"${1}\" is invalid 'target_label' for hashmod action"),
      right_in_utf8(rule(action::lowercase).to("${3}"), "\"${3}\" is invalid 'target_label' for lowercase action"),
      right_in_utf8(rule(action::uppercase).to("a b"), "\"a b\" is invalid 'target_label' for uppercase action"),
      right_in_utf8(rule(action::keepequal).to("a b"), "\"a b\" is invalid 'target_label' for keepequal action"),
      right_in_utf8(rule(action::dropequal).to("a\"b"), "\"a\\\"b\" is invalid 'target_label' for dropequal action"),
  });
}

TEST_CASE("the target label of replace may refer to groups") {
  for (const char* name : {"$1", "${1}", "label_${1}", "${1}_suffix", "a$1b", "$name", "${first}_${second}", "_$1_2"}) {
    check_all({right(rule().to(name))});
  }
  for (const char* name : {"${", "$", "a-$1", "${a-b}", "$$1", "1$1", "$1.x"}) {
    check_all(
        {right_in_utf8(rule().to(name), "\"" + std::string(name) + "\" is invalid 'target_label' for replace action")});
  }
}

TEST_CASE("the replacement of labelmap makes names") {
  check_all({
      right(rule(action::labelmap).re("x_(.*)")),
      right(rule(action::labelmap).with("y_${1}")),
      wrong(rule(action::labelmap).with("\xC0"), "\"\\xc0\" is invalid 'replacement' for labelmap action"),
      wrong(rule(action::labelmap).with(""), "\"\" is invalid 'replacement' for labelmap action"),
      right_in_utf8(rule(action::labelmap).with("a.$1"), "\"a.$1\" is invalid 'replacement' for labelmap action"),
  });
}

TEST_CASE("some actions take no replacement") {
  for (auto act : {action::lowercase, action::uppercase, action::keepequal, action::dropequal}) {
    check_all({wrong(rule(act).to("x").with("y"),
                     "'replacement' can not be set for " + std::string(to_string(act)) + " action"),
               right(rule(act).from({"a"}).to("x"))});
  }
  check_all({right(rule(action::lowercase).to("x").re("y").join("z").modulo(1))});
}

TEST_CASE("some actions take few fields") {
  for (auto act : {action::keepequal, action::dropequal}) {
    std::string message =
        std::string(to_string(act)) + " action requires only 'source_labels' and `target_label`, and no other fields";
    check_all({wrong(rule(act).to("x").re("y"), message), wrong(rule(act).to("x").modulo(1), message),
               wrong(rule(act).to("x").join(""), message), right(rule(act).from({"a", "b"}).to("x"))});
  }
  for (auto act : {action::labeldrop, action::labelkeep}) {
    std::string message = std::string(to_string(act)) + " action requires only 'regex', and no other fields";
    check_all({wrong(rule(act).from({"a"}), message), wrong(rule(act).to("x"), message),
               wrong(rule(act).modulo(1), message), wrong(rule(act).join(","), message),
               wrong(rule(act).with("x"), message), right(rule(act).re("x.*"))});
  }
}

TEST_CASE("source labels must be names") {
  check_all({wrong(rule().from({"a", ""}).to("x"), "\"\" is not a valid label name"),
             wrong(rule(action::keep).from({"\xFF"}), "\"\\xff\" is not a valid label name"),
             right(rule(action::keep).from({"dotted.name"}))});
}

TEST_CASE("a bad regex is told before anything else") {
  check_all(
      {wrong(rule().re("(").to(""), "error parsing regexp: missing closing ): `^(?s:()$`"),
       wrong(rule(action::labeldrop).re("a**"), "error parsing regexp: invalid nested repetition operator: `**`")});
}

TEST_CASE("compiling names the rule that is wrong") {
  std::vector<rule_config> rules = {rule().to("x"), rule(action::hashmod).to("x"), rule().re("[")};
  auto compiled = program::compile(rules, name_validation::utf8);
  REQUIRE_FALSE(compiled.has_value());
  CHECK(compiled.error().message == "relabel rule 1: relabel configuration for hashmod requires non-zero modulus");
  rules.erase(rules.begin() + 1);
  compiled = program::compile(rules, name_validation::utf8);
  REQUIRE_FALSE(compiled.has_value());
  CHECK(compiled.error().code == errc::syntax);
  CHECK(compiled.error().message.starts_with("relabel rule 1: error parsing regexp: missing closing ]"));
}

TEST_CASE("the names of actions are read in any case and printed in lower case") {
  for (auto act : {action::replace, action::keep, action::drop, action::keepequal, action::dropequal, action::hashmod,
                   action::labelmap, action::labeldrop, action::labelkeep, action::lowercase, action::uppercase}) {
    std::string upper(to_string(act));
    CHECK(parse_action(upper) == act);
    for (char& c : upper) c = static_cast<char>(c - ('a' - 'A'));
    CHECK(parse_action(upper) == act);
  }
  CHECK(to_string(action::keepequal) == "keepequal");
  CHECK_FALSE(parse_action("").has_value());
  CHECK_FALSE(parse_action("replaces").has_value());
}
