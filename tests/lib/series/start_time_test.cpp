#include "tests/lib/series/reference_cache.hpp"
#include "tests/support/metric_family_text.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::series;

namespace {

constexpr int64_t first_scrape = 1'700'000'020'000;
constexpr int64_t interval = 15'000;
constexpr const char* first_start = "1700000010";   // ten seconds before the first scrape
constexpr const char* second_start = "1700000030";  // ten seconds behind it

/// One target whose start times become zeros. Samples come as `<series> <value or histogram> @<ms from first_scrape>`.
struct starting_target {
  explicit starting_target(exposition::format in, bool converts = false) : format(in) {
    ingest_options options;
    options.created_timestamp_zero_ingestion = true;
    options.convert_classic_histograms_to_nhcb = converts;
    cache.emplace(std::make_shared<const ingest_options>(options),
                  std::make_shared<const target_labels>(labels::of({{"job", "j"}})));
  }

  std::vector<std::string> scrape(const std::string& body) {
    auto result = spell_out(cache->ingest(body, format, now), *cache->target(), now);
    REQUIRE(result.failure.empty());
    std::vector<std::string> lines;
    for (const auto& [series, value, timestamp] : result.samples) {
      std::string number = value == histogram_value ? "histogram" : std::to_string(static_cast<int>(to_double(value)));
      lines.push_back(series + ' ' + number + " @" + std::to_string(timestamp - first_scrape));
    }
    now += interval;
    return lines;
  }

  exposition::format format;
  std::optional<scrape_cache> cache;
  int64_t now = first_scrape;
};

using lines = std::vector<std::string>;

std::string counter_in_open_metrics(const std::string& start) {
  return "# TYPE c counter\nc_total 5\nc_created " + start + "\n# EOF\n";
}

std::string counter_in_protobuf(const std::string& start) {
  return test::encode_metric_families(
      "family { name: \"c_total\" type: COUNTER metric { counter { value: 5 created_timestamp { seconds: " + start +
      " } } } metric { label { name: \"a\" value: \"1\" } counter { value: 6 } } }");
}

std::string histogram_in_open_metrics(const std::string& start) {
  return "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_count 3\nh_sum 4\nh_created " + start +
         "\n# EOF\n";
}

}  // namespace

TEST_CASE("a counter of OpenMetrics gets a zero when it began, once for each beginning") {
  starting_target target(exposition::format::open_metrics);
  const std::string series = "{__name__=\"c_total\", job=\"j\"} ";
  CHECK(target.scrape(counter_in_open_metrics(first_start)) == lines{series + "0 @-10000", series + "5 @0"});
  CHECK(target.scrape(counter_in_open_metrics(first_start)) == lines{series + "5 @15000"});
  CHECK(target.scrape(counter_in_open_metrics(second_start)).size() == 1);
}

TEST_CASE("a counter that began anew between two scrapes gets a zero between them") {
  starting_target target(exposition::format::open_metrics);
  const std::string series = "{__name__=\"c_total\", job=\"j\"} ";
  target.scrape(counter_in_open_metrics(first_start));
  CHECK(target.scrape(counter_in_open_metrics(second_start)) == lines{series + "0 @10000", series + "5 @15000"});
}

TEST_CASE("a counter of the protobuf format gets a zero when it began") {
  starting_target target(exposition::format::protobuf);
  const std::string series = "{__name__=\"c_total\", job=\"j\"} ";
  const std::string other = "{__name__=\"c_total\", a=\"1\", job=\"j\"} ";
  CHECK(target.scrape(counter_in_protobuf(first_start)) ==
        lines{other + "6 @0", series + "0 @-10000", series + "5 @0"});
  CHECK(target.scrape(counter_in_protobuf(second_start)) ==
        lines{other + "6 @15000", series + "0 @10000", series + "5 @15000"});
}

TEST_CASE("a histogram with custom buckets gets an empty one when it began") {
  starting_target target(exposition::format::open_metrics, true);
  const std::string series = "{__name__=\"h\", job=\"j\"} ";
  CHECK(target.scrape(histogram_in_open_metrics(first_start)) ==
        lines{series + "histogram @-10000", series + "histogram @0"});
  CHECK(target.scrape(histogram_in_open_metrics(first_start)) == lines{series + "histogram @15000"});
}
