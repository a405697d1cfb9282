#include "lib/series/block_builder.hpp"
#include "lib/series/block_store.hpp"
#include "lib/series/sequence_builder.hpp"
#include "tests/lib/series/scrape_fixture.hpp"

#include <set>
#include <thread>

using namespace rollcall;
using namespace rollcall::series;

namespace {

std::string families(int count, int series_each, const std::string& salt = "") {
  std::string body;
  for (int f = 0; f < count; ++f) {
    for (int i = 0; i < series_each; ++i) {
      body += "family_" + std::to_string(f) + "{i=\"" + salt + std::to_string(i) + "\"} " + std::to_string(i) + "\n";
    }
  }
  return body;
}

std::string with_line(std::string body, size_t line, const std::string& added) {
  size_t at = 0;
  for (; line > 0; --line) at = body.find('\n', at) + 1;
  return body.insert(at, added);
}

size_t different_blocks(const block_sequence& left, const block_sequence& right) {
  std::set<const series_block*> known;
  for (const auto& block : left) known.insert(block.get());
  size_t count = 0;
  for (const auto& block : right) count += known.contains(block.get()) ? 0 : 1;
  return count;
}

target_labels_ptr target_number(int number) {
  return make_target({{"job", "j"}, {"instance", "host-" + std::to_string(number)}});
}

series_record record_of(const std::string& text, const labels& set, const target_labels& target) {
  series_record record;
  record.text_hash = series_text_hash(text);
  record.text_bytes = static_cast<uint32_t>(text.size());
  for (auto [name, value] : set) record.add_label(name, value, target);
  return record;
}

}  // namespace

TEST_CASE("targets that expose the same series share their blocks") {
  std::string body = families(100, 7);
  scrape_fixture first({}, target_number(1));
  scrape_fixture second({}, target_number(2));
  first.scrape(body);
  second.scrape(body);
  CHECK(first.cache.series()->size() > 3);
  CHECK(*first.cache.series() == *second.cache.series());
  const auto& block = *first.cache.series()->at(0);
  CHECK(block.labels_of(0, *first.cache.target()).get("instance") == "host-1");
  CHECK(block.labels_of(0, *second.cache.target()).get("instance") == "host-2");
}

TEST_CASE("targets with other label names do not share blocks") {
  std::string body = families(3, 3);
  scrape_fixture first({}, make_target({{"job", "j"}, {"a", "1"}}));
  scrape_fixture second({}, make_target({{"job", "j"}, {"b", "1"}}));
  first.scrape(body);
  second.scrape(body);
  CHECK(different_blocks(*first.cache.series(), *second.cache.series()) == second.cache.series()->size());
}

TEST_CASE("a block is gone when the last target lets go of it") {
  auto before = get_block_store_status();
  {
    scrape_fixture target;
    target.scrape(families(40, 5, "only-here-"));
    CHECK(get_block_store_status().blocks == before.blocks + target.cache.series()->size());
    CHECK(get_block_store_status().bytes > before.bytes);
  }
  CHECK(get_block_store_status().blocks == before.blocks);
  CHECK(get_block_store_status().bytes == before.bytes);
}

TEST_CASE("a line more or less changes few blocks") {
  std::string body = families(200, 10);
  for (size_t line : {size_t{0}, size_t{1}, size_t{555}, size_t{1000}, size_t{1999}, size_t{2000}}) {
    INFO("line " << line);
    scrape_fixture target;
    target.scrape(body);
    auto before = *target.cache.series();
    REQUIRE(before.size() > 10);
    target.scrape(with_line(body, line, "family_new 1\n"));
    CHECK(different_blocks(before, *target.cache.series()) <= 2);
    target.scrape(body);
    CHECK(*target.cache.series() == before);
  }
}

TEST_CASE("a line more in one huge family changes few blocks") {
  std::string body = families(1, 20'000);
  for (size_t line : {size_t{0}, size_t{10'000}, size_t{20'000}}) {
    scrape_fixture target;
    target.scrape(body);
    auto before = *target.cache.series();
    for (const auto& block : before) CHECK(block->size() <= series_block::records_max);
    target.scrape(with_line(body, line, "family_0{i=\"new\"} 1\n"));
    CHECK(different_blocks(before, *target.cache.series()) <= 12);
    target.scrape(body);
    CHECK(*target.cache.series() == before);
  }
}

TEST_CASE("equal series cost a further target little but its own list of blocks") {
  std::string body = families(100, 10);
  scrape_fixture first({}, target_number(1));
  first.scrape(body);
  auto before = get_block_store_status();
  scrape_fixture second({}, target_number(2));
  second.scrape(body);
  CHECK(get_block_store_status().bytes == before.bytes);
  size_t bytes = 0;
  for (const auto& block : *first.cache.series()) bytes += block->heap_bytes();
  CHECK(bytes < 1000 * 60);
}

TEST_CASE("blocks store equal pairs once") {
  target_labels target(labels::of({{"job", "j"}}));
  block_builder builder;
  builder.add(record_of("a", labels::of({{"__name__", "m"}, {"job", "j"}, {"x", "1"}}), target));
  builder.add(record_of("b", labels::of({{"__name__", "m"}, {"job", "k"}, {"x", "1"}}), target));
  auto block = builder.take(target.slot_names());
  CHECK(block.size() == 2);
  CHECK(block.live() == 2);
  CHECK(block.pair_count() == 3);
  CHECK(block.text_bytes(1) == 1);
  CHECK(block.text_hash(1) == series_text_hash("b"));
  CHECK(block.labels_of(0, target) == labels::of({{"__name__", "m"}, {"job", "j"}, {"x", "1"}}));
  CHECK(block.labels_of(1, target) == labels::of({{"__name__", "m"}, {"job", "k"}, {"x", "1"}}));
  CHECK(builder.take(target.slot_names()).size() == 0);
}

TEST_CASE("blocks are equal when all they hold is equal") {
  target_labels target(labels::of({{"job", "j"}}));
  auto build = [&](const std::string& text, const std::string& value, const std::string& slots) {
    block_builder builder;
    builder.add(record_of(text, labels::of({{"__name__", "m"}, {"job", value}}), target));
    return builder.take(slots);
  };
  auto block = build("a", "j", target.slot_names());
  CHECK(block == build("a", "j", target.slot_names()));
  CHECK(block.content_hash() == build("a", "j", target.slot_names()).content_hash());
  CHECK_FALSE(block == build("b", "j", target.slot_names()));
  CHECK_FALSE(block == build("a", "k", target.slot_names()));
  CHECK_FALSE(block == build("a", "j", "bob\xFF"));
  CHECK(build("a", "k", "job\xFF") == build("a", "k", "bob\xFF"));
}

TEST_CASE("copied records keep their labels") {
  target_labels target(labels::of({{"job", "j"}}));
  block_builder builder;
  std::vector<labels> sets;
  for (int i = 0; i < 300; ++i) {
    sets.push_back(labels::of({{"__name__", "m" + std::to_string(i % 3)}, {"job", "j"}, {"x", std::to_string(i)}}));
    builder.add(record_of(std::to_string(i), sets.back(), target));
  }
  auto block = builder.take(target.slot_names());
  for (size_t i = 299; i >= 100; --i) builder.add(block, i);
  auto copy = builder.take(target.slot_names());
  REQUIRE(copy.size() == 200);
  for (size_t i = 0; i < copy.size(); ++i) {
    CHECK(copy.labels_of(i, target) == sets[299 - i]);
    CHECK(copy.text_hash(i) == block.text_hash(299 - i));
    CHECK(copy.name_tag(i) == block.name_tag(299 - i));
  }
}

TEST_CASE("threads that intern and let go of equal blocks at once agree on one") {
  target_labels target(labels::of({{"job", "j"}}));
  auto before = get_block_store_status();
  auto build = [&](int number) {
    block_builder builder;
    builder.add(record_of("t" + std::to_string(number), labels::of({{"__name__", "threads"}, {"job", "j"}}), target));
    return builder.take(target.slot_names());
  };
  std::vector<std::thread> threads;
  std::vector<std::vector<block_ptr>> kept(4);
  for (size_t t = 0; t < kept.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 2000; ++round) {
        auto block = intern(build(round % 7));
        if (round >= 1993) kept[t].push_back(std::move(block));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& blocks : kept) CHECK(blocks == kept[0]);
  CHECK(get_block_store_status().blocks == before.blocks + 7);
  kept.clear();
  CHECK(get_block_store_status().blocks == before.blocks);
}
