#include "lib/histograms/encoding.hpp"

#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::histograms;

namespace {

/// The fields of a message, each as number, encoding and value, in the order of the bytes.
std::string fields_of(std::string_view message) {
  std::string out;
  for (test::wire_reader reader(message); !reader.done();) {
    uint64_t tag = reader.varint();
    out += std::to_string(tag >> 3);
    if ((tag & 7) == 0) {
      out += ':' + std::to_string(reader.varint());
    } else if ((tag & 7) == 1) {
      auto bits = reader.fixed64();
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      out += '=' + std::to_string(value);
    } else {
      REQUIRE((tag & 7) == 2);
      out += '[';
      for (unsigned char byte : reader.bytes()) out += std::to_string(byte) + ' ';
      out += ']';
    }
    out += '\n';
  }
  return out;
}

std::string encoded(const native_histogram& histogram) {
  std::string out;
  encode_histogram(out, histogram);
  return out;
}

}  // namespace

TEST_CASE("an integer histogram is written field by field") {
  native_histogram histogram;
  histogram.count = 300;
  histogram.sum = 1.5;
  histogram.schema = -4;
  histogram.zero_threshold = 0.25;
  histogram.zero_count = 2;
  histogram.negative = {{{-2, 1}}, {3}, {}};
  histogram.positive = {{{0, 1}, {5, 2}}, {1, -1, 200}, {}};
  histogram.hint = reset_hint::gauge;
  CHECK(fields_of(encoded(histogram)) ==
        "1:300\n"
        "3=1.500000\n"
        "4:7\n"
        "5=0.250000\n"
        "6:2\n"
        "8[8 3 16 1 ]\n"
        "9[6 ]\n"
        "11[16 1 ]\n"
        "11[8 10 16 2 ]\n"
        "12[2 1 144 3 ]\n"
        "14:3\n");
}

TEST_CASE("a float histogram has counts and float fields for the totals") {
  native_histogram histogram;
  histogram.is_float = true;
  histogram.count_float = 2.5;
  histogram.positive = {{{1, 1}}, {}, {2}};
  CHECK(fields_of(encoded(histogram)) ==
        "2=2.500000\n"
        "7=0.000000\n"
        "11[8 2 16 1 ]\n"
        "13[0 0 0 0 0 0 0 64 ]\n");
}

TEST_CASE("only the totals of an empty histogram are written") {
  CHECK(fields_of(encoded(native_histogram{})) == "1:0\n6:0\n");
}

TEST_CASE("custom bounds are a field of their own, behind the others") {
  native_histogram histogram;
  histogram.schema = custom_buckets_schema;
  std::string out = "before";
  encode_custom_values(out, histogram);
  CHECK(out == "before");
  histogram.custom_values = {2};
  encode_custom_values(out, histogram);
  CHECK(fields_of(out.substr(6)) == "16[0 0 0 0 0 0 0 64 ]\n");
  CHECK(fields_of(encoded(histogram)) == "1:0\n4:105\n6:0\n");
}
