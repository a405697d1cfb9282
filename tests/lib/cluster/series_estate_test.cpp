#include "lib/cluster/series_estate.hpp"

#include "lib/series/stale_difference.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace rollcall;

namespace {

series::target_labels_ptr target(const char* instance) {
  return std::make_shared<series::target_labels>(labels::of({{"instance", instance}, {"job", "app"}}));
}

cluster::cache_ptr scraped(const series::target_labels_ptr& of, const char* body) {
  auto cache = std::make_shared<series::scrape_cache>(std::make_shared<series::ingest_options>(), of);
  cache->ingest(body, exposition::format::text, 1'700'000'000'000);
  return cache;
}

std::set<std::string> series_of(const series::scrape_cache& cache) {
  std::set<std::string> all;
  for (const auto& block : *cache.series())
    for (size_t i = 0; i < block->size(); ++i) all.insert(block->labels_of(i, *cache.target()).to_string());
  return all;
}

}  // namespace

TEST_CASE("an estate has the series of a cache with all their labels") {
  auto before = scraped(target("a:1"), "up_total{x=\"1\"} 1\nup_total{x=\"2\"} 2\nother 3\n");
  auto read = cluster::decode_estate(cluster::encode_estate({before}));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK(series_of(*read->front()) == series_of(*before));
}

TEST_CASE("what the next owner does not see of an estate goes stale, and nothing else") {
  auto read = cluster::decode_estate(cluster::encode_estate({scraped(target("a:1"), "kept 1\ngone 2\n")}));
  REQUIRE(read);
  auto after = scraped(target("a:1"), "kept 1\nfresh 5\n");
  auto stale = series::stale_difference(*read->front(), *after, series::survivors::known);
  REQUIRE(stale);
  CHECK(std::count(stale->values.begin(), stale->values.end(), series::stale_marker) == 1);
}

TEST_CASE("series that are stale already are not part of an estate, which still says that there was something") {
  auto cache = scraped(target("a:1"), "a 1\n");
  cache->forget();
  auto read = cluster::decode_estate(cluster::encode_estate({cache}));
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  CHECK_FALSE(read->front()->series());
  CHECK(cluster::encode_estate({}).empty());
}

TEST_CASE("an outline is written like the cache that it is of, and tells whether that has changed") {
  auto cache = scraped(target("a:1"), "a 1\nb 2\n");
  auto outline = cache->outline();
  auto bytes = cluster::encode_estate({cache});
  cache->ingest("a 3\nb 4\n", exposition::format::text, 1'700'000'015'000);
  CHECK(cache->has_outline(*outline));
  cache->ingest("a 3\n", exposition::format::text, 1'700'000'030'000);
  CHECK_FALSE(cache->has_outline(*outline));
  CHECK(cluster::encode_estate({outline}) == bytes);
  outline = cache->outline();
  cache->forget();
  CHECK_FALSE(cache->has_outline(*outline));
}

TEST_CASE("an estate that would be too large is refused before there is room made for it") {
  // The frame's header alone: its magic number, and a size of 8 bytes.
  std::string bomb("\x28\xb5\x2f\xfd\xe0", 5);
  for (uint64_t size = uint64_t{1} << 40; bomb.size() < 13; size >>= 8) bomb.push_back(static_cast<char>(size));
  auto read = cluster::decode_estate(bomb);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::limit_exceeded);
}

TEST_CASE("a damaged estate is refused as a whole") {
  auto bytes = cluster::encode_estate({scraped(target("a:1"), "a{b=\"c\"} 1\nd 2\n")});
  for (size_t size = 1; size < bytes.size(); ++size) CHECK_FALSE(cluster::decode_estate(bytes.substr(0, size)));
  CHECK(cluster::decode_estate("")->empty());
}
