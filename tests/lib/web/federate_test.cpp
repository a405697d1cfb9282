#include "lib/web/federate.hpp"

#include "lib/series/scrape_cache.hpp"
#include "lib/web/selector_lexer.hpp"

#include <catch2/catch.hpp>

#include <limits>

namespace rollcall::web {

namespace {

constexpr int64_t now = 1'795'450'000'000;

std::string error_of(std::string_view text) {
  auto parsed = selector::parse(text);
  return parsed ? "no error" : parsed.error().message;
}

bool matches(std::string_view text, std::vector<label> series) {
  auto parsed = selector::parse(text);
  REQUIRE(parsed);
  return parsed->matches(series);
}

/// A target whose scrapes become batches.
class scraped_target {
 public:
  explicit scraped_target(labels own)
      : labels_(std::make_shared<series::target_labels>(std::move(own))),
        cache_(std::make_shared<series::ingest_options>(), labels_) {}

  series::scrape_batch_ptr scrape(std::string_view body, int64_t at) {
    auto scraped = cache_.ingest(body, exposition::format::text, at);
    REQUIRE_FALSE(scraped.failure);
    return series::make_batch(labels_, 1, at, std::move(scraped.parts));
  }

 private:
  series::target_labels_ptr labels_;
  series::scrape_cache cache_;
};

std::string federate(std::vector<std::string_view> selectors, const std::vector<series::scrape_batch_ptr>& batches,
                     const labels& external = {}) {
  auto parsed = parse_selectors(selectors);
  REQUIRE(parsed);
  federation made(std::move(*parsed), {.external_labels = external, .now = now});
  for (const auto& batch : batches) REQUIRE(made.add(*batch));
  return made.finish();
}

}  // namespace

TEST_CASE("refuses malformed selectors in Prometheus's words") {
  struct row {
    std::string text;
    std::string message;
  };
  for (const auto& [text, message] : {
           row{"", "1:1: parse error: unexpected end of input"},
           row{"  ", "1:3: parse error: unexpected end of input"},
           row{"up{", "1:4: parse error: unexpected end of input inside braces"},
           row{"up{a=\"x\",", "1:10: parse error: unexpected end of input inside braces"},
           row{"{,}", R"(1:2: parse error: unexpected "," in label matching, expected identifier or "}")"},
           row{"{a=\"b\",,}", R"(1:8: parse error: unexpected "," in label matching, expected identifier or "}")"},
           row{"up{}}", "1:5: parse error: unexpected character: '}'"},
           row{"up{a}", R"(1:5: parse error: unexpected "}" in label matching, expected label matching operator)"},
           row{"up{a=\"\\q\"}", "1:6: parse error: unknown escape sequence U+0071 'q'"},
           row{"up[5m]", R"(1:3: parse error: unexpected "[")"},
           row{"up{1a=\"x\"}", "1:4: parse error: unexpected character inside braces: '1'"},
           row{"up{a:b=\"x\"}", "1:5: parse error: unexpected character inside braces: ':'"},
           row{"up{a=b}", R"(1:6: parse error: unexpected identifier "b" in label matching, expected string)"},
           row{"up{a==\"b\"}", R"(1:6: parse error: unexpected "=" in label matching, expected string)"},
           row{"\"up\"", R"(1:1: parse error: unexpected string "\"up\"")"},
           row{"up{a=\"x\" b=\"y\"}",
               R"(1:10: parse error: unexpected identifier "b" in label matching, expected "," or "}")"},
           row{"up{a=\"x", "1:6: parse error: unterminated quoted string"},
           row{"up{a=\"x\ny\"}", "1:6: parse error: unterminated quoted string"},
           row{"up{a=`x", "1:6: parse error: unterminated raw string"},
           row{"up{a=\"x\\", "1:6: parse error: unterminated quoted string"},
           row{"up down", R"(1:4: parse error: unexpected identifier "down")"},
           row{"\n up{", "2:5: parse error: unexpected end of input inside braces"},
           row{"-x", R"(1:1: parse error: unexpected "-")"},
       }) {
    CAPTURE(text);
    CHECK(error_of(text) == message);
  }
  CHECK(error_of("up{a=~\"(\"}").starts_with("1:7: parse error: error parsing regexp: missing closing )"));
}

TEST_CASE("selects series by name and labels") {
  std::vector<label> series{{"__name__", "up"}, {"job", "node"}, {"mode", "a\nb"}};
  struct row {
    std::string text;
    bool expected;
  };
  for (const auto& [text, expected] : {row{"up", true},
                                       row{" up # comment", true},
                                       row{"# comment\nup", true},
                                       row{"down", false},
                                       row{"up{}", true},
                                       row{"{}", false},
                                       row{"{__name__=\"up\"}", true},
                                       row{"{\"up\"}", true},
                                       row{"{\"up\",\"job\"='node'}", true},
                                       row{"{\"down\"}", false},
                                       row{"up{__name__=\"down\"}", false},
                                       row{"up{job=\"node\",}", true},
                                       row{"up{job!=\"node\"}", false},
                                       row{"up{job=~\"no.*\"}", true},
                                       row{"up{job=~\"od\"}", false},
                                       row{"up{job!~\"x|node\"}", false},
                                       row{"{job=`node`}", true},
                                       row{"{mode='a\\nb'}", true},
                                       row{"{mode=~\"a.b\"}", true},
                                       row{"{job=\"\\x6e\\u006fd\\145\"}", true},
                                       row{"{absent=\"\"}", true},
                                       row{"{absent!=\"\"}", false},
                                       row{"{absent=~\".*\"}", true},
                                       row{"{job=~\"node\", mode!=\"\", absent=\"\"}", true},
                                       row{"{job=~\"node\", mode=\"\"}", false}}) {
    CAPTURE(text);
    CHECK(matches(text, series) == expected);
  }
}

TEST_CASE("undoes every escape of a string and refuses the rest") {
  CHECK(unescape_string(R"(\a\b\f\n\r\t\v\\\'\")") == std::string("\a\b\f\n\r\t\v\\'\""));
  CHECK(unescape_string(R"(\101\x41\u00e9\U0001F600)") == std::string("AA\xC3\xA9\xF0\x9F\x98\x80"));
  CHECK(unescape_string(R"(\u20ac)") == std::string("\xE2\x82\xAC"));
  for (std::string_view bad :
       {R"(\)", R"(\x4)", R"(\xg0)", R"(\400)", R"(\18)", R"(\ud800)", R"(\U00110000)", R"(\z)"}) {
    CAPTURE(bad);
    CHECK_FALSE(unescape_string(bad));
  }
}

TEST_CASE("writes matching samples by name, untyped and with timestamps") {
  scraped_target target(labels::of({{"instance", "a:1"}, {"job", "node"}}));
  auto batch = target.scrape("zz 3\naa{x=\"2\"} 2.5\naa{x=\"1\"} 1e6\nother 9\n", now - 1000);
  CHECK(federate({"{job=\"node\",__name__!=\"other\"}"}, {batch}) ==
        "# TYPE aa untyped\n"
        "aa{instance=\"a:1\",job=\"node\",x=\"1\"} 1e+06 1795449999000\n"
        "aa{instance=\"a:1\",job=\"node\",x=\"2\"} 2.5 1795449999000\n"
        "# TYPE zz untyped\n"
        "zz{instance=\"a:1\",job=\"node\"} 3 1795449999000\n");
}

TEST_CASE("writes a series that several selectors match once") {
  scraped_target target(labels::of({{"instance", "a:1"}}));
  auto batch = target.scrape("up 1\n", now);
  CHECK(federate({"up", "{instance=\"a:1\"}", "up"}, {batch}) ==
        "# TYPE up untyped\nup{instance=\"a:1\"} 1 1795450000000\n");
}

TEST_CASE("writes nothing without selectors") {
  scraped_target target(labels::of({{"instance", "a:1"}}));
  CHECK(federate({}, {target.scrape("up 1\n", now)}).empty());
}

TEST_CASE("adds external labels where the series has none of that name") {
  scraped_target target(labels::of({{"instance", "a:1"}, {"zone", "own"}}));
  auto batch = target.scrape("up 1\n", now);
  CHECK(federate({"up"}, {batch}, labels::of({{"zone", "eu"}, {"cluster", "c\"1\n"}})) ==
        "# TYPE up untyped\nup{instance=\"a:1\",zone=\"own\",cluster=\"c\\\"1\\n\"} 1 1795450000000\n");
}

TEST_CASE("marks series without instance, unless the external labels have one") {
  scraped_target target{labels()};
  auto batch = target.scrape("up 1\n", now);
  CHECK(federate({"up"}, {batch}) == "# TYPE up untyped\nup{instance=\"\"} 1 1795450000000\n");
  CHECK(federate({"up"}, {batch}, labels::of({{"a", "b"}, {"zone", "eu"}})) ==
        "# TYPE up untyped\nup{a=\"b\",instance=\"\",zone=\"eu\"} 1 1795450000000\n");
  CHECK(federate({"up"}, {batch}, labels::of({{"instance", "x"}})) ==
        "# TYPE up untyped\nup{instance=\"x\"} 1 1795450000000\n");
}

TEST_CASE("leaves stale and old samples out") {
  scraped_target target(labels::of({{"instance", "a:1"}}));
  target.scrape("gone 1\nstays 1\n", now - 2000);
  CHECK(federate({"{__name__=~\".+\"}"}, {target.scrape("stays 2\n", now - 1000)}) ==
        "# TYPE stays untyped\nstays{instance=\"a:1\"} 2 1795449999000\n");
  scraped_target old(labels::of({{"instance", "b:1"}}));
  CHECK(federate({"up"}, {old.scrape("up 1\n", now - federation::age_max)}).empty());
  CHECK_FALSE(federate({"up"}, {old.scrape("up 1\n", now - federation::age_max + 1)}).empty());
}

TEST_CASE("keeps the timestamps that targets give, and judges age by them") {
  scraped_target target(labels::of({{"instance", "a:1"}}));
  std::string body = "a 1\nb 2 " + std::to_string(now - 5000) + "\nc 3 " + std::to_string(now - 600'000) + "\nd 4\n";
  CHECK(federate({"{instance=\"a:1\"}"}, {target.scrape(body, now)}) ==
        "# TYPE a untyped\na{instance=\"a:1\"} 1 1795450000000\n"
        "# TYPE b untyped\nb{instance=\"a:1\"} 2 1795449995000\n"
        "# TYPE d untyped\nd{instance=\"a:1\"} 4 1795450000000\n");
}

TEST_CASE("writes the newest of equal series from several targets") {
  scraped_target one(labels::of({{"instance", "same"}}));
  scraped_target other(labels::of({{"instance", "same"}}));
  auto old = one.scrape("up 1\n", now - 2000);
  auto fresh = other.scrape("up 2\n", now - 1000);
  std::string expected = "# TYPE up untyped\nup{instance=\"same\"} 2 1795449999000\n";
  CHECK(federate({"up"}, {old, fresh}) == expected);
  CHECK(federate({"up"}, {fresh, old}) == expected);
}

TEST_CASE("keeps families together whose names share a beginning, and writes special values") {
  scraped_target target{labels()};
  CHECK(federate({"{__name__=~\"up.*\"}"}, {target.scrape("up_a 1\nup{z=\"1\"} NaN\nup:b +Inf\nup -Inf\n", now)}) ==
        "# TYPE up untyped\nup{instance=\"\"} -Inf 1795450000000\nup{z=\"1\",instance=\"\"} NaN 1795450000000\n"
        "# TYPE up:b untyped\nup:b{instance=\"\"} +Inf 1795450000000\n"
        "# TYPE up_a untyped\nup_a{instance=\"\"} 1 1795450000000\n");
}

TEST_CASE("refuses to gather more series than its bound") {
  scraped_target target{labels()};
  auto batch = target.scrape("a 1\nb 1\nc 1\n", now);
  auto selectors = parse_selectors(std::vector<std::string_view>{"{__name__=~\".+\"}"});
  REQUIRE(selectors);
  federation made(std::move(*selectors), {.external_labels = {}, .now = now, .series_max = 2});
  auto done = made.add(*batch);
  REQUIRE_FALSE(done);
  CHECK(done.error().message == "more than 2 series match");
}

}  // namespace rollcall::web
