#include "lib/exposition/protobuf_parser.hpp"

#include "tests/lib/exposition/described_entries.hpp"
#include "tests/support/metric_family_text.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace rollcall;
using exposition::entry;
using exposition::histogram_options;
using exposition::protobuf_parser;
using test::encode_metric_families;
using test::test_secret;

namespace {

std::string described(std::string_view body, const histogram_options& options = {}) {
  protobuf_parser parser(body, options, test_secret);
  return test::described_body(parser);
}

/// The hashes of all series of a body, by the series.
std::map<std::string, std::set<uint64_t>> hashes_of(std::string_view body, const histogram_options& options,
                                                    exposition::hash_secret secret = test_secret) {
  protobuf_parser parser(body, options, secret);
  std::map<std::string, std::set<uint64_t>> hashes;
  for (;;) {
    auto read = parser.next();
    REQUIRE(read);
    if (*read == entry::end) return hashes;
    if (*read != entry::sample && *read != entry::histogram) continue;
    hashes[test::described_series(parser, *read == entry::sample ? "" : "native")].insert(parser.series_hash());
  }
}

const std::string many_series = encode_metric_families(R"(
  family { name: "a" type: GAUGE
    metric { gauge { value: 1 } }
    metric { label { name: "x" value: "1" } gauge { value: 1 } }
    metric { label { name: "x" value: "2" } gauge { value: 1 } }
    metric { label { name: "x" value: "1" } label { name: "y" value: "1" } gauge { value: 1 } } }
  family { name: "ab" type: GAUGE metric { gauge { value: 1 } } }
  family { name: "s" type: SUMMARY
    metric { summary { quantile { quantile: 0.5 value: 1 } quantile { quantile: 0.9 value: 2 } } }
    metric { label { name: "x" value: "1" } summary { quantile { quantile: 0.5 value: 1 } } } }
  family { name: "h" type: HISTOGRAM
    metric { histogram { zero_threshold: 1 bucket { upper_bound: 0.5 } bucket { upper_bound: 0.9 } } }
    metric { label { name: "x" value: "1" } histogram { zero_threshold: 1 bucket { upper_bound: 0.5 } } } })");

}  // namespace

TEST_CASE("the protobuf parser reads every conformance case as expected") {
  auto cases = test::exposition_cases(TEST_SOURCE_DIR "/conformance/protobuf");
  CHECK(cases.size() >= 20);
  for (const auto& one : cases) {
    INFO("tests/conformance/protobuf/" << one.name << ".case");
    histogram_options options;
    options.scrape_native_histograms = !one.has("classic_only");
    options.always_scrape_classic_histograms = one.has("always_scrape_classic_histograms");
    options.convert_classic_histograms_to_nhcb = one.has("convert_classic_histograms_to_nhcb");
    CHECK(described(encode_metric_families(one.body), options) == one.expected);
  }
}

TEST_CASE("every series of a protobuf body has a hash of its own") {
  auto hashes = hashes_of(many_series, {.always_scrape_classic_histograms = true});
  CHECK(hashes.size() == 5 + 7 + 11);
  std::set<uint64_t> all;
  for (const auto& [series, own] : hashes) {
    INFO(series);
    CHECK(own.size() == 1);
    all.insert(own.begin(), own.end());
  }
  CHECK(all.size() == hashes.size());
}

TEST_CASE("the hash of a series does not depend on values, timestamps or neighbours") {
  auto first = hashes_of(encode_metric_families(R"(
    family { name: "c" help: "x" type: COUNTER metric { label { name: "x" value: "1" } counter { value: 5 } } })"),
                         {});
  auto second = hashes_of(encode_metric_families(R"(
    family { name: "b" type: COUNTER metric { counter { value: 5 } } }
    family { name: "c" type: COUNTER
      metric { counter { value: 1 } }
      metric { label { name: "x" value: "1" } counter { value: 6 exemplar { value: 1 } } } })"),
                          {});
  REQUIRE(first.size() == 1);
  bool has_same = false;
  for (const auto& [series, own] : second) has_same |= own == first.begin()->second;
  CHECK(has_same);
}

TEST_CASE("another secret gives other hashes") {
  auto other = test_secret;
  other[0] ^= 1;
  other[100] ^= 1;
  auto one = hashes_of(many_series, {});
  auto two = hashes_of(many_series, {}, other);
  REQUIRE(one.size() == two.size());
  for (const auto& [series, own] : one) CHECK(two[series] != own);
}

TEST_CASE("labels that other fields interrupt are read in order") {
  CHECK(described(encode_metric_families(R"(
    family { metric { label { name: "a" value: "1" } gauge { value: 2 } label { name: "b" value: "2" } timestamp_ms: 5
                      label { value: "3" name: "c" } } type: GAUGE name: "g" })")) ==
        "help g \n"
        "type g gauge\n"
        "sample g{a=\"1\",b=\"2\",c=\"3\"} 2 @5\n");
}

TEST_CASE("labels with more than 127 bytes are read") {
  std::string value(300, 'v');
  auto text = described(encode_metric_families(
      "family { name: \"g\" type: GAUGE metric { label { name: \"a\" value: \"1\" } label { name: \"b\" value: \"" +
      value + "\" } label { name: \"c\" value: \"3\" } gauge { value: 1 } } }"));
  CHECK(text.ends_with("sample g{a=\"1\",b=\"" + value + "\",c=\"3\"} 1\n"));
}

TEST_CASE("a body that was cut off gives an error with the offset") {
  std::string body = encode_metric_families(R"(
    family { name: "a" type: GAUGE metric { gauge { value: 1 } } }
    family { name: "b" type: GAUGE metric { gauge { value: 1 } } })");
  size_t middle = body.size() / 2;
  auto whole = described(body);
  for (size_t size = 0; size < body.size(); ++size) {
    INFO(size);
    auto text = described(std::string_view(body).substr(0, size));
    if (size == 0) {
      CHECK(text.empty());
    } else if (size < middle) {
      CHECK(text.starts_with("error metric family at byte 0: "));
    } else if (size == middle) {
      CHECK(text == whole.substr(0, text.size()));
    } else {
      CHECK(text.find("error metric family at byte " + std::to_string(middle) + ": ") != std::string::npos);
    }
  }
  CHECK(described(std::string_view(body).substr(0, body.size() - 1))
            .ends_with("error metric family at byte 19: it has 18 bytes, but only 17 are left of the body\n"));
}

TEST_CASE("a length must be a 32-bit varint") {
  using namespace std::string_literals;
  CHECK(described("\x80") == "error metric family at byte 0: the body ends within its length\n");
  CHECK(described("\x80\x80\x80\x80\x80\x01"s) == "error metric family at byte 0: its length is no 32-bit number\n");
  CHECK(described("\xff\xff\xff\xff\x0f"s) ==
        "error metric family at byte 0: it has 4294967295 bytes, but only 0 are left of the body\n");
}

TEST_CASE("a metric that is malformed gives an error with the family and the offset") {
  using namespace std::string_literals;
  // A Gauge whose value is cut off, one whose value is a varint, a tag without a number, and a group.
  for (const auto& metric :
       {"\x12\x03\x09\x00\x00"s, "\x12\x02\x08\x01"s, "\x02\x01x"s, "\x0b\x0c"s, "\x12\x05\x09"s}) {
    std::string family = "\x0a\x01g\x18\x01\x22"s + static_cast<char>(metric.size()) + metric;
    CHECK(described(static_cast<char>(family.size()) + family) ==
          "help g \ntype g gauge\nerror metric family \"g\" at byte 6: malformed metric\n");
  }
}

TEST_CASE("after an error the protobuf parser only repeats it") {
  protobuf_parser parser("\x05", {}, test_secret);
  auto first = parser.next();
  REQUIRE_FALSE(first);
  CHECK(first.error().code == errc::syntax);
  auto second = parser.next();
  REQUIRE_FALSE(second);
  CHECK(second.error() == first.error());
}

TEST_CASE("fields that a later version may bring are passed over") {
  using namespace std::string_literals;
  std::string metric = "\x12\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"s + "\x78\x05" + "\x82\x01\x02zz" + "\x8d\x01zzzz";
  std::string family = "\x0a\x01g\x18\x01\x22"s + static_cast<char>(metric.size()) + metric + "\x7a\x01z";
  CHECK(described(static_cast<char>(family.size()) + family) == "help g \ntype g gauge\nsample g 1\n");
}

TEST_CASE("a histogram with more buckets than any has is refused") {
  std::string buckets;
  for (size_t i = 0; i <= exposition::metric_message::elements_max; ++i) buckets += std::string("\x1a\x00", 2);
  using test::metric_family_text::delimited;
  std::string family = "\x0a\x01h\x18\x04\x22" + delimited("\x3a" + delimited(buckets));
  CHECK(described(delimited(family)).ends_with("at byte 8: too many buckets\n"));
}

TEST_CASE("a NaN is the one that texts give, but a staleness marker stays") {
  auto bits_of = [](uint64_t bits) {
    std::string body = encode_metric_families(R"(family { name: "g" type: GAUGE metric { gauge { value: 1 } } })");
    std::memcpy(body.data() + body.size() - 8, &bits, 8);
    protobuf_parser parser(body, {}, test_secret);
    for (int i = 0; i < 3; ++i) REQUIRE(parser.next());
    return parser.value_bits();
  };
  CHECK(bits_of(0x7ff0000000000002) == 0x7ff0000000000002);
  CHECK(bits_of(0x7ff8000000000000) == exposition::not_a_number_bits);
  CHECK(bits_of(0x7ff4526f6c6c6361) == exposition::not_a_number_bits);
  CHECK(bits_of(0x8000000000000000) == 0x8000000000000000);
}

TEST_CASE("the position is that of the metric") {
  std::string body = encode_metric_families(
      R"(family { name: "g" type: GAUGE metric { gauge { value: 1 } } metric { gauge { value: 2 } } })");
  protobuf_parser parser(body, {}, test_secret);
  std::vector<size_t> positions;
  for (auto read = parser.next(); *read != entry::end; read = parser.next()) positions.push_back(parser.position());
  CHECK(positions == std::vector<size_t>{0, 0, 6, 19});
}

TEST_CASE("a known field in another encoding than it should have is malformed") {
  using namespace std::string_literals;
  using test::metric_family_text::delimited;
  // A double where a histogram or a summary has its count, and a timestamp of bytes.
  for (const auto& [type, metric] :
       {std::pair{'\x04', "\x3a\x09\x09\0\0\0\0\0\0\0\0"s}, std::pair{'\x02', "\x22\x09\x09\0\0\0\0\0\0\0\0"s},
        std::pair{'\x01', "\x32\x01z"s}, std::pair{'\x01', "\x08\x01"s}}) {
    std::string family = "\x0a\x01g\x18"s + type + '\x22' + delimited(metric);
    CHECK(described(delimited(family)).ends_with("at byte 6: malformed metric\n"));
  }
}
