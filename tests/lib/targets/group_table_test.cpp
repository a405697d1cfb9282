#include "lib/targets/group_table.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace rollcall;

namespace {

target_group_ptr group(const std::string& source, const std::string& address) {
  auto made = std::make_shared<target_group>();
  made->source = source;
  made->targets.push_back(labels::of({{"__address__", address}}));
  return made;
}

}  // namespace

TEST_CASE("a table has one group of each source, the latest, in order of source") {
  group_table table;
  auto b = group("b", "1"), a = group("a", "1"), again = group("b", "2");
  CHECK(table.put(b) == nullptr);
  CHECK(table.put(a) == nullptr);
  CHECK(table.put(again) == b);
  CHECK(table.size() == 2);
  CHECK(std::vector<target_group_ptr>(table.begin(), table.end()) == std::vector{a, again});
  CHECK(table.find("b") == again);
  CHECK(table.find("c") == nullptr);
}

TEST_CASE("a source that is taken out of a table is not there any more, even when its group outlives nothing else") {
  group_table table;
  table.put(group("a", "1"));
  table.put(group("a", "2"));
  CHECK(table.take("b") == nullptr);
  auto taken = table.take("a");
  REQUIRE(taken);
  CHECK(taken->targets.at(0).get("__address__") == "2");
  CHECK(table.empty());
  CHECK(table.take("a") == nullptr);
}

TEST_CASE("whatever is put and taken, a table has what a map has, in the same order") {
  const bool grows_in_order = GENERATE(true, false);
  const unsigned sources = GENERATE(3u, 300u, 5000u);
  std::mt19937 random(sources);
  group_table table;
  std::map<std::string, target_group_ptr> expected;
  auto check = [&] {
    REQUIRE(table.size() == expected.size());
    REQUIRE(table.empty() == expected.empty());
    auto at = table.begin();
    for (const auto& [source, group] : expected) REQUIRE(*at++ == group);
    REQUIRE(at == table.end());
  };
  unsigned following = 0;
  // More is put than taken at first, and less later, until nothing is left.
  for (unsigned percent_put : {90u, 50u, 10u, 0u}) {
    for (unsigned step = 0; step < 2 * sources || (percent_put == 0 && !expected.empty()); ++step) {
      auto number = grows_in_order && percent_put == 90 ? following++ : random() % sources;
      auto source = std::to_string(1'000'000 + number);
      auto known = expected.find(source);
      auto before = known == expected.end() ? nullptr : known->second;
      REQUIRE(table.find(source) == before);
      if (random() % 100 < percent_put) {
        auto made = group(source, "a");
        REQUIRE(table.put(made) == before);
        expected[source] = made;
      } else {
        if (percent_put == 0) source = expected.empty() ? source : expected.begin()->first;
        auto first = expected.find(source);
        REQUIRE(table.take(source) == (first == expected.end() ? nullptr : first->second));
        if (first != expected.end()) expected.erase(first);
      }
      if (step % (sources / 3) == 0) check();
    }
    check();
  }
  CHECK(table.empty());
}

TEST_CASE("a table that was moved from is empty, and copies are apart") {
  group_table first;
  first.put(group("a", "1"));
  auto copy = first;
  auto moved = std::move(first);
  CHECK(first.empty());
  CHECK(first.size() == 0);
  copy.take("a");
  CHECK(moved.size() == 1);
  first.put(group("b", "1"));
  CHECK((*first.begin())->source == "b");
}
