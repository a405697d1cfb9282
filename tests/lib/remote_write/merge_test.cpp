#include "lib/remote_write/merge.hpp"

#include "lib/remote_write/request_builder.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/lib/remote_write/wire_format_2.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace rollcall::remote_write {

namespace {

request request_of(std::vector<std::pair<uint64_t, int64_t>> batches, message_kind message = message_kind::v1,
                   compression with = compression::snappy) {
  request_builder_options options;
  options.message = message;
  options.compression = with;
  request_builder builder(options);
  for (auto [source, timestamp] : batches) builder.append(*test::plain_batch(source, timestamp, 2), 0, [](request) {});
  return builder.cut();
}

}  // namespace

TEST_CASE("a merged request has the samples of both in their order, and the span of each source") {
  auto older = request_of({{1, 5000}, {3, 1000}});
  auto newer = request_of({{2, 2000}, {3, 9000}});
  older.sources = {{1, 1, 1}, {3, 2, 2}};
  newer.sources = {{2, 3, 3}, {3, 4, 6}};
  older.sequence = 4;
  auto merged = merge(std::array{older, newer});
  auto expected = test::wire_decode(test::uncompressed(*older.body));
  for (auto& sample : test::wire_decode(test::uncompressed(*newer.body))) expected.push_back(sample);
  CHECK(test::wire_decode(test::uncompressed(*merged.body)) == expected);
  CHECK(merged.samples == 8);
  CHECK(merged.timestamp_lowest == 1000);
  CHECK(merged.timestamp_highest == 9000);
  CHECK(merged.sources == std::vector<source_span>{{1, 1, 1}, {2, 3, 3}, {3, 2, 6}});
  CHECK(merged.sequence == 0);
}

TEST_CASE("merged requests of version 2 have one table of strings") {
  auto older = request_of({{1, 5000}, {3, 1000}}, message_kind::v2);
  auto newer = request_of({{2, 2000}, {3, 9000}}, message_kind::v2);
  auto merged = merge(std::array{older, newer});
  auto expected = test::wire_decode_2(test::uncompressed(*older.body));
  for (auto& series : test::wire_decode_2(test::uncompressed(*newer.body))) expected.push_back(series);
  CHECK(test::wire_decode_2(test::uncompressed(*merged.body)) == expected);
  CHECK(merged.message == message_kind::v2);
  CHECK(merged.samples == 8);
}

TEST_CASE("merged requests in zstd are in zstd") {
  auto older = request_of({{1, 5000}}, message_kind::v1, compression::zstd);
  auto newer = request_of({{2, 2000}}, message_kind::v1, compression::zstd);
  auto merged = merge(std::array{older, newer});
  CHECK(merged.form() == older.form());
  CHECK(test::zstd_uncompressed(*merged.body) ==
        test::zstd_uncompressed(*older.body) + test::zstd_uncompressed(*newer.body));
}

TEST_CASE("a merged request knows how many histograms and exemplars it has") {
  auto older = request_of({{1, 5000}});
  auto newer = request_of({{2, 2000}});
  older.histograms = 1;
  newer.exemplars = 2;
  CHECK(static_cast<item_counts>(merge(std::array{older, newer})) == item_counts{4, 1, 2});
}

TEST_CASE("halves of a request have half of its series each, and all that is said of the whole") {
  auto whole = request_of({{1, 5000}, {2, 1000}});
  whole.sequence = 7;
  auto halves = divide(whole);
  REQUIRE(halves);
  auto all = test::wire_decode(test::uncompressed(*whole.body));
  auto middle = all.begin() + 2;
  CHECK(test::wire_decode(test::uncompressed(*halves->first.body)) == std::vector(all.begin(), middle));
  CHECK(test::wire_decode(test::uncompressed(*halves->second.body)) == std::vector(middle, all.end()));
  for (const auto& half : {halves->first, halves->second}) {
    CHECK(static_cast<item_counts>(half) == item_counts{2, 0, 0});
    CHECK(half.sequence == 7);
    CHECK(half.sources == whole.sources);
    CHECK(half.timestamp_highest == 5000);
  }
}

TEST_CASE("samples of one series stay together, in their order") {
  auto whole = merge(std::array{request_of({{1, 1000}}), request_of({{1, 2000}}), request_of({{1, 3000}})});
  auto halves = divide(whole);
  REQUIRE(halves);
  for (const auto& half : {halves->first, halves->second}) {
    auto samples = test::wire_decode(test::uncompressed(*half.body));
    REQUIRE(samples.size() == 3);
    CHECK(samples[0].labels == samples[1].labels);
    CHECK(samples[0].labels == samples[2].labels);
    CHECK(samples[0].timestamp == 1000);
    CHECK(samples[2].timestamp == 3000);
    CHECK(!divide(half));
  }
}

TEST_CASE("halves of version 2 have the strings that they need, and together they are the whole") {
  auto whole = request_of({{1, 5000}, {2, 1000}}, message_kind::v2);
  auto halves = divide(whole);
  REQUIRE(halves);
  // Reading fails when a string stands there that nobody refers to.
  auto first = test::wire_decode_2(test::uncompressed(*halves->first.body));
  CHECK(first.size() == 2);
  auto rejoined = merge(std::array{halves->first, halves->second});
  CHECK(test::wire_decode_2(test::uncompressed(*rejoined.body)) ==
        test::wire_decode_2(test::uncompressed(*whole.body)));
}

TEST_CASE("what says that it has more than it has is not divided") {
  auto whole = request_of({{1, 5000}});
  ++whole.samples;
  CHECK(!divide(whole));
}

}  // namespace rollcall::remote_write
