#include "lib/histograms/resolution.hpp"

#include "lib/histograms/bucket_list.hpp"
#include "lib/histograms/compaction.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <random>

using namespace rollcall;
using namespace rollcall::histograms;

namespace {

native_histogram integer_histogram(int32_t schema, buckets positive) {
  native_histogram histogram;
  histogram.schema = schema;
  histogram.positive = std::move(positive);
  return histogram;
}

/// A histogram with random buckets on both sides, some of them empty.
native_histogram random_histogram(std::mt19937& random, bool is_float) {
  native_histogram histogram;
  histogram.is_float = is_float;
  histogram.schema = static_cast<int32_t>(random() % 13) - 4;
  for (buckets* side : {&histogram.positive, &histogram.negative}) {
    int64_t previous = 0;
    for (uint32_t span = 0; span < random() % 5; ++span) {
      int32_t offset = span == 0 ? static_cast<int32_t>(random() % 60) - 30 : static_cast<int32_t>(random() % 5);
      side->spans.push_back({offset, static_cast<uint32_t>(random() % 6)});
      for (uint32_t i = 0; i < side->spans.back().length; ++i) {
        auto count = static_cast<int64_t>(random() % 4);
        if (is_float) {
          side->counts.push_back(static_cast<double>(count));
        } else {
          side->deltas.push_back(count - previous);
        }
        previous = count;
      }
    }
  }
  return histogram;
}

template <class Count>
std::map<int64_t, Count> counts_of(const buckets& side, int32_t steps) {
  std::map<int64_t, Count> counts;
  auto list = unfold<Count>(side);
  REQUIRE(list);
  for (const auto& [index, count] : *list) {
    int64_t target = index;
    for (int32_t step = 0; step < steps; ++step) target = target > 0 ? (target + 1) / 2 : target / 2;
    if (count != 0) counts[target] += count;
  }
  return counts;
}

template <class Count>
void check_equal(const native_histogram& fine, const native_histogram& coarse, int32_t steps) {
  CHECK(counts_of<Count>(fine.positive, steps) == counts_of<Count>(coarse.positive, 0));
  CHECK(counts_of<Count>(fine.negative, steps) == counts_of<Count>(coarse.negative, 0));
}

}  // namespace

TEST_CASE("a coarser schema joins two buckets each, the upper of which has an even index") {
  // Buckets -3 to 4 with 1 to 8 observations.
  auto histogram = integer_histogram(2, {{{-3, 8}}, {1, 1, 1, 1, 1, 1, 1, 1}, {}});
  REQUIRE(reduce_resolution(histogram, 1));
  CHECK(histogram == integer_histogram(1, {{{-1, 4}}, {3, 4, 4, 4}, {}}));
}

TEST_CASE("empty buckets and gaps stay when the schema gets coarser") {
  auto histogram = integer_histogram(0, {{{1, 1}, {9, 2}}, {7, -7, 5}, {}});
  REQUIRE(reduce_resolution(histogram, -1));
  CHECK(histogram == integer_histogram(-1, {{{1, 1}, {4, 1}}, {7, -2}, {}}));
}

TEST_CASE("reducing the resolution loses no observation") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    bool is_float = round % 2 == 0;
    auto fine = random_histogram(random, is_float);
    if (fine.schema == -4) continue;
    auto coarse = fine;
    auto target = fine.schema - 1 - static_cast<int32_t>(random() % static_cast<unsigned>(fine.schema + 4));
    REQUIRE(reduce_resolution(coarse, target));
    CHECK(coarse.schema == target);
    if (is_float) {
      check_equal<double>(fine, coarse, fine.schema - target);
    } else {
      check_equal<int64_t>(fine, coarse, fine.schema - target);
    }
  }
}

TEST_CASE("a histogram whose spans do not match stays as it was") {
  auto histogram = integer_histogram(2, {{{0, 3}}, {1, 1}, {}});
  auto before = histogram;
  auto reduced = reduce_resolution(histogram, 1);
  REQUIRE_FALSE(reduced);
  CHECK(reduced.error().message == "positive side: spans need 3 buckets, have 2 buckets");
  CHECK(histogram == before);
}

TEST_CASE("counts beyond 64 bits wrap around") {
  constexpr auto most = std::numeric_limits<int64_t>::max();
  auto histogram = integer_histogram(1, {{{1, 2}}, {most, most}, {}});
  REQUIRE(reduce_resolution(histogram, 0));
  CHECK(histogram.positive.deltas == std::vector<int64_t>{most - 2});
}

TEST_CASE("the bucket limit makes a histogram just coarse enough") {
  auto histogram = integer_histogram(3, {{{1, 8}}, {1, 0, 0, 0, 0, 0, 0, 0}, {}});
  histogram.negative = {{{1, 2}}, {1, 0}, {}};
  auto same = histogram;
  REQUIRE(limit_buckets(same, 10));
  CHECK(same == histogram);
  REQUIRE(limit_buckets(histogram, 9));
  CHECK(histogram.schema == 2);
  CHECK(histogram.positive == buckets{{{1, 4}}, {2, 0, 0, 0}, {}});
  CHECK(histogram.negative == buckets{{{1, 1}}, {2}, {}});
  REQUIRE(limit_buckets(histogram, 2));
  CHECK(histogram.schema == 0);
}

TEST_CASE("the bucket limit refuses what cannot get coarser") {
  auto histogram = integer_histogram(-3, {{{0, 1}, {100, 1}}, {1, 0}, {}});
  auto limited = limit_buckets(histogram, 1);
  REQUIRE_FALSE(limited);
  CHECK(limited.error().code == errc::limit_exceeded);
  CHECK(limited.error().message == "histogram bucket limit exceeded: 2 buckets in schema -4, limit 1");
  histogram = integer_histogram(custom_buckets_schema, {{{0, 2}}, {1, 0}, {}});
  CHECK_FALSE(limit_buckets(histogram, 1));
  CHECK(limit_buckets(histogram, 2));
}

TEST_CASE("the schema limit leaves coarser and custom schemas alone") {
  auto histogram = integer_histogram(20, {{{0, 1}}, {1}, {}});
  REQUIRE(limit_schema(histogram, 3));
  CHECK(histogram.schema == 3);
  REQUIRE(limit_schema(histogram, 3));
  CHECK(histogram.schema == 3);
  auto custom = integer_histogram(custom_buckets_schema, {{{0, 1}}, {1}, {}});
  REQUIRE(limit_schema(custom, -4));
  CHECK(custom.schema == custom_buckets_schema);
  auto unknown = integer_histogram(60, {});
  REQUIRE(limit_schema(unknown, 3));
  CHECK(unknown.schema == 60);
}

TEST_CASE("the smallest bucket factor gives the finest schema") {
  CHECK(max_schema_of(0) == 8);
  CHECK(max_schema_of(1) == 8);
  CHECK(max_schema_of(std::numeric_limits<double>::quiet_NaN()) == 8);
  CHECK(max_schema_of(1.00271) == 8);
  CHECK(max_schema_of(1.00272) == 7);
  CHECK(max_schema_of(1.1) == 2);
  CHECK(max_schema_of(1.5) == 0);
  CHECK(max_schema_of(2) == 0);
  CHECK(max_schema_of(4) == -1);
  CHECK(max_schema_of(65536) == -4);
  CHECK(max_schema_of(1e300) == -4);
}

TEST_CASE("compaction removes empty buckets and joins spans") {
  auto histogram = integer_histogram(0, {{{0, 3}, {0, 1}, {2, 0}, {1, 2}}, {0, 2, 0, -2, 0, 1}, {}});
  compact(histogram, 0);
  // Bucket 1 and 2 with 2 observations, bucket 8 with 1.
  CHECK(histogram == integer_histogram(0, {{{1, 2}, {5, 1}}, {2, 0, -1}, {}}));
  auto empty = integer_histogram(0, {{{5, 2}, {3, 0}}, {0, 0}, {}});
  compact(empty, 0);
  CHECK(empty == integer_histogram(0, {}));
}

TEST_CASE("compaction keeps short gaps as empty buckets when told to") {
  auto histogram = integer_histogram(0, {{{0, 8}}, {1, -1, 0, 1, -1, 0, 0, 1}, {}});
  compact(histogram, 2);
  CHECK(histogram == integer_histogram(0, {{{0, 4}, {3, 1}}, {1, -1, 0, 1, 0}, {}}));
}

TEST_CASE("compaction leaves alone what has no order") {
  auto histogram = integer_histogram(0, {{{0, 1}, {-5, 2}}, {1, -1, 0}, {}});
  auto before = histogram;
  compact(histogram, 0);
  CHECK(histogram == before);
  // The bucket stands at an index that no single offset reaches.
  constexpr int32_t far = std::numeric_limits<int32_t>::max();
  histogram = integer_histogram(0, {{{far, 0}, {far, 1}}, {1}, {}});
  before = histogram;
  compact(histogram, 0);
  CHECK(histogram == before);
}

TEST_CASE("compaction changes no count") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    bool is_float = round % 2 == 0;
    auto histogram = random_histogram(random, is_float);
    auto compacted = histogram;
    compact(compacted, static_cast<int64_t>(random() % 3));
    if (is_float) {
      check_equal<double>(histogram, compacted, 0);
    } else {
      check_equal<int64_t>(histogram, compacted, 0);
    }
  }
}
