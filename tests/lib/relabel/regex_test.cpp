#include "lib/relabel/regex.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace rollcall;
using namespace rollcall::relabel;

namespace {

std::string error_of(std::string_view pattern) {
  auto compiled = regex::compile(pattern);
  return compiled ? "" : compiled.error().message;
}

std::string translated(std::string_view pattern) {
  auto out = to_re2(pattern);
  return out ? *out : "error: " + out.error().message;
}

// Group 1 of the match, or "-" without one.
std::string group_one(std::string_view pattern, std::string_view text) {
  auto compiled = regex::compile(pattern);
  REQUIRE(compiled.has_value());
  std::array<std::string_view, 2> captures;
  CHECK(compiled->matches(text) == compiled->match(text, captures));
  return compiled->match(text, captures) ? std::string(captures[1]) : "-";
}

}  // namespace

TEST_CASE("Go's way to name a group becomes RE2's") {
  CHECK(translated("(?<a>x)") == "(?P<a>x)");
  CHECK(translated("(?P<a>x)(?<b_1>y)") == "(?P<a>x)(?P<b_1>y)");
  CHECK(translated("((?<a>x))") == "((?P<a>x))");
  CHECK(translated("[(?<a>]") == "[(?<a>]");
  CHECK(translated("\\(?<a>") == "\\(?<a>");
  CHECK(translated("\\Q(?<a>x)\\E(?<a>x)") == "\\Q(?<a>x)\\E(?P<a>x)");
  CHECK(translated("[]\\](?<]") == "[]\\](?<]");
  CHECK(translated("[^](?<][[:alpha:](](?<a>x)") == "[^](?<][[:alpha:](](?P<a>x)");
  CHECK(translated("a\\_b") == "a_b");
  CHECK(translated("") == "");
}

TEST_CASE("what Go refuses is refused, in Go's words") {
  CHECK(error_of("a\\C") == "error parsing regexp: invalid escape sequence: `\\C`");
  CHECK(error_of("a)|(?:b") == "error parsing regexp: unexpected ): `a)|(?:b`");
  CHECK(error_of("(?<é>x)") == "error parsing regexp: invalid named capture: `(?<é>`");
  CHECK(error_of("(?P<>x)") == "error parsing regexp: invalid named capture: `(?P<>`");
  CHECK(error_of("(?<a") == "error parsing regexp: invalid named capture: `(?<a`");
  CHECK(error_of("*").starts_with("error parsing regexp: missing argument to repetition operator: `*`"));
  CHECK(error_of("a{1001}") == "error parsing regexp: invalid repeat count: `{1001}`");
  CHECK(error_of("[b-a]") == "error parsing regexp: invalid character class range: `b-a`");
  CHECK(error_of("[a").starts_with("error parsing regexp: missing closing ]"));
  CHECK(error_of("(a").starts_with("error parsing regexp: missing closing )"));
  CHECK(error_of("\\1") == "error parsing regexp: invalid escape sequence: `\\1`");
  CHECK(error_of("\\pX").starts_with("error parsing regexp: invalid character class range"));
  CHECK(error_of("a(?=b)").starts_with("error parsing regexp: invalid or unsupported Perl syntax"));
  CHECK(error_of("a(?<=b)").starts_with("error parsing regexp: invalid or unsupported Perl syntax"));
  CHECK(error_of("a(?<!b)").starts_with("error parsing regexp: invalid or unsupported Perl syntax"));
  CHECK(error_of("\xFF").starts_with("error parsing regexp: invalid UTF-8"));
  CHECK(error_of("ab\\").starts_with("error parsing regexp: "));
  CHECK(error_of("\\Qab").starts_with("error parsing regexp: "));
  CHECK(error_of("((((a{100}){100}){100}){100})").starts_with("error parsing regexp: "));
}

TEST_CASE("simple expressions are recognised") {
  using rest = simple_regex::rest;
  struct {
    std::string_view pattern;
    std::vector<std::string> literals;
    rest tail;
    bool captures;
  } cases[] = {
      {"(.*)", {""}, rest::any, true},
      {".*", {""}, rest::any, false},
      {"(.+)", {""}, rest::some, true},
      {".+", {""}, rest::some, false},
      {"", {""}, rest::none, false},
      {"()", {""}, rest::none, true},
      {"true", {"true"}, rest::none, false},
      {"(true)", {"true"}, rest::none, true},
      {"b|a|b|c", {"a", "b", "c"}, rest::none, false},
      {"(b|a)", {"a", "b"}, rest::none, true},
      {"(?:b|a)", {"a", "b"}, rest::none, false},
      {"a|", {"", "a"}, rest::none, false},
      {"a\\.b\\|c|d", {"a.b|c", "d"}, rest::none, false},
      {"x_(.+)", {"x_"}, rest::some, true},
      {"x\\..*", {"x."}, rest::any, false},
      {"ä", {"ä"}, rest::none, false},
      {"a\\_b", {"a_b"}, rest::none, false},
  };
  for (const auto& c : cases) {
    INFO(c.pattern);
    auto simple = to_simple(c.pattern);
    REQUIRE(simple.has_value());
    CHECK(simple->literals == c.literals);
    CHECK(simple->tail == c.tail);
    CHECK(simple->captures == c.captures);
  }
}

TEST_CASE("all other expressions are left to the engine") {
  for (std::string_view pattern :
       {"a.b",  "a+",   "a?",      "(a)(b)", "(a)|(b)", "(a",           "a)",       "(a\\)",  "\\d",
        "a\\",  "[a]",  "a{2}",    "^a",     "a$",      "(?i)a",        "(?P<n>a)", "a|.*",   "(a.*)",
        "a.*?", "\\.*", "x\\(.*)", "(.*)b",  "\xFF",    "\xEF\xBF\xBD", "(?i:a|b)", "\\Qa\\E"}) {
    INFO(pattern);
    CHECK_FALSE(to_simple(pattern).has_value());
  }
}

TEST_CASE("simple expressions capture as the engine does") {
  CHECK(group_one("(.*)", "") == "");
  CHECK(group_one("(.*)", "a\nb") == "a\nb");
  CHECK(group_one("(.+)", "") == "-");
  CHECK(group_one("(.+)", "\xFF") == "\xFF");
  CHECK(group_one("x_(.+)", "x_") == "-");
  CHECK(group_one("x_(.+)", "x_y") == "y");
  CHECK(group_one("x_(.*)", "x_") == "");
  CHECK(group_one("x_(.*)", "x") == "-");
  CHECK(group_one("x_.*", "x_y") == "");
  CHECK(group_one("(a|bc)", "bc") == "bc");
  CHECK(group_one("(a|bc)", "b") == "-");
  CHECK(group_one("(?:a|bc)", "bc") == "");
  CHECK(group_one("a|bc", "a|bc") == "-");
}

TEST_CASE("simple expressions and the engine agree on random texts") {
  std::mt19937 random(11);
  auto text = [&](std::string_view alphabet, size_t longest) {
    std::string out(std::uniform_int_distribution<size_t>(0, longest)(random), ' ');
    for (char& c : out) c = alphabet[std::uniform_int_distribution<size_t>(0, alphabet.size() - 1)(random)];
    return out;
  };
  size_t simple_count = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string pattern = text("ab|()*.+\\?:", 7);
    auto quick = regex::compile(pattern);
    if (!quick || !to_simple(pattern)) continue;
    ++simple_count;
    // A group that can only be empty makes the expression one for the engine and changes nothing else.
    auto engine = regex::compile("(?:" + pattern + ")(?:x{0})");
    REQUIRE(engine.has_value());
    CHECK(quick->groups() == engine->groups());
    for (int i = 0; i < 10; ++i) {
      std::string subject = text("ab.|\n", 4);
      std::array<std::string_view, 2> left, right;
      INFO(pattern << " on " << subject);
      bool matched = quick->match(subject, left);
      REQUIRE(matched == engine->match(subject, right));
      if (matched) REQUIRE(left == right);
    }
  }
  CHECK(simple_count > 1000);
}

TEST_CASE("captures beyond those of the expression are empty") {
  auto compiled = regex::compile("a(b)c[d]");
  std::array<std::string_view, 4> captures = {"old", "old", "old", "old"};
  REQUIRE(compiled->match("abcd", captures));
  CHECK(captures == std::array<std::string_view, 4>{"abcd", "b", "", ""});
}

TEST_CASE("groups are found by name") {
  auto compiled = regex::compile("(x)(?<second>y)");
  CHECK(compiled->groups() == 2);
  CHECK(compiled->groups_named("second") == std::vector<size_t>{2});
  CHECK(compiled->groups_named("first").empty());
  CHECK(regex::compile("(.*)")->groups_named("x").empty());
  CHECK(regex::compile("(?<n>x)|(?P<n>y)")->groups_named("n") == std::vector<size_t>{1, 2});
}

TEST_CASE("the end of the text is the end, not the last line") {
  CHECK_FALSE(regex::compile("a[b]")->matches("ab\n"));
  CHECK(regex::compile("(?m)a$.[b]")->matches("a\nb"));
  CHECK_FALSE(regex::compile("a$.[b]")->matches("a\nb"));
}
