#include "lib/remote_write/part_search.hpp"

#include "lib/remote_write/request_builder.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace rollcall::remote_write {

namespace {

using series_numbers = std::set<uint64_t>;

// Of one target that exposes the series 0, 1, ...
request request_of(size_t series) {
  request_builder_options options;
  options.samples_max = series;
  std::optional<request> made;
  request_builder builder(options);
  builder.append(*test::plain_batch(1, 1'000, series), 0, [&](request full) { made = std::move(full); });
  return made ? *made : builder.cut();
}

series_numbers numbers_in(const request& made) {
  series_numbers found;
  for (const auto& sample : test::wire_decode(test::uncompressed(*made.body))) {
    for (const auto& [name, value] : sample.labels)
      if (name == "i") REQUIRE(found.insert(std::stoull(value)).second);
  }
  return found;
}

// A receiver that refuses whatever has any of some series.
struct receiver {
  series_numbers unwanted;
  series_numbers kept = {};
  size_t posts = 1;  // with that of the whole

  void search(part_search& parts) {
    while (auto part = parts.next()) {
      ++posts;
      auto numbers = numbers_in(*part);
      bool wants_all = std::none_of(numbers.begin(), numbers.end(), [&](auto each) { return unwanted.contains(each); });
      if (wants_all) {
        parts.accepted();
        for (auto each : numbers) REQUIRE(kept.insert(each).second);
      } else {
        parts.refused(std::move(*part));
      }
    }
  }
};

series_numbers all_but(size_t series, const series_numbers& unwanted) {
  series_numbers all;
  for (uint64_t i = 0; i < series; ++i)
    if (!unwanted.contains(i)) all.insert(i);
  return all;
}

}  // namespace

TEST_CASE("one series among thousands is found with two requests for each halving") {
  auto unwanted = GENERATE(uint64_t{0}, uint64_t{1}, uint64_t{777}, uint64_t{1'998}, uint64_t{1'999});
  receiver picky{{unwanted}};
  part_search parts(request_of(2'000));
  picky.search(parts);
  CHECK(picky.kept == all_but(2'000, {unwanted}));
  REQUIRE(parts.rest());
  CHECK(numbers_in(*parts.rest()) == series_numbers{unwanted});
  CHECK(parts.rest()->samples == 1);
  CHECK(picky.posts <= 1 + 2 * 11);
}

TEST_CASE("when many are refused, few others stay behind with them") {
  auto first = GENERATE(uint64_t{0}, uint64_t{700}, uint64_t{1'900});
  series_numbers unwanted{5, 1'500};
  for (uint64_t i = 0; i < 100; ++i) unwanted.insert(first + i);
  receiver picky{unwanted};
  part_search parts(request_of(2'000));
  picky.search(parts);
  CHECK(picky.posts <= 65);
  CHECK(!parts.was_in_vain());
  auto left = numbers_in(*parts.rest());
  for (auto each : unwanted) CHECK(left.contains(each));
  CHECK(left.size() < unwanted.size() + 200);
  left.insert(picky.kept.begin(), picky.kept.end());
  CHECK(left == all_but(2'000, {}));
}

TEST_CASE("a receiver that wants nothing is not asked for long") {
  receiver hostile{all_but(2'000, {})};
  part_search parts(request_of(2'000));
  hostile.search(parts);
  CHECK(hostile.posts == 7);
  CHECK(parts.was_in_vain());
  CHECK(numbers_in(*parts.rest()).size() == 2'000);
}

TEST_CASE("when every part is accepted there is no rest") {
  receiver whole_averse{{}};
  part_search parts(request_of(100));
  whole_averse.search(parts);
  CHECK(whole_averse.posts == 3);
  CHECK(!parts.rest());
}

TEST_CASE("at any time the rest is what was not accepted, and giving up ends the search with it") {
  part_search parts(request_of(8));
  parts.refused(*parts.next());
  parts.next();
  parts.accepted();
  CHECK(numbers_in(*parts.rest()) == series_numbers{0, 1, 2, 3});
  parts.next();
  parts.accepted();
  CHECK(numbers_in(*parts.rest()) == series_numbers{2, 3});
  parts.give_up();
  CHECK(!parts.next());
  CHECK(numbers_in(*parts.rest()) == series_numbers{2, 3});
}

TEST_CASE("a request of one series is not divided") {
  auto single = request_of(1);
  single.sequence = 9;
  part_search parts(single);
  CHECK(!parts.next());
  CHECK(!parts.was_in_vain());
  CHECK(parts.rest()->sequence == 9);
}

}  // namespace rollcall::remote_write
