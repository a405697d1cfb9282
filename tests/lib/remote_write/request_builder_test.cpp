#include "lib/remote_write/request_builder.hpp"

#include "lib/base/assert.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace rollcall::remote_write {

namespace {

using test::made_batch;
using test::made_block;
using test::made_part;
using test::made_target;
using test::pairs;
using test::wire_sample;

const series::value_bits one = series::to_bits(1);

void no_cut(request) { FAIL("the request was not full"); }

// The samples of a batch in the order of its values, from labels_of() alone.
std::vector<wire_sample> samples_of(const series::scrape_batch& batch) {
  std::vector<wire_sample> all;
  for (const auto& part : batch.parts) {
    size_t position = 0;
    for (const auto& block : *part.series) {
      for (size_t i = 0; i < block->size(); ++i, ++position) {
        if (part.values[position] == series::absent) continue;
        wire_sample sample{{}, part.values[position], batch.timestamp};
        for (auto [name, value] : block->labels_of(i, *batch.target)) sample.labels.emplace_back(name, value);
        for (const auto& own : part.timestamps) {
          if (own.position == position) sample.timestamp = own.milliseconds;
        }
        all.push_back(std::move(sample));
      }
    }
  }
  return all;
}

std::string plain(const request& made) { return test::uncompressed(*made.body); }

}  // namespace

TEST_CASE("a sample is encoded as protobuf has it, byte for byte") {
  request_builder builder({});
  auto target = made_target({{"job", "n"}});
  auto batch = made_batch(target, 7, 1'000, {made_part({made_block(*target, {{{"__name__", "up"}}})}, {one})});
  builder.append(*batch, 1'000, no_cut);
  auto made = builder.cut();
  // 40 bytes: two labels of 16 and 10, a sample of 14.
  const std::string expected(
      "\x0A\x28"
      "\x0A\x0E\x0A\x08__name__\x12\x02up"
      "\x0A\x08\x0A\x03job\x12\x01n"
      "\x12\x0C\x09\x00\x00\x00\x00\x00\x00\xF0\x3F\x10\xE8\x07",
      42);
  CHECK(plain(made) == expected);
  CHECK(made.samples == 1);
  CHECK(made.timestamp_lowest == 1'000);
  CHECK(made.timestamp_highest == 1'000);
  CHECK(made.sources == std::vector<source_span>{{7, 1, 1}});
}

TEST_CASE("every value and timestamp arrives bit for bit") {
  auto bits = GENERATE(series::value_bits{0}, 0x8000000000000000u, 0x7ff0000000000000u, 0xfff0000000000000u,
                       series::stale_marker, series::normal_nan, 0x7ff8000000000000u, 0xffffffffffffffffu, 1u,
                       0x3ff0000000000000u);
  auto timestamp = GENERATE(int64_t{0}, 1, 127, 128, 16'384, 1'795'000'000'123, -1, INT64_MIN, INT64_MAX);
  auto target = made_target({{"job", "n"}});
  auto batch = made_batch(target, 1, timestamp, {made_part({made_block(*target, {{{"__name__", "m"}}})}, {bits})});
  request_builder builder({});
  builder.append(*batch, 0, no_cut);
  auto bytes = plain(builder.cut());
  CHECK(test::wire_decode(bytes) == samples_of(*batch));
  CHECK(bytes == test::wire_encode(samples_of(*batch)));
}

TEST_CASE("labels of every length are encoded, in series of every length") {
  request_builder builder({});
  std::vector<wire_sample> expected;
  for (size_t length : {1,  2,  7,   8,   9,   15,  16,  17,     23,     31,     32,     33,     64,     97,
                        98, 99, 100, 101, 127, 128, 300, 16'200, 16'300, 16'350, 16'383, 16'384, 70'000, 2'100'000}) {
    auto target = made_target({{"instance", std::string(length, 'i')}, {"job", "n"}});
    auto block = made_block(*target, {{{"__name__", std::string(length, 'm')}}, {{"__name__", "m"}, {"z", "1"}}});
    auto batch = made_batch(target, 1, 5, {made_part({block}, {one, series::to_bits(2)})});
    builder.append(*batch, 0, no_cut);
    for (auto& sample : samples_of(*batch)) expected.push_back(std::move(sample));
  }
  auto bytes = plain(builder.cut());
  CHECK(bytes == test::wire_encode(expected));
  CHECK((test::wire_decode(bytes) == expected));
}

TEST_CASE("what is absent is skipped, and explicit timestamps stay with their samples") {
  auto target = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto first = made_block(*target, {{{"__name__", "a"}}, {}, {{"__name__", "b"}}, {{"__name__", "c"}}});
  auto second = made_block(*target, {{{"__name__", "d"}}, {{"__name__", "e"}}});
  auto part =
      made_part({first, second}, {one, series::absent, series::absent, one, one, one}, {{2, 77}, {3, 88}, {5, 99}});
  auto report = made_part({made_block(*target, {{{"__name__", "up"}}})}, {one});
  auto batch = made_batch(target, 1, 1'000, {part, report});
  request_builder builder({});
  builder.append(*batch, 0, no_cut);
  CHECK(builder.samples() == 5);
  auto made = builder.cut();
  CHECK(plain(made) == test::wire_encode(samples_of(*batch)));
  CHECK(made.timestamp_lowest == 88);
  CHECK(made.timestamp_highest == 1'000);
}

TEST_CASE("a request is handed over as soon as it is full, and the rest goes on in the next") {
  request_builder_options options;
  options.samples_max = 4;
  request_builder builder(options);
  std::vector<request> full;
  auto keep = [&full](request made) { full.push_back(std::move(made)); };
  auto first = test::plain_batch(1, 10, 3);
  auto second = test::plain_batch(2, 20, 9);
  auto third = test::plain_batch(3, 30, 4);
  for (const auto& batch : {first, second, third}) builder.append(*batch, 0, keep);
  REQUIRE(full.size() == 4);
  CHECK(builder.empty());
  std::vector<wire_sample> got, expected;
  for (const auto& made : full) {
    CHECK(made.samples == 4);
    for (auto& sample : test::wire_decode(plain(made))) got.push_back(std::move(sample));
  }
  for (const auto& batch : {first, second, third}) {
    for (auto& sample : samples_of(*batch)) expected.push_back(std::move(sample));
  }
  CHECK((got == expected));
  CHECK(full[0].sources == std::vector<source_span>{{1, 1, 1}, {2, 2, 2}});
  CHECK(full[1].sources == std::vector<source_span>{{2, 2, 2}});
  CHECK(full[2].sources == std::vector<source_span>{{2, 2, 2}});
  CHECK(full[3].sources == std::vector<source_span>{{3, 3, 3}});
}

TEST_CASE("a request names each of its sources once, with the batches it has of it") {
  request_builder builder({});
  for (uint64_t source : {9, 3, 9, 5, 3, 9}) builder.append(*test::plain_batch(source, 10, 2), 0, no_cut);
  CHECK(builder.cut().sources == std::vector<source_span>{{3, 2, 5}, {5, 4, 4}, {9, 1, 6}});
}

TEST_CASE("a body takes no more memory than its bytes, and the next request does not contain the last") {
  request_builder builder({});
  builder.append(*test::plain_batch(1, 10, 500), 0, no_cut);
  auto big = builder.cut();
  builder.append(*test::plain_batch(2, 20, 1), 0, no_cut);
  auto small = builder.cut();
  CHECK(big.body->capacity() <= big.body->size() + 16);
  CHECK(test::wire_decode(plain(big)).size() == 500);
  CHECK(test::wire_decode(plain(small)).size() == 1);
}

TEST_CASE("samples above the age limit are left out and counted") {
  request_builder_options options;
  options.sample_age_max = 100;
  request_builder builder(options);
  auto target = made_target({{"job", "n"}});
  auto block = made_block(*target, {{{"__name__", "a"}}, {{"__name__", "b"}}, {{"__name__", "c"}}});
  auto batch = made_batch(target, 1, 1'000, {made_part({block}, {one, one, one}, {{0, 899}, {1, 900}})});
  builder.append(*batch, 1'000, no_cut);
  CHECK(builder.left_out() == left_out{1, 0});
  auto got = test::wire_decode(plain(builder.cut()));
  REQUIRE(got.size() == 2);
  CHECK(got[0].timestamp == 900);
  CHECK(got[1].timestamp == 1'000);
}

TEST_CASE("a batch with nothing to send leaves nothing behind") {
  request_builder_options options;
  options.sample_age_max = 1;
  request_builder builder(options);
  builder.append(*test::plain_batch(1, 10, 3), 1'000'000, no_cut);
  builder.append(*test::plain_batch(2, 10, 0), 1'000'000, no_cut);
  CHECK(builder.empty());
  CHECK_THROWS_AS(builder.cut(), assertion_failure);
  builder.append(*test::plain_batch(5, 1'000'000, 1), 1'000'000, no_cut);
  CHECK(builder.cut().sources == std::vector<source_span>{{5, 2, 2}});
}

TEST_CASE("a batch of which nothing is left is no source of the request") {
  request_builder_options options;
  options.sample_age_max = 100;
  request_builder builder(options);
  builder.append(*test::plain_batch(1, 1'000, 1), 1'000, no_cut);
  for (uint64_t source = 2; source < 10; ++source) builder.append(*test::plain_batch(source, 800, 1), 1'000, no_cut);
  CHECK(builder.sources().size() == 1);
  builder.append(*test::plain_batch(10, 1'000, 1), 1'000, no_cut);
  CHECK(builder.cut().sources == std::vector<source_span>{{1, 1, 1}, {10, 10, 10}});
}

TEST_CASE("a batch whose values do not fit its series is a bug, and what was taken before is kept") {
  request_builder builder({});
  builder.append(*test::plain_batch(1, 10, 3), 0, no_cut);
  auto target = made_target({{"job", "n"}});
  auto bad = made_batch(target, 2, 10, {made_part({made_block(*target, {{{"__name__", "a"}}})}, {one, one})});
  CHECK_THROWS_AS(builder.append(*bad, 0, no_cut), assertion_failure);
  CHECK(test::wire_decode(plain(builder.cut())).size() == 3);
}

TEST_CASE("random batches are encoded as the plain encoder has it") {
  std::mt19937_64 random(20261123);
  auto below = [&random](uint64_t n) { return random() % n; };
  for (int round = 0; round < 60; ++round) {
    request_builder_options options;
    options.samples_max = 1 + below(40);
    request_builder builder(options);
    std::vector<wire_sample> expected, got;
    auto take = [&](request made) {
      CHECK(made.samples <= options.samples_max);
      auto bytes = plain(made);
      auto samples = test::wire_decode(bytes);
      CHECK(bytes == test::wire_encode(samples));
      got.insert(got.end(), samples.begin(), samples.end());
    };
    for (int b = 0; b < 8; ++b) {
      auto target =
          made_target({{"instance", std::string(1 + below(40), 'i')}, {"job", std::string(1 + below(9), 'j')}});
      std::vector<series::block_ptr> blocks;
      std::vector<series::value_bits> values;
      std::vector<series::explicit_timestamp> timestamps;
      for (auto n = below(4); n > 0; --n) {
        std::vector<pairs> all;
        for (auto count = 1 + below(12); count > 0; --count) {
          bool live = below(5) != 0;
          all.push_back(
              live ? pairs{{"__name__", std::string(1 + below(50), 'n')}, {"l", std::string(1 + below(200), 'v')}}
                   : pairs{});
          values.push_back(live && below(4) != 0 ? random() % 3 : series::absent);
          if (below(4) == 0) {
            timestamps.push_back({static_cast<uint32_t>(values.size() - 1), static_cast<int64_t>(below(1u << 30))});
          }
        }
        blocks.push_back(made_block(*target, all));
      }
      auto batch =
          made_batch(target, below(3), static_cast<int64_t>(random()), {made_part(blocks, values, timestamps)});
      builder.append(*batch, 0, take);
      for (auto& sample : samples_of(*batch)) expected.push_back(std::move(sample));
    }
    if (!builder.empty()) take(builder.cut());
    CHECK((got == expected));
  }
}

}  // namespace rollcall::remote_write
