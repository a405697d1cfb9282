#include "lib/exposition/text_writer.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace rollcall;
using namespace rollcall::exposition;

namespace {

std::string sample_line(std::vector<std::pair<std::string, std::string>> pairs, double value,
                        std::optional<int64_t> timestamp = std::nullopt) {
  std::string out;
  append_sample(out, labels::of(std::move(pairs)), value, timestamp);
  return out;
}

}  // namespace

TEST_CASE("samples are written as lines of the text format") {
  CHECK(sample_line({{"__name__", "up"}}, 1) == "up 1\n");
  CHECK(sample_line({{"__name__", "up"}, {"job", "a"}, {"instance", "b:1"}}, 0.5, 1234) ==
        "up{instance=\"b:1\",job=\"a\"} 0.5 1234\n");
  CHECK(sample_line({{"__name__", "up"}}, std::nan(""), -5) == "up NaN -5\n");
}

TEST_CASE("label values are escaped") {
  CHECK(sample_line({{"__name__", "up"}, {"a", "x\"y\\z\nw"}}, 1) == "up{a=\"x\\\"y\\\\z\\nw\"} 1\n");
}

TEST_CASE("names that need quotes get them") {
  CHECK(sample_line({{"__name__", "my.metric"}}, 1) == "{\"my.metric\"} 1\n");
  CHECK(sample_line({{"__name__", "my.metric"}, {"a.b", "c"}, {"d", "e"}}, 1) ==
        "{\"my.metric\",\"a.b\"=\"c\",d=\"e\"} 1\n");
  CHECK(sample_line({{"__name__", "up"}, {"a\"b", "c"}}, 1) == "up{\"a\\\"b\"=\"c\"} 1\n");
}

TEST_CASE("metadata lines are written with their escapes") {
  std::string out;
  append_help(out, "up", "one\\two\nthree \"four\"");
  append_type(out, "up", metric_type::gauge);
  append_type(out, "my.metric", metric_type::unknown);
  CHECK(out == "# HELP up one\\\\two\\nthree \"four\"\n# TYPE up gauge\n# TYPE \"my.metric\" untyped\n");
}

TEST_CASE("what is written reads back") {
  std::vector<std::vector<std::pair<std::string, std::string>>> sets = {
      {{"__name__", "up"}},
      {{"__name__", "a:b"}, {"x", "1"}, {"y", "\\n"}},
      {{"__name__", "größe\n\"\\"}, {"l l", "\"\"\n\\"}, {"le", "1"}},
      {{"__name__", "9"}, {"9", "9"}},
  };
  for (const auto& pairs : sets) {
    std::string line = sample_line(pairs, -1.5e-7, 99);
    INFO(line);
    text_parser parser(line);
    REQUIRE(parser.next() == text_parser::entry::sample);
    std::vector<std::pair<std::string, std::string>> read;
    parser.append_labels(read);
    CHECK(labels::of(read) == labels::of(pairs));
    CHECK(std::bit_cast<double>(parser.value_bits()) == -1.5e-7);
    CHECK(parser.timestamp() == 99);
    CHECK(parser.next() == text_parser::entry::end);
  }
}
