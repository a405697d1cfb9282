#include "lib/exposition/metric_type.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::exposition;

namespace {

constexpr metric_type all_types[] = {metric_type::unknown,         metric_type::counter, metric_type::gauge,
                                     metric_type::histogram,       metric_type::summary, metric_type::info,
                                     metric_type::gauge_histogram, metric_type::stateset};

}  // namespace

TEST_CASE("every metric type has a name of OpenMetrics that leads back to it") {
  for (auto type : all_types) {
    INFO(to_string(type));
    CHECK(metric_type_of(to_string(type)) == type);
  }
  CHECK(to_string(metric_type::unknown) == "unknown");
  CHECK(to_string(metric_type::gauge_histogram) == "gaugehistogram");
  CHECK(to_string(metric_type::info) == "info");
  CHECK(metric_type_of("untyped") == std::nullopt);
  CHECK(metric_type_of("") == std::nullopt);
}

TEST_CASE("the text format calls untyped what it does not know") {
  CHECK(text_name(metric_type::histogram) == "histogram");
  CHECK(text_name(metric_type::stateset) == "untyped");
  CHECK(metric_type_of_text_name("untyped") == metric_type::unknown);
  CHECK(metric_type_of_text_name("summary") == metric_type::summary);
  CHECK(metric_type_of_text_name("unknown") == std::nullopt);
  CHECK(metric_type_of_text_name("gaugehistogram") == std::nullopt);
}
