#include "lib/relabel/relabel.hpp"

#include "tests/lib/relabel/relabel_case.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::relabel;
using rollcall::relabel::testing::rule;

namespace {

struct relabel_case {
  std::string title;
  labels input;
  std::vector<rule_config> rules;
  std::optional<labels> expected;  // nothing: dropped
  size_t dropped_by = 0;
};

labels set(std::vector<std::pair<std::string, std::string>> pairs) { return labels::of(std::move(pairs)); }

const labels abc = set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}});

std::vector<relabel_case> replace_cases() {
  return {
      {"replace copies a whole value by default",
       abc,
       {rule().from({"a"}).to("d")},
       set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"d", "foo"}})},
      {"replace joins its sources with semicolons",
       abc,
       {rule().from({"a", "b", "c"}).to("d")},
       set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"d", "foo;bar;baz"}})},
      {"replace joins with the separator given",
       abc,
       {rule().from({"a", "b"}).to("d").join("--")},
       set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"d", "foo--bar"}})},
      {"an empty separator joins directly",
       abc,
       {rule().from({"a", "b"}).to("d").join("")},
       set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"d", "foobar"}})},
      {"a missing source counts as empty",
       abc,
       {rule().from({"none", "b"}).to("d")},
       set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"d", ";bar"}})},
      {"replace does nothing without a match", abc, {rule().from({"a"}).re("bar").to("d").with("x")}, abc},
      {"the regex must match the whole value", abc, {rule().from({"a"}).re("fo").to("d").with("x")}, abc},
      {"a part of the value is enough with open ends",
       abc,
       {rule().from({"a"}).re(".*o.*").to("a").with("x")},
       set({{"a", "x"}, {"b", "bar"}, {"c", "baz"}})},
      {"groups are reordered",
       set({{"a", "one:two"}}),
       {rule().from({"a"}).re("(.*):(.*)").to("b").with("$2:$1")},
       set({{"a", "one:two"}, {"b", "two:one"}})},
      {"groups may be in braces",
       set({{"a", "host:80"}}),
       {rule().from({"a"}).re("([^:]+):(\\d+)").to("b").with("${1}x${2}")},
       set({{"a", "host:80"}, {"b", "hostx80"}})},
      {"groups may have names in the older form",
       set({{"a", "host:80"}}),
       {rule().from({"a"}).re("(?P<host>[^:]+):.*").to("b").with("${host}")},
       set({{"a", "host:80"}, {"b", "host"}})},
      {"groups may have names in the newer form",
       set({{"a", "host:80"}}),
       {rule().from({"a"}).re("(?<host>[^:]+):(?<port>.*)").to("b").with("$port.$host")},
       set({{"a", "host:80"}, {"b", "80.host"}})},
      {"group 0 is the whole value",
       set({{"a", "foo"}}),
       {rule().from({"a"}).re("f.*").to("b").with("<$0>")},
       set({{"a", "foo"}, {"b", "<foo>"}})},
      {"a name takes the longest run of word characters",
       set({{"a", "foo"}}),
       {rule().from({"a"}).to("b").with("$1x-${1}x")},
       set({{"a", "foo"}, {"b", "-foox"}})},
      {"letters outside ASCII belong to the name as well",
       set({{"a", "foo"}}),
       {rule().from({"a"}).to("b").with("$1é|$1-")},
       set({{"a", "foo"}, {"b", "|foo-"}})},
      {"two dollars make one",
       set({{"a", "foo"}}),
       {rule().from({"a"}).to("b").with("$$1=$1")},
       set({{"a", "foo"}, {"b", "$1=foo"}})},
      {"a dollar before anything else stands for itself",
       set({{"a", "foo"}}),
       {rule().from({"a"}).to("b").with("$-${}-${1-$")},
       set({{"a", "foo"}, {"b", "$-${}-${1-$"}})},
      {"a group that does not exist is empty",
       set({{"a", "foo"}}),
       {rule().from({"a"}).to("b").with("<$2$12345678901$x>")},
       set({{"a", "foo"}, {"b", "<>"}})},
      {"a number with a leading zero is a name",
       set({{"a", "foo"}}),
       {rule().from({"a"}).to("b").with("<$01>")},
       set({{"a", "foo"}, {"b", "<>"}})},
      {"a group that took no part is empty",
       set({{"a", "x"}}),
       {rule().from({"a"}).re("(y)?x").to("b").with("<$1>")},
       set({{"a", "x"}, {"b", "<>"}})},
      {"of groups with one name the first that took part counts",
       set({{"a", "y"}}),
       {rule().from({"a"}).re("(?<n>x)|(?<n>y)|(?<n>z)").to("b").with("<$n>")},
       set({{"a", "y"}, {"b", "<y>"}})},
      {"more than eight groups work",
       set({{"a", "abcdefghij"}}),
       {rule().from({"a"}).re("(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)").to("b").with("$10$9$8$1")},
       set({{"a", "abcdefghij"}, {"b", "jiha"}})},
      {"an empty result deletes the target label",
       abc,
       {rule().from({"a"}).re("f(x?)oo").to("b")},
       set({{"a", "foo"}, {"c", "baz"}})},
      {"an empty replacement deletes the target label",
       abc,
       {rule().from({"a"}).re("foo").to("a").with("")},
       set({{"b", "bar"}, {"c", "baz"}})},
      {"without sources a label is simply set",
       set({{"a", "1"}}),
       {rule().to("b").with("fixed")},
       set({{"a", "1"}, {"b", "fixed"}})},
      {"without sources and with an empty replacement a label is deleted",
       abc,
       {rule().to("b").with("")},
       set({{"a", "foo"}, {"c", "baz"}})},
      {"without sources a regex that needs text does not match", abc, {rule().re(".+").to("b").with("x")}, abc},
      {"the name of the target may come from the value",
       set({{"a", "zone=eu"}}),
       {rule().from({"a"}).re("(.*)=(.*)").to("$1").with("$2")},
       set({{"a", "zone=eu"}, {"zone", "eu"}})},
      {"the name of the target may be put together",
       set({{"a", "foo"}, {"b", "bar"}}),
       {rule().from({"a", "b"}).re("(.*);(.*)").to("x_${1}_$2").with("y")},
       set({{"a", "foo"}, {"b", "bar"}, {"x_foo_bar", "y"}})},
      {"a target name that comes out empty is skipped",
       set({{"a", "="}}),
       {rule().from({"a"}).re("(.*)=(.*)").to("$1").with("v")},
       set({{"a", "="}})},
      {"a target name of an unknown group is skipped",
       set({{"a", "x"}}),
       {rule().from({"a"}).to("$7").with("v")},
       set({{"a", "x"}})},
      {"a dot matches a newline",
       set({{"a", "one\ntwo"}}),
       {rule().from({"a"}).re("one.two").to("b").with("hit")},
       set({{"a", "one\ntwo"}, {"b", "hit"}})},
      {"a dollar at the end does not match before a last newline",
       set({{"a", "one\n"}}),
       {rule().from({"a"}).re("(?:one)+").to("b").with("hit")},
       set({{"a", "one\n"}})},
      {"case is ignored on request",
       set({{"a", "PROD"}}),
       {rule().from({"a"}).re("(?i)prod").to("b").with("hit")},
       set({{"a", "PROD"}, {"b", "hit"}})},
      {"the first alternative that fits the whole value wins",
       set({{"a", "ab"}}),
       {rule().from({"a"}).re("(a|ab)(c|bcd|b?)").to("b").with("$1,$2")},
       set({{"a", "ab"}, {"b", "a,b"}})},
      {"a dot matches one character, not one byte",
       set({{"a", "é"}}),
       {rule().from({"a"}).re("(.)").to("b").with("<$1>")},
       set({{"a", "é"}, {"b", "<é>"}})},
      {"a byte that is not UTF-8 counts as one character",
       set({{"a", "x\xFFy\xE2\x82z"}}),
       {rule().from({"a"}).re("x(.)y(..)(z)").to("b").with("$3$2$1")},
       set({{"a", "x\xFFy\xE2\x82z"}, {"b", "z\xE2\x82\xFF"}})},
      {"a value that is not UTF-8 passes the default regex",
       set({{"a", "\xFF"}}),
       {rule().from({"a"}).to("b")},
       set({{"a", "\xFF"}, {"b", "\xFF"}})},
      {"a rule sees what the rule before it did",
       set({{"a", "1"}}),
       {rule().from({"a"}).to("b").with("$1$1"), rule().from({"b"}).to("c").with("$1$1")},
       set({{"a", "1"}, {"b", "11"}, {"c", "1111"}})},
      {"the source may be the target",
       set({{"a", "1.2.3.4:80"}}),
       {rule().from({"a"}).re("(.*):80").to("a")},
       set({{"a", "1.2.3.4"}})},
      {"literal text with escapes",
       set({{"a", "10.0.0.1"}, {"b", "10x0.0.1"}}),
       {rule().from({"a"}).re("10\\.0\\.0\\.1").to("x").with("hit"), rule().from({"b"}).re("10\\.0\\.0\\.1").to("y")},
       set({{"a", "10.0.0.1"}, {"b", "10x0.0.1"}, {"x", "hit"}})},
      {"a literal prefix leaves the rest to the group",
       set({{"a", "app-web-1"}}),
       {rule().from({"a"}).re("app-(.+)").to("b"), rule().from({"a"}).re("app-web-1(.+)").to("c").with("no"),
        rule().from({"a"}).re("app-web-1(.*)").to("d").with("<$1>")},
       set({{"a", "app-web-1"}, {"b", "web-1"}, {"d", "<>"}})},
  };
}

std::vector<relabel_case> filter_cases() {
  return {
      {"keep keeps what matches", abc, {rule(action::keep).from({"a"}).re("foo")}, abc},
      {"keep drops what does not", abc, {rule(action::keep).from({"a"}).re("fo")}, std::nullopt},
      {"keep takes any of several", abc, {rule(action::keep).from({"b"}).re("foo|bar|baz")}, abc},
      {"keep with a group of alternatives", abc, {rule(action::keep).from({"b"}).re("(foo|baz)")}, std::nullopt},
      {"keep on a missing label needs a regex that takes nothing",
       abc,
       {rule(action::keep).from({"none"}).re("")},
       abc},
      {"keep on a missing label drops if something is needed",
       abc,
       {rule(action::keep).from({"none"}).re(".+")},
       std::nullopt},
      {"keep without sources sees an empty value", abc, {rule(action::keep).re("x")}, std::nullopt},
      {"an empty alternative takes nothing", abc, {rule(action::keep).from({"none"}).re("|true")}, abc},
      {"drop drops what matches", abc, {rule(action::drop).from({"a"}).re(".*o")}, std::nullopt},
      {"drop keeps what does not match", abc, {rule(action::drop).from({"a"}).re("f")}, abc},
      {"drop on joined values", abc, {rule(action::drop).from({"a", "b"}).re("foo;bar")}, std::nullopt},
      {"drop by default regex drops everything", abc, {rule(action::drop).from({"a"})}, std::nullopt},
      {"the first rule that drops is named",
       abc,
       {rule().from({"a"}).to("z"), rule(action::keep).from({"z"}).re("foo"), rule(action::drop).from({"z"}).re("foo"),
        rule(action::drop).from({"a"})},
       std::nullopt,
       2},
      {"no rule runs after the drop",
       abc,
       {rule(action::drop).from({"a"}), rule(action::keep).from({"a"}).re("foo")},
       std::nullopt,
       0},
      {"keepequal keeps equal values",
       set({{"a", "x"}, {"b", "x"}}),
       {rule(action::keepequal).from({"a"}).to("b")},
       set({{"a", "x"}, {"b", "x"}})},
      {"keepequal drops different values", abc, {rule(action::keepequal).from({"a"}).to("b")}, std::nullopt},
      {"keepequal takes two missing labels for equal", abc, {rule(action::keepequal).from({"y"}).to("z")}, abc},
      {"keepequal compares the joined value",
       set({{"a", "1"}, {"b", "2"}, {"c", "1;2"}}),
       {rule(action::keepequal).from({"a", "b"}).to("c")},
       set({{"a", "1"}, {"b", "2"}, {"c", "1;2"}})},
      {"dropequal drops equal values",
       set({{"a", "x"}, {"b", "x"}}),
       {rule(action::dropequal).from({"a"}).to("b")},
       std::nullopt},
      {"dropequal keeps different values", abc, {rule(action::dropequal).from({"a"}).to("b")}, abc},
      {"a regex that uses a class and counts",
       set({{"port", "9100"}}),
       {rule(action::keep).from({"port"}).re("9[0-9]{3}")},
       set({{"port", "9100"}})},
      {"without rules everything stays", abc, {}, abc},
  };
}

std::vector<relabel_case> label_cases() {
  const labels meta = set({{"__meta_app", "web"}, {"__meta_zone", "eu"}, {"job", "node"}});
  return {
      // RFC 1321 gives the digests: that of "" ends in e9800998ecf8427e, that of "abc" in d6963f7d28e17f72.
      {"hashmod by one sends everything to 0",
       abc,
       {rule(action::hashmod).from({"a"}).to("h").modulo(1)},
       set({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}, {"h", "0"}})},
      {"hashmod of nothing takes the digest of nothing",
       set({{"a", "x"}}),
       {rule(action::hashmod).from({"none"}).to("h").modulo(UINT64_MAX)},
       set({{"a", "x"}, {"h", std::to_string(0xe9800998ecf8427eu)}})},
      {"hashmod takes the last eight bytes, first byte highest",
       set({{"a", "abc"}}),
       {rule(action::hashmod).from({"a"}).to("h").modulo(UINT64_MAX)},
       set({{"a", "abc"}, {"h", std::to_string(0xd6963f7d28e17f72u)}})},
      {"hashmod gives the remainder",
       set({{"a", "abc"}}),
       {rule(action::hashmod).from({"a"}).to("h").modulo(1000)},
       set({{"a", "abc"}, {"h", std::to_string(0xd6963f7d28e17f72u % 1000)}})},
      {"hashmod joins its sources",
       set({{"a", "a"}, {"b", "c"}}),
       {rule(action::hashmod).from({"a", "b"}).join("b").to("h").modulo(1000)},
       set({{"a", "a"}, {"b", "c"}, {"h", std::to_string(0xd6963f7d28e17f72u % 1000)}})},
      {"hashmod shards with keep",
       set({{"a", "abc"}}),
       {rule(action::hashmod).from({"a"}).to("__tmp").modulo(2), rule(action::keep).from({"__tmp"}).re("1")},
       std::nullopt,
       1},
      {"labelmap copies under the name captured",
       meta,
       {rule(action::labelmap).re("__meta_(.+)")},
       set({{"__meta_app", "web"}, {"__meta_zone", "eu"}, {"app", "web"}, {"job", "node"}, {"zone", "eu"}})},
      {"labelmap builds names around the capture",
       meta,
       {rule(action::labelmap).re("__meta_(app)").with("k8s_${1}_x")},
       set({{"__meta_app", "web"}, {"__meta_zone", "eu"}, {"job", "node"}, {"k8s_app_x", "web"}})},
      {"labelmap replaces what it maps onto",
       meta,
       {rule(action::labelmap).re("__meta_zone").with("job")},
       set({{"__meta_app", "web"}, {"__meta_zone", "eu"}, {"job", "eu"}})},
      {"labelmap lets the last of two win",
       set({{"x1", "one"}, {"x2", "two"}, {"x3", "three"}}),
       {rule(action::labelmap).re("x([12])").with("y")},
       set({{"x1", "one"}, {"x2", "two"}, {"x3", "three"}, {"y", "two"}})},
      {"labelmap does not map what it has just made",
       set({{"aa", "1"}}),
       {rule(action::labelmap).re("a(.*)").with("a$1$1")},
       set({{"aa", "1"}, {"aaa", "1"}})},
      {"labelmap sees values from before the rule",
       set({{"a1", "x"}, {"b1", "y"}}),
       {rule(action::labelmap).re("(?:a|b)1").with("b1")},
       set({{"a1", "x"}, {"b1", "y"}})},
      {"labelmap without a match changes nothing", meta, {rule(action::labelmap).re("foo_(.*)")}, meta},
      {"labeldrop removes by name", meta, {rule(action::labeldrop).re("__meta_.*")}, set({{"job", "node"}})},
      {"labeldrop needs the whole name", meta, {rule(action::labeldrop).re("__meta_")}, meta},
      {"labelkeep keeps by name", meta, {rule(action::labelkeep).re("job|instance")}, set({{"job", "node"}})},
      {"labelkeep may remove everything", meta, {rule(action::labelkeep).re("none")}, labels()},
      {"lowercase maps letters of any script",
       set({{"a", "ÀÉ ΑΒΓΔ ЖЯ ԱԲ Ａ Ǆ ŁŽ 123"}}),
       {rule(action::lowercase).from({"a"}).to("b")},
       set({{"a", "ÀÉ ΑΒΓΔ ЖЯ ԱԲ Ａ Ǆ ŁŽ 123"}, {"b", "àé αβγδ жя աբ ａ ǆ łž 123"}})},
      {"uppercase maps letters of any script",
       set({{"a", "àéÿ αβγδς жя աբ ａ ǆ łž"}}),
       {rule(action::uppercase).from({"a"}).to("b")},
       set({{"a", "àéÿ αβγδς жя աբ ａ ǆ łž"}, {"b", "ÀÉŸ ΑΒΓΔΣ ЖЯ ԱԲ Ａ Ǆ ŁŽ"}})},
      {"uppercase leaves what has no single capital",
       set({{"a", "straße"}}),
       {rule(action::uppercase).from({"a"}).to("a")},
       set({{"a", "STRAßE"}})},
      {"lowercase joins its sources and ignores the regex",
       abc,
       {rule(action::uppercase).from({"a", "b"}).re("nothing").to("a")},
       set({{"a", "FOO;BAR"}, {"b", "bar"}, {"c", "baz"}})},
      {"lowercase of nothing deletes",
       abc,
       {rule(action::lowercase).from({"none"}).to("b")},
       set({{"a", "foo"}, {"c", "baz"}})},
      {"a byte that is not UTF-8 becomes U+FFFD in another case",
       set({{"a", "A\xFF"}}),
       {rule(action::lowercase).from({"a"}).to("a")},
       set({{"a", "a\xEF\xBF\xBD"}})},
      {"label names may be any UTF-8",
       set({{"app.io/näme", "v"}}),
       {rule().from({"app.io/näme"}).to("näme"), rule(action::labeldrop).re("app\\.io/.*")},
       set({{"näme", "v"}})},
  };
}

void check_all(const std::vector<relabel_case>& cases) {
  for (const auto& c : cases) {
    INFO(c.title);
    auto compiled = program::compile(c.rules, name_validation::utf8);
    REQUIRE(compiled.has_value());
    CHECK(compiled->size() == c.rules.size());
    label_builder subject(c.input);
    auto outcome = compiled->apply(subject);
    REQUIRE(outcome.kept == c.expected.has_value());
    if (outcome.kept) {
      CHECK(subject.build().to_string() == c.expected->to_string());
    } else {
      CHECK(outcome.dropped_by == c.dropped_by);
    }
  }
}

}  // namespace

TEST_CASE("replace rewrites labels") { check_all(replace_cases()); }

TEST_CASE("keep, drop and their equal forms decide on the set") { check_all(filter_cases()); }

TEST_CASE("labels are hashed, mapped, removed and change their case") { check_all(label_cases()); }

TEST_CASE("the legacy scheme skips names that it does not allow") {
  std::vector<rule_config> rules = {rule().from({"a"}).re("(.*)=(.*)").to("$1").with("$2")};
  auto input = labels::of({{"a", "my.zone=eu"}});
  label_builder legacy(input);
  CHECK(program::compile(rules, name_validation::legacy)->apply(legacy).kept);
  CHECK(legacy.build() == input);
  label_builder utf8(input);
  CHECK(program::compile(rules, name_validation::utf8)->apply(utf8).kept);
  CHECK(utf8.get("my.zone") == "eu");
}

TEST_CASE("one program serves subject after subject") {
  std::vector<rule_config> rules = {rule().from({"a", "b"}).re("(.*);(.*)").to("c").with("$2$1")};
  auto compiled = program::compile(rules, name_validation::utf8);
  auto copy = *compiled;
  for (int i = 0; i < 100; ++i) {
    auto text = std::to_string(i);
    label_builder subject(labels::of({{"a", text}, {"b", "x"}}));
    CHECK(copy.apply(subject).kept);
    CHECK(subject.get("c") == "x" + text);
  }
}

TEST_CASE("an empty program keeps everything and touches nothing") {
  program none;
  label_builder subject(abc);
  CHECK(none.apply(subject).kept);
  CHECK(none.empty());
  CHECK_FALSE(none.touches("a"));
}

TEST_CASE("a program knows which labels it may read or change") {
  struct {
    rule_config rule;
    std::vector<std::string> touched, untouched;
  } cases[] = {
      {rule().from({"a", "b"}).to("c"), {"a", "b", "c"}, {"d", "", "__name__"}},
      {rule().from({"a"}).to("$1"), {"a", "anything", "job"}, {}},
      {rule().from({"a"}).re("(.*)_(.*)").to("x_${1}_y"), {"a", "x_1_y", "x__y"}, {"job", "x_1", "1_y", "x_y"}},
      {rule().from({"a"}).to("$$b"), {"a", "$b"}, {"b", "$$b"}},
      {rule(action::keep).from({"a"}), {"a"}, {"b", ""}},
      {rule(action::drop).from({"a"}), {"a"}, {"b"}},
      {rule(action::keepequal).from({"a"}).to("b"), {"a", "b"}, {"c"}},
      {rule(action::dropequal).from({"a"}).to("b"), {"a", "b"}, {"c"}},
      {rule(action::hashmod).from({"a"}).to("b").modulo(2), {"a", "b"}, {"c"}},
      {rule(action::lowercase).from({"a"}).to("b"), {"a", "b"}, {"c"}},
      {rule(action::uppercase).from({"a"}).to("b"), {"a", "b"}, {"c"}},
      {rule(action::labelmap).re("in_(.*)"), {"in_x", "job", "anything"}, {}},
      {rule(action::labelmap).re("in_(.*)").with("out_$1"), {"in_x", "out_x"}, {"job", "xin_x"}},
      {rule(action::labelmap).re("in").with("out"), {"in", "out"}, {"job", "out_"}},
      {rule(action::labeldrop).re("tmp_.*"), {"tmp_", "tmp_a"}, {"job"}},
      {rule(action::labelkeep).re("job|instance"), {"zone", ""}, {"job", "instance"}},
  };
  for (const auto& c : cases) {
    INFO(to_string(c.rule.action) << " " << c.rule.regex << " -> " << c.rule.target_label << " " << c.rule.replacement);
    auto compiled = program::compile(std::vector{c.rule}, name_validation::utf8);
    REQUIRE(compiled.has_value());
    for (const auto& name : c.touched) CHECK(compiled->touches(name));
    for (const auto& name : c.untouched) CHECK_FALSE(compiled->touches(name));
  }
}

TEST_CASE("a program touches what any of its rules touches") {
  std::vector<rule_config> rules = {rule(action::drop).from({"a"}).re("x"), rule(action::labeldrop).re("b")};
  auto compiled = program::compile(rules, name_validation::utf8);
  CHECK(compiled->touches("a"));
  CHECK(compiled->touches("b"));
  CHECK_FALSE(compiled->touches("c"));
}
