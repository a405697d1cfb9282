#include "lib/histograms/classic_histogram.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace rollcall;
using namespace rollcall::histograms;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct given_bucket {
  double upper_bound;
  double count;
};

result<native_histogram> converted(std::optional<double> count, double sum, const std::vector<given_bucket>& buckets) {
  classic_histogram classic;
  // What was before must leave no trace.
  classic.set_bucket(1, -1);
  classic.set_count(3);
  classic.set_sum(4);
  classic.clear();
  for (auto [upper_bound, cumulative] : buckets) classic.set_bucket(upper_bound, cumulative);
  if (count) classic.set_count(*count);
  classic.set_sum(sum);
  return classic.convert();
}

std::string fault_of(std::optional<double> count, const std::vector<given_bucket>& buckets) {
  auto histogram = converted(count, 0, buckets);
  REQUIRE_FALSE(histogram);
  CHECK(histogram.error().code == errc::invalid_argument);
  return histogram.error().message;
}

}  // namespace

TEST_CASE("integral counts make an integer histogram with custom buckets") {
  auto histogram = converted(20, 324.5, {{0.5, 10}, {1, 10}, {2, 15}, {infinity, 20}});
  REQUIRE(histogram);
  native_histogram expected;
  expected.schema = custom_buckets_schema;
  expected.count = 20;
  expected.sum = 324.5;
  expected.positive = {{{0, 4}}, {10, -10, 5, 0}, {}};
  expected.custom_values = {0.5, 1, 2};
  CHECK(*histogram == expected);
}

TEST_CASE("more than two empty buckets in a row end a span of integers") {
  auto histogram = converted(3, 0, {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 2}, {6, 2}, {7, 2}, {infinity, 3}});
  REQUIRE(histogram);
  CHECK(histogram->positive == buckets{{{0, 1}, {3, 4}}, {1, 0, -1, 0, 1}, {}});
  CHECK(histogram->custom_values.size() == 7);
}

TEST_CASE("any count that is not integral makes a float histogram without empty buckets") {
  auto histogram = converted(2.5, 7, {{1, 1}, {2, 1}, {infinity, 2.5}});
  REQUIRE(histogram);
  native_histogram expected;
  expected.is_float = true;
  expected.schema = custom_buckets_schema;
  expected.count_float = 2.5;
  expected.sum = 7;
  expected.positive = {{{0, 1}, {1, 1}}, {}, {1, 1.5}};
  expected.custom_values = {1, 2};
  CHECK(*histogram == expected);
  CHECK(converted(1e19, 0, {{infinity, 1e19}})->is_float);
}

TEST_CASE("a missing bucket for +Inf is added with the count") {
  auto histogram = converted(5, 0, {{1, 2}});
  REQUIRE(histogram);
  CHECK(histogram->positive == buckets{{{0, 2}}, {2, 1}, {}});
  CHECK(histogram->custom_values == std::vector<double>{1});
  histogram = converted(5, 0, {});
  REQUIRE(histogram);
  CHECK(histogram->positive == buckets{{{0, 1}}, {5}, {}});
  CHECK(histogram->custom_values.empty());
}

TEST_CASE("a missing count is that of the last bucket") {
  auto histogram = converted({}, 0, {{1, 2}, {2, 3}});
  REQUIRE(histogram);
  CHECK(histogram->count == 3);
  CHECK(histogram->positive == buckets{{{0, 2}}, {2, -1}, {}});
}

TEST_CASE("buckets come in any order and the first of a bound counts") {
  auto histogram = converted(6, 0, {{infinity, 6}, {2, 5}, {1, 2}, {2, 99}, {1, 0}});
  REQUIRE(histogram);
  CHECK(histogram->positive == buckets{{{0, 3}}, {2, 1, -2}, {}});
  CHECK(histogram->custom_values == std::vector<double>{1, 2});
}

TEST_CASE("what is no histogram is refused") {
  CHECK(fault_of({}, {}) == "there is neither a count nor a bucket");
  CHECK(fault_of(5, {{infinity, 6}}) == "the count 5.000000 is not that of the last bucket, 6.000000");
  CHECK(fault_of(std::nan(""), {{1, 1}}) == "the count nan is not that of the last bucket, nan");
  CHECK(fault_of(-1, {}) == "the count -1.000000 is negative");
  CHECK(fault_of(1, {{1, -1}}) == "the bucket up to 1.000000 has a negative count");
  CHECK(fault_of(1, {{std::nan(""), 1}}) == "a bucket's bound is not a number");
  CHECK(fault_of(1, {{1, 2}, {2, 1}}) == "the counts of the buckets around 2.000000 are not cumulative");
  CHECK(fault_of(1, {{2, 1}, {1, 2}}) == "the counts of the buckets around 1.000000 are not cumulative");
  CHECK(fault_of(1, {{1, 1}, {3, 3}, {2, 0}}) == "the counts of the buckets around 2.000000 are not cumulative");
}
