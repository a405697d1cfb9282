#include "bench/sink/write_request.hpp"

#include <catch2/catch.hpp>
#include <protozero/pbf_writer.hpp>
#include <snappy.h>

#include <bit>
#include <limits>

namespace rollcall::bench {
namespace {

using labels = std::vector<std::pair<std::string, std::string>>;

struct point {
  double value;
  int64_t timestamp;
};

void add_series(protozero::pbf_writer& request, const labels& names, const std::vector<point>& points) {
  protozero::pbf_writer series(request, 1);
  for (const auto& [name, value] : names) {
    protozero::pbf_writer label(series, 1);
    label.add_string(1, name);
    label.add_string(2, value);
  }
  for (const auto& each : points) {
    protozero::pbf_writer sample(series, 2);
    sample.add_double(1, each.value);
    sample.add_int64(2, each.timestamp);
  }
}

std::string compressed(const std::string& plain) {
  std::string body;
  snappy::Compress(plain.data(), plain.size(), &body);
  return body;
}

std::string one_series(const labels& names, const std::vector<point>& points) {
  std::string plain;
  protozero::pbf_writer request(plain);
  add_series(request, names, points);
  return compressed(plain);
}

uint64_t series_of(const labels& names) {
  write_request_reader reader(1 << 20);
  auto observed = reader.read(one_series(names, {{1, 1}}));
  REQUIRE(observed);
  REQUIRE((*observed)->samples.size() == 1);
  return (*observed)->samples[0].series;
}

TEST_CASE("reads every sample of every series with its timestamp") {
  std::string plain;
  protozero::pbf_writer request(plain);
  add_series(request, {{"__name__", "a_total"}, {"job", "x"}}, {{1.5, 1000}, {2.5, 2000}});
  add_series(request, {{"__name__", "b_total"}, {"job", "x"}}, {{0, -5}});
  write_request_reader reader(1 << 20);
  auto observed = reader.read(compressed(plain));
  REQUIRE(observed);
  const auto& samples = (*observed)->samples;
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].timestamp == 1000);
  CHECK(samples[1].timestamp == 2000);
  CHECK(samples[2].timestamp == -5);
  CHECK(samples[0].series == samples[1].series);
  CHECK(samples[0].series != samples[2].series);
}

TEST_CASE("knows a staleness marker from every other value") {
  double stale = std::bit_cast<double>(uint64_t{0x7ff0000000000002});
  double ordinary_nan = std::bit_cast<double>(uint64_t{0x7ff8000000000001});
  write_request_reader reader(1 << 20);
  auto observed = reader.read(one_series({{"__name__", "a"}}, {{stale, 1}, {ordinary_nan, 2}, {0, 3}}));
  REQUIRE(observed);
  CHECK((*observed)->samples[0].is_stale);
  CHECK_FALSE((*observed)->samples[1].is_stale);
  CHECK_FALSE((*observed)->samples[2].is_stale);
}

TEST_CASE("tells the agent's own series from those of the targets wherever the name stands") {
  struct {
    labels names;
    bool is_report;
  } cases[] = {
      {{{"__name__", "up"}, {"job", "x"}}, true},
      {{{"__name__", "scrape_duration_seconds"}}, true},
      {{{"Zone", "eu"}, {"__name__", "scrape_series_added"}, {"job", "x"}}, true},
      {{{"__name__", "uptime_seconds"}}, false},
      {{{"__name__", "upper"}}, false},
      {{{"job", "up"}, {"__name__", "a"}}, false},
      {{{"__name__", ""}}, false},
  };
  write_request_reader reader(1 << 20);
  for (const auto& each : cases) {
    auto observed = reader.read(one_series(each.names, {{1, 1}}));
    REQUIRE(observed);
    INFO(each.names[0].first << '=' << each.names[0].second);
    CHECK((*observed)->samples.at(0).is_report == each.is_report);
  }
}

TEST_CASE("identifies a series by its set of labels, in whatever order they come") {
  CHECK(series_of({{"__name__", "a"}, {"x", "1"}}) == series_of({{"x", "1"}, {"__name__", "a"}}));
  CHECK(series_of({{"__name__", "a"}, {"x", "1"}}) != series_of({{"__name__", "a"}, {"x", "2"}}));
  CHECK(series_of({{"__name__", "a"}, {"x", "1"}}) != series_of({{"__name__", "a"}, {"1", "x"}}));
  CHECK(series_of({{"a", "bc"}}) != series_of({{"ab", "c"}}));
}

TEST_CASE("counts metadata, exemplars and histograms without taking them for samples") {
  std::string plain;
  protozero::pbf_writer request(plain);
  {
    protozero::pbf_writer series(request, 1);
    series.add_message(1, std::string("\x0a\x01"
                                      "a",
                                      3));
    series.add_message(3, std::string());
    series.add_message(3, std::string());
    series.add_message(4, std::string());
  }
  request.add_message(3, std::string());
  write_request_reader reader(1 << 20);
  auto observed = reader.read(compressed(plain));
  REQUIRE(observed);
  CHECK((*observed)->samples.empty());
  CHECK((*observed)->exemplars == 2);
  CHECK((*observed)->histograms == 1);
  CHECK((*observed)->metadata == 1);
}

TEST_CASE("forgets the last request when it reads the next") {
  write_request_reader reader(1 << 20);
  REQUIRE(reader.read(one_series({{"__name__", "a"}}, {{1, 1}, {2, 2}})));
  auto observed = reader.read(one_series({{"__name__", "b"}}, {{1, 7}}));
  REQUIRE(observed);
  CHECK((*observed)->samples.size() == 1);
}

TEST_CASE("refuses what is no snappy block, is cut short, or is no WriteRequest") {
  write_request_reader reader(1 << 20);
  std::string whole = one_series({{"__name__", "a_rather_long_name_so_that_there_is_something_to_cut"}}, {{1, 1}});
  CHECK(reader.read("").error().code == errc::syntax);
  CHECK(reader.read("\xff\xff\xff\xff\xff\xff\xff").error().code == errc::syntax);
  CHECK(reader.read(whole.substr(0, whole.size() - 3)).error().code == errc::syntax);
  CHECK(reader.read(compressed("\x0a\x7f too short")).error().code == errc::syntax);
  CHECK(reader.read(whole));
}

TEST_CASE("refuses a body that inflates beyond its bound before inflating it") {
  write_request_reader reader(1000);
  auto refused = reader.read(compressed(std::string(1001, '\0')));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::limit_exceeded);
}

}  // namespace
}  // namespace rollcall::bench
