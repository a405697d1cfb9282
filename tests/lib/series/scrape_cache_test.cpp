#include "lib/series/scrape_cache.hpp"

#include "tests/lib/series/scrape_fixture.hpp"

using namespace rollcall;
using namespace rollcall::series;

TEST_CASE("a scrape delivers its samples with the target's labels") {
  scrape_fixture target({}, make_target({{"instance", "a:1"}, {"job", "web"}}));
  auto result = target.scrape("up 1\nrequests{code=\"200\"} 7\n");
  CHECK(result.failure.empty());
  REQUIRE(result.samples.size() == 2);
  CHECK(result.samples[0].series == R"({__name__="requests", code="200", instance="a:1", job="web"})");
  CHECK(result.samples[1].series == R"({__name__="up", instance="a:1", job="web"})");
  CHECK(result.samples[1].timestamp == target.now);
  CHECK(result.samples_scraped == 2);
  CHECK(result.samples_after_relabel == 2);
  CHECK(result.series_added == 2);
  CHECK(target.cache.live() == 2);
}

TEST_CASE("the same lines again reuse the very sequence") {
  scrape_fixture target;
  target.scrape("# HELP a x\n# TYPE a gauge\na 1\nb{x=\"1\"} 2\nc 3\n");
  auto before = target.cache.series();
  auto result = target.scrape("# HELP a y\n# TYPE a counter\na 4\n# comment\n\nb{x=\"1\"}  5\nc NaN\n");
  CHECK(target.cache.series() == before);
  CHECK(result.series_added == 0);
  CHECK(result.samples.size() == 3);
  CHECK(result.samples[2].value == normal_nan);
}

TEST_CASE("a cache without a scrape knows nothing") {
  scrape_fixture target;
  CHECK(target.cache.series() == nullptr);
  CHECK(target.cache.live() == 0);
  CHECK(target.fail().samples.empty());
  CHECK(target.cache.series() == nullptr);
}

TEST_CASE("series that vanish get one staleness marker") {
  scrape_fixture target;
  target.scrape("a 1\nb 1\nc 1\n");
  CHECK(lines_of(target.scrape("a 2\nc 2\n"), target.now) == lines{"a 2", "b stale", "c 2"});
  CHECK(lines_of(target.scrape("a 2\nc 2\n"), target.now) == lines{"a 2", "c 2"});
  CHECK(lines_of(target.scrape("c 2\n"), target.now) == lines{"a stale", "c 2"});
  CHECK(lines_of(target.scrape("b 3\nc 2\n"), target.now) == lines{"b 3", "c 2"});
  CHECK(lines_of(target.scrape("# nothing\n"), target.now) == lines{"b stale", "c stale"});
  CHECK(target.cache.live() == 0);
}

TEST_CASE("a series that only changes its text or place is not stale") {
  scrape_fixture target;
  target.scrape("a{x=\"1\",y=\"2\"} 1\nb 1\n");
  auto result = target.scrape("b 1\na{y=\"2\", x=\"1\"} 2\n");
  CHECK(lines_of(result, target.now) == lines{"a{x=\"1\", y=\"2\"} 2", "b 1"});
  CHECK(result.series_added == 1);
}

TEST_CASE("a series with two texts goes stale once, when both are gone") {
  scrape_fixture target;
  target.scrape("a{x=\"1\"} 1\na{x=\"1\",} 2\nb 1\n");
  CHECK(lines_of(target.scrape("a{x=\"1\",} 2\nb 1\n"), target.now) == lines{"a{x=\"1\"} 2", "b 1"});
  target.scrape("a{x=\"1\"} 1\na{x=\"1\",} 2\nb 1\n");
  CHECK(lines_of(target.scrape("b 1\n"), target.now) == lines{"a{x=\"1\"} stale", "b 1"});
}

TEST_CASE("a failed scrape makes everything stale, once, and forgets no series") {
  scrape_fixture target;
  target.scrape("a 1\nb 1\n");
  CHECK(lines_of(target.fail(), target.now) == lines{"a stale", "b stale"});
  CHECK(target.fail().samples.empty());
  auto before = target.cache.series();
  auto back = target.scrape("a 1\nb 1\n");
  CHECK(back.series_added == 0);
  CHECK(target.cache.series() == before);
  CHECK(lines_of(target.fail(), target.now) == lines{"a stale", "b stale"});
}

TEST_CASE("an empty body is a success without samples") {
  scrape_fixture target;
  target.scrape("a 1\n");
  auto result = target.scrape("");
  CHECK(result.failure.empty());
  CHECK(result.samples_scraped == 0);
  CHECK(lines_of(result, target.now) == lines{"a stale"});
}

TEST_CASE("an aborted scrape marks only the series that it did not come to") {
  scrape_fixture target;
  target.scrape("a 1\nb 1\nc 1\nd 1\n");
  auto result = target.scrape("a 1\nb 1\n!\nc 1\n");
  CHECK(result.failure.starts_with("line 3: expected a metric name"));
  CHECK(result.samples_scraped == 2);
  CHECK(lines_of(result, target.now) == lines{"c stale", "d stale"});
  SECTION("and a failure after it marks those it came to") {
    CHECK(lines_of(target.fail(), target.now) == lines{"a stale", "b stale"});
  }
  SECTION("and a success after it knows them all") {
    auto back = target.scrape("a 1\nb 1\nc 1\nd 1\n");
    CHECK(back.series_added == 0);
    CHECK(back.samples.size() == 4);
  }
  SECTION("and aborting again at the same place changes nothing") {
    CHECK(target.scrape("a 1\nb 1\n!\nc 1\n").samples.empty());
  }
}

TEST_CASE("an aborted scrape counts new series as added") {
  scrape_fixture target;
  target.scrape("a 1\nz 1\n");
  auto aborted = target.scrape("n 1\na 1\nm 1\n!\n");
  CHECK(aborted.series_added == 2);
  CHECK(lines_of(aborted, target.now) == lines{"z stale"});
  auto back = target.scrape("n 1\na 1\nm 1\nz 1\n");
  CHECK(back.series_added == 0);
  CHECK(lines_of(target.scrape("a 1\n"), target.now) == lines{"a 1", "m stale", "n stale", "z stale"});
}

TEST_CASE("a first scrape that aborts leaves nothing to go stale but what it came to") {
  scrape_fixture target;
  CHECK(target.scrape("a 1\n!\n").samples.empty());
  CHECK(lines_of(target.fail(), target.now) == lines{"a stale"});
}

TEST_CASE("aborted scrapes with ever other series do not let the cache grow without bound") {
  scrape_fixture target;
  size_t most = 0;
  for (int round = 0; round < 50; ++round) {
    std::string body;
    for (int i = 0; i < 100; ++i)
      body += "m{round=\"" + std::to_string(round) + "\",i=\"" + std::to_string(i) + "\"} 1\n";
    target.scrape(body + "!\n");
    most = std::max(most, target.cache.live());
  }
  CHECK(most <= 1100);
  CHECK(target.cache.live() >= 100);
}

TEST_CASE("a line that stands twice is a duplicate and its first value wins") {
  scrape_fixture target;
  auto result = target.scrape("a 1\na 2\nb 3\na 4\n");
  CHECK(lines_of(result, target.now) == lines{"a 1", "b 3"});
  CHECK(result.duplicates == 2);
  CHECK(result.samples_scraped == 4);
  CHECK(result.samples_after_relabel == 4);
  CHECK(result.series_added == 2);
  auto before = target.cache.series();
  auto again = target.scrape("a 5\na 6\nb 7\na 8\n");
  CHECK(lines_of(again, target.now) == lines{"a 5", "b 7"});
  CHECK(again.duplicates == 2);
  CHECK(target.cache.series() == before);
  auto last = target.scrape("b 9\na 8\n");
  CHECK(lines_of(last, target.now) == lines{"a 8", "b 9"});
  CHECK(last.duplicates == 0);
}

TEST_CASE("timestamps of the target are kept and exempt from staleness") {
  scrape_fixture target;
  auto result = target.scrape("a 1 1000\nb 2\n");
  CHECK(lines_of(result, target.now) == lines{"a 1 @" + std::to_string(1000 - target.now), "b 2"});
  CHECK(lines_of(target.scrape("b 2\n"), target.now) == lines{"b 2"});
  CHECK(lines_of(target.scrape("b 2 2000\n"), target.now)[1] == "b stale");
  CHECK(target.fail().samples.empty());
}

TEST_CASE("timestamps of the target can be tracked") {
  ingest_options options;
  options.track_timestamps_staleness = true;
  scrape_fixture target(options);
  target.scrape("a 1 1000\nb 2\n");
  CHECK(lines_of(target.scrape("b 2\n"), target.now) == lines{"a stale", "b 2"});
}

TEST_CASE("timestamps of the target can be ignored") {
  ingest_options options;
  options.honor_timestamps = false;
  scrape_fixture target(options);
  CHECK(lines_of(target.scrape("a 1 1000\n"), target.now) == lines{"a 1"});
  CHECK(lines_of(target.scrape("a 1 1000\n"), target.now) == lines{"a 1"});
  CHECK(lines_of(target.scrape("#\n"), target.now) == lines{"a stale"});
}

TEST_CASE("a timestamp that is not newer than the last one is out of order") {
  scrape_fixture target;
  target.scrape("a 1 1000\n");
  auto same = target.scrape("a 2 1000\n");
  CHECK(same.out_of_order == 1);
  CHECK(same.samples.empty());
  CHECK(same.samples_after_relabel == 1);
  auto older = target.scrape("a 2 999\n");
  CHECK(older.out_of_order == 1);
  auto newer = target.scrape("a 3 1001\n");
  CHECK(newer.out_of_order == 0);
  CHECK(newer.samples.size() == 1);
}

TEST_CASE("a sample without timestamp is out of order behind one from the future") {
  scrape_fixture target;
  target.scrape("a 1 " + std::to_string(target.now + 60'000) + "\n");
  CHECK(target.scrape("a 2\n").out_of_order == 1);
  CHECK(lines_of(target.scrape("a 3\n", 120), target.now) == lines{"a 3"});
}

TEST_CASE("a timestamp more than ten minutes ahead is out of bounds") {
  scrape_fixture target;
  auto at = [&](int64_t ahead) { return "a 1 " + std::to_string(target.now + 15'000 + ahead) + "\n"; };
  auto beyond = target.scrape(at(600'001));
  CHECK(beyond.out_of_bounds == 1);
  CHECK(beyond.series_added == 0);
  CHECK(beyond.samples.empty());
  auto just = target.scrape(at(600'000));
  CHECK(just.out_of_bounds == 0);
  CHECK(just.series_added == 1);
  CHECK(just.samples.size() == 1);
}

TEST_CASE("a line that repeats with other timestamps gives several samples") {
  scrape_fixture target;
  auto result = target.scrape("a 1 1000\na 2 2000\nb 1\na 3 3000\n");
  CHECK(result.duplicates == 0);
  CHECK(result.samples.size() == 4);
  CHECK(result.series_added == 2);
  auto again = target.scrape("a 1 2500\na 2 3500\nb 1\na 3 4000\n");
  CHECK(again.out_of_order == 1);
  CHECK(again.samples.size() == 3);
  CHECK(target.scrape("a 1 4000\n").out_of_order == 1);
}

TEST_CASE("further samples of a series have the labels that it got when it was new") {
  scrape_fixture target;
  auto result = target.scrape("# TYPE h histogram\nh{le=\"1\"} 1 1000\n# TYPE h gauge\nh{le=\"1\"} 2 2000\n");
  REQUIRE(result.samples.size() == 2);
  CHECK(result.samples[0].series == result.samples[1].series);
  CHECK(result.samples[1].series == R"({__name__="h", job="j", le="1.0"})");
}

TEST_CASE("the sample limit fails the scrape but counts to the end") {
  ingest_options options;
  options.sample_limit = 2;
  scrape_fixture target(options);
  target.scrape("a 1\nb 1\n");
  auto result = target.scrape("a 1\nb 1\nc 1\nd 1\n");
  CHECK(result.failure == "sample limit exceeded");
  CHECK(result.sample_limit_exceeded);
  CHECK(result.samples_scraped == 4);
  CHECK(result.samples_after_relabel == 4);
  CHECK(result.series_added == 0);
  CHECK(result.samples.empty());
  CHECK(target.cache.live() == 2);
  SECTION("and keeps doing so without markers") { CHECK(target.scrape("a 1\nb 1\nc 1\nd 1\n").samples.empty()); }
  SECTION("and what lay within it goes stale when it is gone") {
    CHECK(lines_of(target.scrape("a 1\nc 1\n"), target.now) == lines{"a 1", "b stale", "c 1"});
  }
}

TEST_CASE("a scrape that meets its sample limit exactly is good") {
  ingest_options options;
  options.sample_limit = 2;
  scrape_fixture target(options);
  auto result = target.scrape("a 1\nb 1\na 2\n");
  CHECK(result.failure.empty());
  CHECK(result.duplicates == 1);
}

TEST_CASE("a parse error counts for more than the sample limit") {
  ingest_options options;
  options.sample_limit = 1;
  scrape_fixture target(options);
  auto result = target.scrape("a 1\nb 1\n!\n");
  CHECK(result.sample_limit_exceeded);
  CHECK(result.failure.starts_with("line 3"));
}

TEST_CASE("label limits abort the scrape with Prometheus's words") {
  ingest_options options;
  std::string failure;
  SECTION("number of labels") {
    options.label_limit = 3;
    failure = "label_limit exceeded (metric: big, number of labels: 4, limit: 3)";
  }
  SECTION("length of names") {
    options.label_name_length_limit = 8;
    failure = "label_name_length_limit exceeded (metric: big, label name: long_name, length: 9, limit: 8)";
  }
  SECTION("length of values") {
    options.label_value_length_limit = 9;
    failure =
        "label_value_length_limit exceeded (metric: big, label name: x, value: \"0123\\\"56789\", length: 10, limit: "
        "9)";
  }
  scrape_fixture target(options);
  target.scrape("a 1\nb 1\n");
  auto result = target.scrape("a 1\nbig{long_name=\"1\",x=\"0123\\\"56789\"} 1\nb 1\n");
  CHECK(result.failure == failure);
  CHECK(result.label_limits_exceeded);
  CHECK(result.samples_scraped == 2);
  CHECK(result.samples_after_relabel == 1);
  CHECK(lines_of(result, target.now) == lines{"b stale"});
}

TEST_CASE("series that nobody can store fail the scrape") {
  struct {
    std::string_view body;
    std::string_view failure;
  } table[] = {
      {"a{x=\"1\",x=\"2\"} 1\n", "label name \"x\" is not unique: invalid sample"},
      {"a{__name__=\"b\"} 1\n", "label name \"__name__\" is not unique: invalid sample"},
      {"{\"\"} 1\n", "missing metric name (__name__ label)"},
      {"{\"\xff\"} 1\n", "invalid metric name or label names: "},
      {"a{\"\"=\"x\"} 1\n", "invalid metric name or label names: "},
      {"a{\"\xff\"=\"x\"} 1\n", "invalid metric name or label names: "},
  };
  for (auto [body, failure] : table) {
    INFO(body);
    scrape_fixture target;
    auto result = target.scrape(body);
    CHECK(result.failure.starts_with(failure));
    CHECK_FALSE(result.failure.empty());
    CHECK(result.samples_scraped == 1);
    CHECK(result.samples_after_relabel == 0);
  }
}

TEST_CASE("names are checked by the job's scheme") {
  ingest_options options;
  options.validation = name_validation::legacy;
  CHECK(scrape_fixture(options).scrape("{\"a.b\"} 1\n").failure ==
        "invalid metric name or label names: {__name__=\"a.b\", job=\"j\"}");
  CHECK_FALSE(scrape_fixture(options).scrape("a{\"b.c\"=\"1\"} 1\n").failure.empty());
  CHECK(scrape_fixture(options).scrape("a:b 1\n").failure.empty());
  CHECK(scrape_fixture().scrape("{\"a.b\",\"b.c\"=\"1\"} 1\n").failure.empty());
}

TEST_CASE("errors in metadata lines fail a scrape whose series are all known") {
  scrape_fixture target;
  target.scrape("# TYPE a gauge\na 1\n# HELP b text\nb 1\n");
  CHECK(target.scrape("# TYPE a gaug\na 1\n# HELP b text\nb 1\n").failure == "line 1: invalid metric type \"gaug\"");
  CHECK(target.scrape("# TYPE a gauge\na 1\n# HELP b \xff\nb 1\n").failure ==
        "line 3: the help text is not valid UTF-8");
  CHECK(target.scrape("# TYPE a gauge\na 1\n# HELP b text\nb 1\n# TYPE").failure.empty());
}

TEST_CASE("a longer name is not taken for a known shorter one") {
  scrape_fixture target;
  target.scrape("a 1\nab 2\n");
  auto result = target.scrape("ab 3\na{x=\"1\"} 4\na {x=\"2\"} 5\n");
  CHECK(lines_of(result, target.now) == lines{"a stale", "ab 3", "a{x=\"1\"} 4", "a{x=\"2\"} 5"});
}

TEST_CASE("a NUL at the start of a line ends the scrape in success") {
  scrape_fixture target;
  target.scrape("a 1\nb 1\n");
  CHECK(lines_of(target.scrape(std::string_view("a 2\n\0 b 1\n!", 11)), target.now) == lines{"a 2", "b stale"});
}

TEST_CASE("the type decides about the form of bucket bounds") {
  scrape_fixture target;
  auto result = target.scrape(
      "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n# TYPE s summary\ns{quantile=\"0\"} "
      "2\nother{le=\"1\"} 3\n");
  CHECK(lines_of(result, target.now) ==
        lines{"h_bucket{le=\"+Inf\"} 1", "h_bucket{le=\"1.0\"} 1", "other{le=\"1\"} 3", "s{quantile=\"0.0\"} 2"});
}
