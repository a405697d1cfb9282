#include "lib/histograms/validation.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace rollcall;
using namespace rollcall::histograms;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Two negative and three positive buckets: 1, 2; 4, 0, 3; and 5 around zero.
native_histogram integer_histogram() {
  native_histogram histogram;
  histogram.schema = 3;
  histogram.zero_threshold = 0.001;
  histogram.zero_count = 5;
  histogram.count = 15;
  histogram.sum = 12.5;
  histogram.negative = {{{-3, 2}}, {1, 1}, {}};
  histogram.positive = {{{0, 1}, {4, 2}}, {4, -4, 3}, {}};
  return histogram;
}

native_histogram float_histogram() {
  native_histogram histogram;
  histogram.is_float = true;
  histogram.schema = -4;
  histogram.zero_count_float = 0.5;
  histogram.count_float = 3;
  histogram.positive = {{{0, 2}}, {}, {1.5, 1}};
  return histogram;
}

native_histogram custom_histogram() {
  native_histogram histogram;
  histogram.schema = custom_buckets_schema;
  histogram.count = 3;
  histogram.sum = 1;
  histogram.positive = {{{0, 1}, {1, 1}}, {1, 1}, {}};
  histogram.custom_values = {0.5, 1};
  return histogram;
}

std::string fault_of(const native_histogram& histogram) {
  auto checked = validate(histogram);
  if (!checked) CHECK(checked.error().code == errc::invalid_argument);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("histograms of every kind are valid") {
  CHECK(fault_of(integer_histogram()) == "");
  CHECK(fault_of(float_histogram()) == "");
  CHECK(fault_of(custom_histogram()) == "");
  CHECK(fault_of(native_histogram{}) == "");
}

TEST_CASE("spans must not overlap and need as many buckets as there are") {
  auto histogram = integer_histogram();
  histogram.positive.spans[1].offset = -1;
  CHECK(fault_of(histogram) == "positive side: span number 2 has the negative offset -1");
  histogram = integer_histogram();
  histogram.negative.deltas.pop_back();
  CHECK(fault_of(histogram) == "negative side: spans need 2 buckets, have 1 buckets");
  histogram = float_histogram();
  histogram.positive.counts.push_back(1);
  CHECK(fault_of(histogram) == "positive side: spans need 2 buckets, have 3 buckets");
  histogram = integer_histogram();
  histogram.positive.spans = {{0, 4294967295}, {0, 4294967295}};
  CHECK(fault_of(histogram) == "positive side: spans need 8589934590 buckets, have 3 buckets");
}

TEST_CASE("the first span may begin at a negative index unless the buckets are custom") {
  auto histogram = integer_histogram();
  histogram.positive.spans[0].offset = -100;
  CHECK(fault_of(histogram) == "");
  histogram = custom_histogram();
  histogram.positive.spans[0].offset = -1;
  CHECK(fault_of(histogram) == "custom buckets: a span has the negative offset -1");
}

TEST_CASE("no count may be negative") {
  auto histogram = integer_histogram();
  histogram.positive.deltas[1] = -5;
  CHECK(fault_of(histogram) == "positive side: bucket number 2 has the negative observation count -1");
  histogram = float_histogram();
  histogram.positive.counts[0] = -1;
  CHECK(fault_of(histogram) == "positive side: bucket number 1 has the negative observation count -1.000000");
  histogram = float_histogram();
  histogram.zero_count_float = -1;
  CHECK(fault_of(histogram) == "the zero bucket has the negative observation count -1.000000");
  histogram = float_histogram();
  histogram.count_float = -1;
  CHECK(fault_of(histogram) == "the observation count -1.000000 is negative");
}

TEST_CASE("the count of integers is that of the buckets, or more when some observation was not a number") {
  auto histogram = integer_histogram();
  histogram.count = 16;
  CHECK(fault_of(histogram) == "15 observations are in the buckets, but the count is 16");
  histogram.sum = std::nan("");
  CHECK(fault_of(histogram) == "");
  histogram.count = 14;
  CHECK(fault_of(histogram) == "15 observations are in the buckets, but the count is 14");
}

TEST_CASE("the count of floats is not compared with the buckets") {
  auto histogram = float_histogram();
  histogram.count_float = 1;
  CHECK(fault_of(histogram) == "");
}

TEST_CASE("schemas are -4 to 8 or that of custom buckets") {
  for (int32_t schema : {-5, 9, -52, -54, 52}) {
    auto histogram = integer_histogram();
    histogram.schema = schema;
    CHECK(fault_of(histogram) == "schema " + std::to_string(schema) + " is not between -4 and 8 and not -53");
  }
}

TEST_CASE("custom bounds increase strictly, are numbers and leave the last one out") {
  auto histogram = custom_histogram();
  histogram.custom_values = {1, 1};
  CHECK(fault_of(histogram) == "custom buckets: the bounds do not increase strictly");
  histogram.custom_values = {1, std::nan("")};
  CHECK(fault_of(histogram) == "custom buckets: a bound is not a number");
  histogram.custom_values = {1, infinity};
  CHECK(fault_of(histogram) == "custom buckets: the last bound, +Inf, must not be given");
  histogram.custom_values = {-infinity, 1};
  CHECK(fault_of(histogram) == "");
  histogram.custom_values = {1};
  CHECK(fault_of(histogram) == "custom buckets: 1 bounds are too few for buckets up to number 3");
}

TEST_CASE("custom buckets have neither a zero bucket nor negative ones") {
  auto histogram = custom_histogram();
  histogram.zero_count = 1;
  CHECK(fault_of(histogram) == "custom buckets: the zero bucket must be empty");
  histogram = custom_histogram();
  histogram.zero_threshold = 1;
  CHECK(fault_of(histogram) == "custom buckets: the zero threshold must be 0");
  histogram = custom_histogram();
  histogram.negative.spans = {{0, 0}};
  CHECK(fault_of(histogram) == "custom buckets: there must be no negative buckets");
}

TEST_CASE("an exponential histogram has no custom bounds") {
  auto histogram = integer_histogram();
  histogram.custom_values = {1};
  CHECK(fault_of(histogram) == "a histogram with an exponential schema must not have custom bounds");
}
