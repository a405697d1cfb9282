#include "lib/targets/known_groups.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace rollcall;
using namespace std::chrono_literals;
using extent = known_groups::extent;

namespace {

target_group_ptr group(const std::string& source, const std::vector<std::string>& addresses,
                       const std::string& team = "") {
  auto result = std::make_shared<target_group>();
  result->source = source;
  result->common = labels::of({{"team", team}});
  for (const auto& address : addresses) result->targets.push_back(labels::of({{"__address__", address}}));
  return result;
}

std::vector<std::string> texts(const std::vector<target_group_ptr>& groups) {
  std::vector<std::string> result;
  for (const auto& each : groups) {
    std::string text = each->source + ' ';
    for (const auto& target : each->targets) text += '+' + std::string(target.get("__address__"));
    result.push_back(text);
  }
  return result;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what differs is told, and nothing else") {
  known_groups known;
  CHECK(texts(known.take({group("a", {"1"}), group("b", {"2"})}, extent::whole, 0)) == lines{"a +1", "b +2"});
  CHECK(texts(known.take({group("a", {"1"}), group("b", {"3"})}, extent::part, 0)) == lines{"b +3"});
  CHECK(texts(known.take({group("c", {}), group("b", {})}, extent::part, 0)) == lines{"b "});
  CHECK(texts(known.take({group("d", {"4"})}, extent::whole, 0)) == lines{"d +4", "a "});
  CHECK(known.take({group("d", {"4"})}, extent::whole, 0).empty());
  CHECK(texts(known.all()) == lines{"d +4"});
  CHECK(known.targets() == 1);
}

TEST_CASE("a group that is told again as it was stays the one that others share") {
  known_groups known;
  auto first = group("a", {"1"});
  known.take({first}, extent::whole, 0);
  known.take({group("a", {"1"})}, extent::whole, 0);
  CHECK(known.all() == std::vector{first});
}

TEST_CASE("without a guard everything may go at once") {
  known_groups known;
  known.take({group("a", {"1", "2", "3"})}, extent::whole, 0);
  CHECK(texts(known.take({}, extent::whole, 1)) == lines{"a "});
  CHECK(known.held_targets() == 0);
  CHECK(known.held_until() == 0);
}

TEST_CASE("a drop of more than the share is held back until its time is over") {
  known_groups known({.share = 0.5, .hold = 10min});
  known.take({group("a", {"1", "2"}), group("b", {"3", "4"})}, extent::whole, 0);

  SECTION("half of the targets is not more than half") {
    CHECK(texts(known.take({group("a", {"1", "2"})}, extent::whole, 1000)) == lines{"b "});
    CHECK(known.held_until() == 0);
  }
  SECTION("what is new passes at once") {
    auto differs = known.take({group("c", {"1", "5"})}, extent::whole, 1000);
    CHECK(texts(differs) == lines{"c +1+5", "a ", "b ", "held back: a +2", "held back: b +3+4"});
    CHECK(known.held_targets() == 3);
    CHECK(known.held_until() == 601'000);
    CHECK(known.targets() == 5);
    CHECK(texts(known.all()) == lines{"c +1+5", "held back: a +2", "held back: b +3+4"});

    CHECK(known.let_go(600'999).empty());
    CHECK(texts(known.let_go(601'000)) == lines{"held back: a ", "held back: b "});
    CHECK(known.held_targets() == 0);
    CHECK(known.held_until() == 0);
    CHECK(known.let_go(700'000).empty());
  }
  SECTION("what comes back is held back no more") {
    known.take({}, extent::whole, 1000);
    CHECK(texts(known.take({group("a", {"1", "2"})}, extent::part, 2000)) == lines{"a +1+2", "held back: a "});
    CHECK(known.held_targets() == 2);
    known.take({group("a", {"1", "2"}), group("b", {"3", "4"})}, extent::whole, 3000);
    CHECK(known.held_targets() == 0);
    CHECK(known.held_until() == 0);
  }
  SECTION("a source that goes on dropping keeps everything, and the time begins anew") {
    known.take({group("a", {"1"})}, extent::whole, 1000);
    CHECK(known.held_targets() == 3);
    CHECK(texts(known.take({}, extent::whole, 2000)) == lines{"a ", "held back: held back: a +1"});
    CHECK(known.held_targets() == 4);
    CHECK(known.held_until() == 602'000);
    known.let_go(602'000);
    CHECK(known.targets() == 0);
  }
  SECTION("it does not matter whether the drop is told in a whole or by name") {
    CHECK(texts(known.take({group("a", {}), group("b", {"4"})}, extent::part, 1000)) ==
          lines{"a ", "b +4", "held back: a +1+2", "held back: b +3"});
    CHECK(known.held_until() == 601'000);
  }
  SECTION("one withdrawal after the other passes") {
    known.take({group("a", {})}, extent::part, 1000);
    CHECK(known.targets() == 2);
    known.take({group("b", {"3"})}, extent::part, 1000);
    CHECK(known.targets() == 1);
    CHECK(known.held_until() == 0);
  }
}

TEST_CASE("targets that change their labels or their place are not dropped") {
  known_groups known({.share = 0.1, .hold = 10min});
  known.take({group("0", {"a:1"}), group("1", {"b:1"}), group("2", {"c:1"})}, extent::whole, 0);
  known.take({group("0", {"c:1"}, "x"), group("1", {"a:1", "b:1"})}, extent::whole, 0);
  CHECK(known.held_until() == 0);
}

TEST_CASE("of targets at one address those are missing whose labels are") {
  group_table before, after;
  before.put(group("a", {"1"}, "x"));
  before.put(group("b", {"1"}, "y"));
  before.put(group("c", {"1", "1"}, "z"));
  after.put(group("b", {"1"}, "y"));
  after.put(group("d", {"1"}, "other"));
  auto missing = missing_targets(before, after);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0]->source == "c");
  CHECK(missing[0]->common.get("team") == "z");
  CHECK(missing[0]->targets.size() == 2);
  CHECK(missing_targets(before, before).empty());
  CHECK(missing_targets({}, before).empty());
}
