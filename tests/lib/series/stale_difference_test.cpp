#include "lib/series/stale_difference.hpp"

#include "tests/lib/series/scrape_fixture.hpp"

#include <catch2/catch.hpp>

namespace rollcall::series {

namespace {

relabel::program drop_metric(const std::string& name) {
  relabel::rule_config rule;
  rule.source_labels = {"__name__"};
  rule.regex = name;
  rule.action = relabel::action::drop;
  return *relabel::program::compile(std::vector{rule}, name_validation::utf8);
}

/// What would be delivered, as text.
lines gone(const scrape_cache& before, const scrape_cache& after, survivors which) {
  auto part = stale_difference(before, after, which);
  if (!part) return {};
  ingest_result result;
  result.parts.push_back(std::move(*part));
  const int64_t now = 0;
  return lines_of(spell_out(result, *before.target(), now), now);
}

}  // namespace

TEST_CASE("series that the new rules do not yield are marked, and no others") {
  scrape_fixture before;
  before.scrape("a 1\nb{x=\"1\"} 1\nb{x=\"2\"} 1\nc 1\n");
  ingest_options without_b;
  without_b.metric_relabel = drop_metric("b");
  scrape_fixture after(without_b);
  after.scrape("a 1\nb{x=\"1\"} 1\nc 1\nd 1\n");
  CHECK(gone(before.cache, after.cache, survivors::known) == lines{"b{x=\"1\"} stale", "b{x=\"2\"} stale"});
  CHECK(gone(after.cache, before.cache, survivors::known) == lines{"d stale"});
}

TEST_CASE("nothing is marked when nothing was there or nothing vanished") {
  scrape_fixture never, same, other;
  same.scrape("a 1\nb 1\n");
  other.scrape("b 2\na 2\n");
  CHECK_FALSE(stale_difference(never.cache, same.cache, survivors::known));
  CHECK_FALSE(stale_difference(same.cache, other.cache, survivors::known));
  CHECK_FALSE(stale_difference(same.cache, same.cache, survivors::tracked));
}

TEST_CASE("a cache that knows nothing leaves everything to be marked") {
  scrape_fixture before, never;
  before.scrape("a 1\nb 1\n");
  CHECK(gone(before.cache, never.cache, survivors::known) == lines{"a stale", "b stale"});
  CHECK(gone(before.cache, never.cache, survivors::tracked) == lines{"a stale", "b stale"});
}

TEST_CASE("what went stale with a failed scrape is not marked a second time") {
  scrape_fixture before, never;
  before.scrape("a 1\nb 1\n");
  before.fail();
  REQUIRE(before.cache.series());
  CHECK(gone(before.cache, never.cache, survivors::known).empty());
  before.scrape("b 1\n");
  CHECK(gone(before.cache, never.cache, survivors::known) == lines{"b stale"});
}

TEST_CASE("after a scrape that failed half-way only what it came to is still to be marked") {
  scrape_fixture before, never;
  before.scrape("a 1\nb 1\nc 1\n");
  CHECK_FALSE(before.scrape("a 1\nthis is no sample\n").failure.empty());
  CHECK(gone(before.cache, never.cache, survivors::known) == lines{"a stale"});
}

TEST_CASE("series with timestamps of their own are marked only where those are tracked") {
  const char* body = "a 1\nb 1 1010000\n";
  ingest_options with_tracking, without_timestamps;
  with_tracking.track_timestamps_staleness = true;
  without_timestamps.honor_timestamps = false;
  scrape_fixture never, plain, tracking(with_tracking), ignoring(without_timestamps);
  plain.scrape(body);
  CHECK(gone(plain.cache, never.cache, survivors::known) == lines{"a stale"});
  tracking.scrape(body);
  CHECK(gone(tracking.cache, never.cache, survivors::known) == lines{"a stale", "b stale"});
  ignoring.scrape(body);
  CHECK(gone(ignoring.cache, never.cache, survivors::known) == lines{"a stale", "b stale"});
  // A series that goes on with timestamps of its own is alive all the same.
  CHECK(gone(ignoring.cache, plain.cache, survivors::known).empty());
}

TEST_CASE("what the successor marks itself is left to it, what it would not mark is not") {
  scrape_fixture before, after;
  before.scrape("a 1\nb 1\nc 1\n");
  after.scrape("a 1\nb 1 1010000\n");
  CHECK(gone(before.cache, after.cache, survivors::tracked) == lines{"b stale", "c stale"});
  after.fail();
  CHECK(gone(before.cache, after.cache, survivors::tracked) == lines{"a stale", "b stale", "c stale"});
  CHECK(gone(before.cache, after.cache, survivors::known) == lines{"c stale"});
}

TEST_CASE("series are compared by all their labels, those of the target included") {
  scrape_fixture before({}, make_target({{"job", "j"}, {"instance", "i"}}));
  before.scrape("a 1\n");
  scrape_fixture same({}, make_target({{"instance", "i"}, {"job", "j"}}));
  same.scrape("a 1\n");
  CHECK_FALSE(stale_difference(before.cache, same.cache, survivors::known));
  scrape_fixture renamed({}, make_target({{"job", "j"}, {"instance", "k"}}));
  renamed.scrape("a 1\n");
  auto part = stale_difference(before.cache, renamed.cache, survivors::known);
  REQUIRE(part);
  // The marker carries the labels under which the series was delivered.
  const auto& block = *part->series->at(0);
  CHECK(block.labels_of(0, *before.cache.target()).get("instance") == "i");
}

TEST_CASE("a label that moved between target and exposition does not make another series") {
  scrape_fixture before({}, make_target({{"job", "j"}}));
  before.scrape("a{zone=\"z\"} 1\n");
  scrape_fixture after({}, make_target({{"job", "j"}, {"zone", "z"}}));
  after.scrape("a 1\n");
  CHECK_FALSE(stale_difference(before.cache, after.cache, survivors::known));
}

TEST_CASE("two texts of one series are marked once") {
  scrape_fixture before, never;
  before.scrape("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\n");
  CHECK(gone(before.cache, never.cache, survivors::known) == lines{"a{x=\"1\", y=\"2\"} stale"});
}

TEST_CASE("of a large target only the blocks with something to mark are in the part") {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "m{i=\"" + std::to_string(i) + "\"} 1\n";
  scrape_fixture before, after;
  before.scrape(body + "last 1\n");
  after.scrape(body);
  auto part = stale_difference(before.cache, after.cache, survivors::known);
  REQUIRE(part);
  CHECK(part->series->size() == 1);
  CHECK(std::count(part->values.begin(), part->values.end(), stale_marker) == 1);
}

}  // namespace rollcall::series
