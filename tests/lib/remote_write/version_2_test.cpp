#include "lib/remote_write/request_builder.hpp"
#include "lib/remote_write/rewrite.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/lib/remote_write/wire_format_2.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

/// Requests of remote_write 2.0: made, and rewritten as such of 1.0.
namespace rollcall::remote_write {

namespace {

using test::made_batch;
using test::made_block;
using test::made_part;
using test::made_target;
using test::pairs;
using test::wire_metadata;
using test::wire_series;

const series::value_bits one = series::to_bits(1);

void no_cut(request) { FAIL("the request was not full"); }

std::string plain(const request& made) { return test::uncompressed(*made.body); }

request_builder_options options_of(message_kind message) {
  request_builder_options options;
  options.message = message;
  options.send_native_histograms = true;
  options.send_exemplars = true;
  return options;
}

request request_of(const series::scrape_batch& batch, request_builder_options options) {
  request_builder builder(std::move(options));
  builder.append(batch, batch.timestamp, no_cut);
  return builder.cut();
}

result<std::string> joined(std::string_view a, std::string_view b) {
  return join_version_2(std::array{std::string(a), std::string(b)});
}

std::vector<wire_series> decoded(const request& made) { return test::wire_decode_2(plain(made)); }

series::metadata_ptr metadata_of(series::metadata_table table) {
  return std::make_shared<const series::metadata_table>(std::move(table));
}

series::scrape_batch_ptr with_metadata(const series::scrape_batch_ptr& batch, series::metadata_table table) {
  auto described = *batch;
  described.metadata = metadata_of(std::move(table));
  return std::make_shared<const series::scrape_batch>(std::move(described));
}

histograms::native_histogram custom_histogram() {
  histograms::native_histogram histogram;
  histogram.schema = histograms::custom_buckets_schema;
  histogram.count = 3;
  histogram.positive.spans = {{0, 2}};
  histogram.positive.deltas = {1, 1};
  histogram.custom_values = {0.5, 2};
  return histogram;
}

histograms::native_histogram native_histogram() {
  histograms::native_histogram histogram;
  histogram.schema = 3;
  histogram.count = 5;
  histogram.sum = 1.5;
  histogram.zero_count = 1;
  histogram.positive.spans = {{-2, 2}};
  histogram.positive.deltas = {1, 2};
  return histogram;
}

// {__name__="h"} is the histogram and has an exemplar, {__name__="m"} is 1 and has another.
series::scrape_batch_ptr rich_batch(const histograms::native_histogram& histogram) {
  auto target = made_target({{"instance", "a:1"}, {"job", "n"}});
  auto part =
      made_part({made_block(*target, {{{"__name__", "h"}}, {{"__name__", "m"}}})}, {series::histogram_value, one});
  part.histograms.push_back({0, std::make_shared<const histograms::native_histogram>(histogram)});
  part.exemplars.push_back({0, {{{"trace_id", "t1"}, {"span", "s"}}, one, 990}});
  part.exemplars.push_back({1, {{}, one, 991}});
  return made_batch(target, 1, 1'000, {part});
}

}  // namespace

TEST_CASE("a sample of version 2 is encoded as protobuf has it, byte for byte") {
  auto target = made_target({{"job", "n"}});
  auto batch = made_batch(target, 7, 1'000, {made_part({made_block(*target, {{{"__name__", "up"}}})}, {one})});
  auto made = request_of(*batch, options_of(message_kind::v2));
  const std::string expected(
      "\x22\x00"
      "\x22\x08__name__\x22\x02up\x22\x03job\x22\x01n"
      "\x2A\x14"
      "\x0A\x04\x01\x02\x03\x04"
      "\x12\x0C\x09\x00\x00\x00\x00\x00\x00\xF0\x3F\x10\xE8\x07",
      46);
  CHECK(plain(made) == expected);
  CHECK(made.message == message_kind::v2);
  CHECK(static_cast<item_counts>(made) == item_counts{1, 0, 0});
}

TEST_CASE("equal strings stand in a request once, whoever has them and whatever they are for") {
  request_builder builder(options_of(message_kind::v2));
  auto target = made_target({{"instance", "job"}, {"job", "m"}});
  auto block = made_block(*target, {{{"__name__", "m"}}, {{"__name__", "m"}, {"l", "job"}}});
  for (uint64_t source : {1, 2, 3})
    builder.append(*made_batch(target, source, 5, {made_part({block}, {one, one})}), 0, no_cut);
  builder.append(*test::plain_batch(4, 6, 3), 0, no_cut);
  auto made = builder.cut();
  // The decoder throws when one is repeated or not used.
  auto all = decoded(made);
  REQUIRE(all.size() == 9);
  CHECK(all[5].labels == test::wire_labels{{"__name__", "m"}, {"instance", "job"}, {"job", "m"}, {"l", "job"}});
  CHECK(all[8].labels == test::wire_labels{{"__name__", "m"}, {"i", "2"}, {"instance", "4"}, {"job", "j"}});
}

TEST_CASE("references of every length are encoded, in series with any number of labels") {
  request_builder builder(options_of(message_kind::v2));
  auto target = made_target({{"job", "n"}});
  std::vector<pairs> all;
  for (size_t labels : {1, 20, 31, 32, 33, 60, 62, 63, 64, 65, 200, 9'000}) {
    pairs series{{"__name__", "m" + std::to_string(labels)}};
    for (size_t i = 0; i < labels; ++i) series.push_back({"l" + std::to_string(i), std::to_string(labels * i)});
    all.push_back(std::move(series));
  }
  auto batch = made_batch(target, 1, 5, {made_part({made_block(*target, all)}, std::vector(all.size(), one))});
  auto got = decoded(request_of(*batch, options_of(message_kind::v2)));
  REQUIRE(got.size() == all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].push_back({"job", "n"});
    std::sort(all[i].begin(), all[i].end());
    CHECK((got[i].labels == all[i]));
    CHECK(got[i].sample == test::wire_sample{{}, one, 5});
  }
}

TEST_CASE("a series has the metadata that its target gives for its family") {
  using exposition::metric_type;
  auto target = made_target({{"job", "n"}});
  auto block = made_block(*target, {{{"__name__", "a_total"}},
                                    {{"__name__", "b_bucket"}, {"le", "1"}},
                                    {{"__name__", "b_created"}},
                                    {{"__name__", "c"}},
                                    {{"__name__", "c_total"}},
                                    {{"__name__", "d"}}});
  auto batch = with_metadata(made_batch(target, 1, 5, {made_part({block}, std::vector(6, one))}),
                             {{"a", metric_type::counter, "What a is.", "seconds"},
                              {"b", metric_type::histogram, "", ""},
                              {"c", metric_type::gauge, "What a is.", ""}});
  auto all = decoded(request_of(*batch, options_of(message_kind::v2)));
  REQUIRE(all.size() == 6);
  CHECK(all[0].metadata == wire_metadata{1, "What a is.", "seconds"});
  CHECK(all[1].metadata == wire_metadata{3, "", ""});
  CHECK(all[2].metadata == wire_metadata{3, "", ""});
  CHECK(all[3].metadata == wire_metadata{2, "What a is.", ""});
  // Not the counter of that name: gauges have no suffixes.
  CHECK_FALSE(all[4].metadata);
  CHECK_FALSE(all[5].metadata);
}

TEST_CASE("targets that share a block have the metadata of their own") {
  auto target = made_target({{"job", "n"}});
  auto block = made_block(*target, {{{"__name__", "m"}}});
  request_builder builder(options_of(message_kind::v2));
  for (const char* help : {"first", "second", "first"}) {
    auto batch = made_batch(target, 1, 5, {made_part({block}, {one})});
    builder.append(*with_metadata(batch, {{"m", exposition::metric_type::gauge, help, ""}}), 0, no_cut);
  }
  auto all = decoded(builder.cut());
  REQUIRE(all.size() == 3);
  CHECK(all[0].metadata->help == "first");
  CHECK(all[1].metadata->help == "second");
  CHECK(all[2].metadata->help == "first");
}

TEST_CASE("histograms and exemplars of version 2 stand behind the labels of their series") {
  auto histogram = native_histogram();
  auto made = request_of(*rich_batch(histogram), options_of(message_kind::v2));
  CHECK(static_cast<item_counts>(made) == item_counts{4, 1, 2});
  auto all = decoded(made);
  REQUIRE(all.size() == 4);
  std::string message;
  append_histogram_message(message, histogram, 1'000);
  CHECK(all[0].histogram == message);
  CHECK(all[1].exemplar == test::wire_exemplar{{{"span", "s"}, {"trace_id", "t1"}}, one, 990});
  CHECK(all[1].labels == all[0].labels);
  CHECK(all[2].sample == test::wire_sample{{}, one, 1'000});
  CHECK(all[3].exemplar == test::wire_exemplar{{}, one, 991});
}

TEST_CASE("version 2 says when a series began, and version 1 has no place for it") {
  auto batch = *rich_batch(custom_histogram());
  batch.parts[0].starts = {{0, 300}, {1, 400}};
  auto made = request_of(batch, options_of(message_kind::v2));
  auto all = decoded(made);
  REQUIRE(all.size() == 4);
  // Field 17 stands last.
  CHECK(all[0].histogram->ends_with("\x88\x01\xAC\x02"));
  CHECK(all[2].sample == test::wire_sample{{}, one, 1'000});
  CHECK(all[2].start == 400);
  auto rewritten = as_version_1(plain(made));
  REQUIRE(rewritten);
  CHECK(rewritten->bytes == plain(request_of(batch, options_of(message_kind::v1))));
}

TEST_CASE("histograms with custom buckets are sent in version 2 only") {
  auto batch = rich_batch(custom_histogram());
  auto made = request_of(*batch, options_of(message_kind::v2));
  CHECK(made.histograms == 1);
  // Field 16, the bounds, stands last.
  auto message = decoded(made)[0].histogram.value();
  CHECK(message.substr(message.size() - 19, 3) == "\x82\x01\x10");
  request_builder first(options_of(message_kind::v1));
  first.append(*batch, batch->timestamp, no_cut);
  CHECK(first.counts().histograms == 0);
  CHECK(first.left_out().custom_buckets == 1);
}

TEST_CASE("external labels and relabeling have their strings in the table of every request") {
  auto options = options_of(message_kind::v2);
  options.samples_max = 2;
  relabel::rule_config rule;
  rule.source_labels = {"i"};
  rule.target_label = "copy";
  options.rules = {labels::of({{"replica", "r"}}),
                   *relabel::program::compile(std::vector{rule}, name_validation::utf8)};
  request_builder builder(options);
  std::vector<wire_series> all;
  for (uint64_t source : {1, 2}) {
    builder.append(*test::plain_batch(source, 5, 3), 0, [&](const request& made) {
      for (auto& each : decoded(made)) all.push_back(std::move(each));
    });
  }
  REQUIRE(all.size() == 6);
  CHECK(all[4].labels ==
        test::wire_labels{
            {"__name__", "m"}, {"copy", "1"}, {"i", "1"}, {"instance", "2"}, {"job", "j"}, {"replica", "r"}});
}

TEST_CASE("rewritten as version 1, requests are what version 1 would have made of their batches") {
  std::mt19937_64 random(20261126);
  auto below = [&random](uint64_t n) { return random() % n; };
  for (int round = 0; round < 40; ++round) {
    auto options = options_of(message_kind::v1);
    // Most are cut in the middle of a block.
    options.samples_max = 1 + below(60);
    request_builder first(options);
    options.message = message_kind::v2;
    request_builder second(options);
    std::vector<request> expected, got;
    auto append = [&](const series::scrape_batch& batch) {
      first.append(batch, 0, [&](request made) { expected.push_back(std::move(made)); });
      second.append(batch, 0, [&](request made) { got.push_back(std::move(made)); });
    };
    for (int b = 0; b < 6; ++b) {
      auto target =
          made_target({{"instance", std::string(1 + below(40), 'i')}, {"job", "j" + std::to_string(below(3))}});
      std::vector<pairs> all;
      std::vector<series::value_bits> values;
      for (auto count = 1 + below(30); count > 0; --count) {
        all.push_back({{"__name__", "n" + std::to_string(below(9))}, {"l", std::string(1 + below(200), 'v')}});
        values.push_back(below(5) == 0 ? series::absent : random() % 3);
      }
      auto part = made_part({made_block(*target, all)}, values);
      append(*with_metadata(made_batch(target, below(3), static_cast<int64_t>(random() >> 20), {part}),
                            {{"n1", exposition::metric_type::counter, "Help.", ""}}));
      append(*rich_batch(native_histogram()));
    }
    if (!first.empty()) expected.push_back(first.cut());
    if (!second.empty()) got.push_back(second.cut());
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      CHECK_NOTHROW(decoded(got[i]));
      auto rewritten = as_version_1(plain(got[i]));
      REQUIRE(rewritten);
      CHECK((rewritten->bytes == plain(expected[i])));
      CHECK(static_cast<item_counts>(got[i]) == static_cast<item_counts>(expected[i]));
      CHECK(got[i].sources == expected[i].sources);
    }
  }
}

TEST_CASE("what version 1 has no form for is left out of a rewritten request, and counted") {
  auto batch = rich_batch(custom_histogram());
  auto rewritten = as_version_1(plain(request_of(*batch, options_of(message_kind::v2))));
  REQUIRE(rewritten);
  CHECK(rewritten->custom_buckets == 1);
  CHECK(rewritten->bytes == plain(request_of(*batch, options_of(message_kind::v1))));
}

TEST_CASE("what is no message of version 2 is not rewritten, nor joined") {
  auto made = plain(request_of(*rich_batch(native_histogram()), options_of(message_kind::v2)));
  for (size_t kept = 0; kept < made.size(); ++kept) {
    // Whole fields are a message too; what must not be is a crash.
    static_cast<void>(as_version_1(std::string_view(made).substr(0, kept)));
    static_cast<void>(joined(std::string_view(made).substr(0, kept), made));
  }
  const std::string_view unknown_symbol("\x22\x00\x2A\x04\x0A\x02\x00\x01", 8);
  const std::string_view half_a_label("\x22\x00\x2A\x03\x0A\x01\x00", 7);
  CHECK_FALSE(as_version_1(unknown_symbol));
  CHECK_FALSE(joined(unknown_symbol, made));
  CHECK_FALSE(as_version_1(half_a_label));
  CHECK_FALSE(as_version_1("\x2A\x7F"));
  CHECK_FALSE(joined(made, "\x2A\x7F"));
}

}  // namespace rollcall::remote_write
