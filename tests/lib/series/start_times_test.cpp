#include "tests/lib/series/scrape_fixture.hpp"

namespace rollcall::series {

namespace {

constexpr std::string_view body =
    "# TYPE a counter\n"
    "a_total 5\n"
    "a_created 100.5\n"
    "# TYPE b gauge\n"
    "b 1\n"
    "# EOF\n";

ingest_result scrape(bool keeps) {
  ingest_options options;
  options.keep_start_times = keeps;
  scrape_cache cache(std::make_shared<const ingest_options>(std::move(options)), make_target({{"job", "j"}}));
  return cache.ingest(body, exposition::format::open_metrics, 1'000'000);
}

}  // namespace

TEST_CASE("start times stand beside the values when they are to be kept, and no zero is made of them") {
  auto result = scrape(true);
  REQUIRE(result.parts.size() == 1);
  CHECK(result.parts[0].values == std::vector<value_bits>{to_bits(5), to_bits(1)});
  CHECK(result.parts[0].starts == std::vector<explicit_timestamp>{{0, 100'500}});
}

TEST_CASE("start times are samples of their own when they are not to be kept") {
  auto result = scrape(false);
  REQUIRE(result.parts.size() == 1);
  CHECK(result.parts[0].values.size() == 3);
  CHECK(result.parts[0].starts.empty());
}

}  // namespace rollcall::series
