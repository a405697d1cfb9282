#include "lib/placement/placement.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace rollcall::placement;
using namespace std::chrono_literals;

namespace {

constexpr size_t all = SIZE_MAX;

worker_description worker(std::string name, std::string zone = "", std::string node = "", double capacity = 1) {
  return {std::move(name), std::move(zone), std::move(node), capacity};
}

affinity zone(std::string name, affinity::strength how = affinity::strength::preferred) {
  return {affinity::scope::zone, std::move(name), how};
}

affinity node(std::string name, affinity::strength how = affinity::strength::required) {
  return {affinity::scope::node, std::move(name), how};
}

/// Adds targets first, first + 1, ... that cost the same.
void add(placement& subject, uint64_t first, size_t count, cost expected = 1'000, affinity wants = {}) {
  for (uint64_t i = 0; i < count; ++i) subject.add({first + i, expected, 0, wants});
}

/// Plans and settles until there is nothing to do; returns all moves.
std::vector<move> converge(placement& subject, rollcall::milliseconds& now) {
  std::vector<move> moves;
  for (int i = 0; i < 1'000; ++i) {
    now += 1min;
    auto planned = subject.plan(now, all);
    for (const auto& each : planned) subject.settle(each.target);
    if (planned.empty()) return moves;
    moves.insert(moves.end(), planned.begin(), planned.end());
  }
  FAIL("does not come to rest");
  return moves;
}

std::map<move_reason, size_t> reasons(const std::vector<move>& moves) {
  std::map<move_reason, size_t> counts;
  for (const auto& each : moves) ++counts[each.why];
  return counts;
}

struct fixture {
  rollcall::milliseconds now{0};
  placement subject;

  explicit fixture(placement_options options = {}) : subject(options) {}
  std::vector<move> converge() { return ::converge(subject, now); }
};

}  // namespace

TEST_CASE("a target has no owner until a worker is there and the plan is made") {
  fixture one;
  one.subject.add({7, 100, 0, {}});
  CHECK(one.subject.owner(7) == nobody);
  CHECK(one.subject.plan(0s, all).empty());
  CHECK(one.subject.load(nobody) == worker_load{100, 1});

  auto only = one.subject.join(worker("a"));
  CHECK(one.subject.plan(0s, all) == std::vector{move{7, nobody, only, move_reason::new_target}});
  CHECK(one.subject.owner(7) == only);
  CHECK(one.subject.load(only) == worker_load{100, 1});
  CHECK(one.subject.targets_of(only) == std::vector<uint64_t>{7});
  CHECK(one.subject.plan(1h, all).empty());
}

TEST_CASE("in one process everything is placed here, and nothing moves") {
  fixture one;
  auto here = one.subject.join(worker("here"));
  add(one.subject, 1, 1'000);
  CHECK(one.converge().size() == 1'000);
  for (uint64_t i = 1; i <= 1'000; ++i) one.subject.observe(i, static_cast<cost>(i * i));
  CHECK(one.converge().empty());
  CHECK(one.subject.load(here).targets == 1'000);
}

TEST_CASE("no more is handed over than may be at once") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  add(one.subject, 1, 10);
  one.converge();
  one.subject.join(worker("b"));
  one.subject.drain(a);
  CHECK(one.subject.plan(one.now, 4).size() == 4);
  CHECK(one.subject.plan(one.now, 4).size() == 4);
  CHECK(one.subject.plan(one.now, 4).size() == 2);
}

TEST_CASE("what has no owner waits for no handover, and is placed in portions") {
  fixture one({.placements_max = 4});
  one.subject.join(worker("a"));
  add(one.subject, 1, 10);
  CHECK(one.subject.plan(0s, 0).size() == 4);
  CHECK(one.subject.plan(0s, 0).size() == 4);
  CHECK(one.subject.plan(0s, 0).size() == 2);
}

TEST_CASE("the same calls give the same moves") {
  std::vector<move> moves[2];
  for (auto& each : moves) {
    fixture one;
    for (const char* name : {"a", "b", "c"}) one.subject.join(worker(name));
    add(one.subject, 1, 500);
    for (uint64_t i = 1; i <= 500; ++i) one.subject.observe(i, static_cast<cost>(1 + i * 7919 % 1'000));
    each = one.converge();
    one.subject.join(worker("d"));
    auto more = one.converge();
    each.insert(each.end(), more.begin(), more.end());
  }
  CHECK(moves[0] == moves[1]);
}

TEST_CASE("a worker that leaves loses its targets, and they alone move") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  auto b = one.subject.join(worker("b"));
  auto c = one.subject.join(worker("c"));
  add(one.subject, 1, 300);
  one.converge();
  auto lost = one.subject.targets_of(b);

  one.subject.leave(b);
  CHECK(one.subject.worker(b) == nullptr);
  for (auto target : lost) CHECK(one.subject.owner(target) == nobody);
  auto moves = one.converge();
  CHECK(reasons(moves) == std::map<move_reason, size_t>{{move_reason::owner_left, lost.size()}});
  CHECK(one.subject.load(a).targets == 150);
  CHECK(one.subject.load(c).targets == 150);

  one.subject.leave(b);
  CHECK(one.converge().empty());
}

TEST_CASE("a worker that is drained gives everything away and takes nothing") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  auto b = one.subject.join(worker("b"));
  add(one.subject, 1, 100);
  one.converge();

  one.subject.drain(a);
  CHECK(one.subject.is_draining(a));
  add(one.subject, 1'000, 10);
  auto moves = one.converge();
  CHECK(reasons(moves) == std::map<move_reason, size_t>{{move_reason::drained, 50}, {move_reason::new_target, 10}});
  CHECK(one.subject.load(a) == worker_load{});
  CHECK(one.subject.load(b).targets == 110);

  CHECK(one.subject.join(worker("a")) == a);
  CHECK_FALSE(one.subject.is_draining(a));
  one.converge();
  CHECK(one.subject.load(a).targets > 50);
}

TEST_CASE("the last worker keeps its targets although it is drained") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  add(one.subject, 1, 10);
  one.converge();
  one.subject.drain(a);
  CHECK(one.converge().empty());
  CHECK(one.subject.load(a).targets == 10);
}

TEST_CASE("a drain waits for moves that are under way") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  one.subject.add({1, 100, 0, {}});
  one.subject.plan(0s, all);
  auto b = one.subject.join(worker("b"));
  one.subject.drain(a);
  CHECK(one.subject.plan(0s, all).empty());
  one.subject.settle(1);
  CHECK(one.subject.plan(0s, all) == std::vector{move{1, a, b, move_reason::drained}});
}

TEST_CASE("a target on its way to a worker that leaves is without an owner") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  add(one.subject, 1, 10);
  one.converge();
  auto b = one.subject.join(worker("b"));
  auto moves = one.subject.plan(0s, all);
  REQUIRE_FALSE(moves.empty());

  one.subject.leave(b);
  auto again = one.subject.plan(0s, all);
  REQUIRE(again.size() == moves.size());
  for (const auto& each : again) {
    CHECK(each.from == nobody);
    CHECK(each.to == a);
    CHECK(each.why == move_reason::owner_left);
  }
}

TEST_CASE("what workers already run is adopted, and nothing moves for it") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  auto b = one.subject.join(worker("b"));
  add(one.subject, 1, 200);
  for (uint64_t i = 1; i <= 200; ++i) one.subject.adopt(i, i % 2 == 0 ? a : b);
  CHECK(one.converge().empty());
  CHECK(one.subject.owner(2) == a);
  CHECK(one.subject.owner(3) == b);
}

TEST_CASE("a target is adopted by nobody when its worker has left") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  one.subject.add({1, 100, 0, {}});
  one.converge();
  one.subject.adopt(1, 77);
  CHECK(one.subject.owner(1) == nobody);
  CHECK(one.subject.plan(0s, all) == std::vector{move{1, nobody, a, move_reason::new_target}});
}

TEST_CASE("unknown targets and workers are ignored") {
  placement subject;
  subject.remove(1);
  subject.adopt(1, 1);
  subject.settle(1);
  subject.observe(1, 1);
  subject.leave(nobody);
  subject.leave(5);
  subject.drain(nobody);
  subject.drain(5);
  CHECK(subject.owner(1) == nobody);
  CHECK(subject.load(5) == worker_load{});
  CHECK(subject.worker(nobody) == nullptr);
  CHECK(subject.workers().empty());
  CHECK(subject.targets() == 0);
}

TEST_CASE("a removed target costs nothing any more, and a second addition changes nothing") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  one.subject.add({1, 100, 0, {}});
  one.subject.add({1, 900, 0, {}});
  one.converge();
  CHECK(one.subject.load(a) == worker_load{100, 1});
  one.subject.remove(1);
  CHECK(one.subject.load(a) == worker_load{});
  CHECK(one.subject.targets() == 0);
}

TEST_CASE("a target without precedent counts as much as the others do on average") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  one.subject.add({1, 100, 0, {}});
  one.subject.add({2, 300, 0, {}});
  one.subject.add({3, 0, 0, {}});
  one.converge();
  CHECK(one.subject.load(a).expense == 600);
}

TEST_CASE("the first measurement replaces the expectation, later ones are averaged") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  one.subject.add({1, 100, 0, {}});
  one.converge();
  one.subject.observe(1, 1'000);
  CHECK(one.subject.load(a).expense == 1'000);
  one.subject.observe(1, 2'000);
  CHECK(one.subject.load(a).expense == 1'250);
}

TEST_CASE("loads follow the capacities") {
  fixture one;
  auto small = one.subject.join(worker("small", "", "", 1));
  auto large = one.subject.join(worker("large", "", "", 3));
  add(one.subject, 1, 400);
  one.converge();
  CHECK(one.subject.load(small).targets == 100);
  CHECK(one.subject.load(large).targets == 300);

  one.subject.join(worker("small", "", "", 3));
  one.converge();
  CHECK(one.subject.load(small).targets >= 184);
}

TEST_CASE("a load within the tolerance is left alone, one beyond it goes back near the mean") {
  fixture one({0.10, 0.02, 1, 10'000});
  auto a = one.subject.join(worker("a"));
  for (const char* name : {"b", "c"}) one.subject.join(worker(name));
  add(one.subject, 1, 3'000);
  one.converge();
  auto owned = one.subject.targets_of(a);

  for (size_t i = 0; i < 150; ++i) one.subject.observe(owned[i], 2'000);
  CHECK(one.converge().empty());  // 1.095 of the mean

  for (size_t i = 150; i < 300; ++i) one.subject.observe(owned[i], 2'000);
  auto moves = one.converge();
  REQUIRE_FALSE(moves.empty());
  CHECK(reasons(moves).size() == 1);
  CHECK(moves.front().from == a);
  CHECK(moves.front().why == move_reason::overloaded);
  auto load = double(one.subject.load(a).expense);
  CHECK(load <= 1.02 * 1'100'000);
  CHECK(load >= 1.00 * 1'100'000 - 2'000);
}

TEST_CASE("balance keeps to its budget, urgent moves do not") {
  fixture one({0.08, 0.03, 0.25, 30, 0});
  auto a = one.subject.join(worker("a"));
  add(one.subject, 1, 1'000);
  CHECK(one.subject.plan(one.now, all).size() == 1'000);
  for (uint64_t i = 1; i <= 1'000; ++i) one.subject.settle(i);

  one.subject.join(worker("b"));
  CHECK(one.subject.plan(0s, all).size() == 30);
  CHECK(one.subject.plan(10s, all).size() == 5);
  CHECK(one.subject.plan(10s, all).empty());
  one.subject.leave(a);
  CHECK(one.subject.plan(10s, all).size() == 965);
}

TEST_CASE("the budget grows with the number of targets, so that a second worker has its half after two minutes") {
  fixture one({0.08, 0.03, 0.25, 30, 0.25});
  one.subject.join(worker("a"));
  add(one.subject, 1, 1'000);
  CHECK(one.subject.plan(0s, all).size() == 1'000);
  for (uint64_t i = 1; i <= 1'000; ++i) one.subject.settle(i);
  auto b = one.subject.join(worker("b"));
  for (auto now = 1s; now <= 120s; now += 1s)
    for (const auto& each : one.subject.plan(now, all)) one.subject.settle(each.target);
  CHECK(one.subject.load(b).targets >= 470);
}

TEST_CASE("a target that is too much for any worker stays where it is") {
  fixture one;
  for (const char* name : {"a", "b", "c"}) one.subject.join(worker(name));
  one.subject.add({1, 1'000'000, 0, {}});
  add(one.subject, 2, 100, 1'000);
  one.converge();
  auto giant = one.subject.owner(1);
  CHECK(one.subject.load(giant).targets == 1);
  CHECK(one.converge().empty());
}

TEST_CASE("targets that are kept together have one owner, wherever they go") {
  fixture one;
  std::vector<worker_number> numbers;
  for (const char* name : {"a", "b", "c"}) numbers.push_back(one.subject.join(worker(name)));
  for (uint64_t i = 1; i <= 300; ++i) one.subject.add({i, 100, 1 + i % 30, {}});
  auto check = [&] {
    for (uint64_t i = 1; i <= 300; ++i) REQUIRE(one.subject.owner(i) == one.subject.owner(1 + (i + 29) % 30));
  };
  one.converge();
  check();
  CHECK(one.subject.load(numbers[0]).targets == 100);

  one.subject.join(worker("d"));
  one.converge();
  check();
  one.subject.leave(numbers[1]);
  auto moves = one.converge();
  check();
  CHECK(moves.size() % 10 == 0);

  auto other = one.subject.owner(1) == numbers[0] ? numbers[2] : numbers[0];
  one.subject.adopt(1, other);
  check();
  CHECK(one.subject.owner(31) == other);
}

TEST_CASE("a group that fits only in part moves as a whole") {
  fixture one;
  auto a = one.subject.join(worker("a"));
  for (uint64_t i = 1; i <= 10; ++i) one.subject.add({i, 100, 5, {}});
  one.converge();
  one.subject.join(worker("b"));
  one.subject.drain(a);
  CHECK(one.subject.plan(one.now, 3).size() == 10);
}

TEST_CASE("what a zone requires waits for a worker there") {
  fixture one;
  auto a = one.subject.join(worker("a", "east"));
  add(one.subject, 1, 10, 1'000, zone("west", affinity::strength::required));
  CHECK(one.converge().empty());
  CHECK(one.subject.load(nobody).targets == 10);

  auto b = one.subject.join(worker("b", "west"));
  CHECK(one.converge().size() == 10);
  CHECK(one.subject.load(b).targets == 10);
  CHECK(one.subject.load(a).targets == 0);
}

TEST_CASE("what a zone prefers is elsewhere only while nobody is there") {
  fixture one;
  auto a = one.subject.join(worker("a", "east"));
  add(one.subject, 1, 100, 1'000, zone("west"));
  add(one.subject, 1'000, 100, 1'000, zone("east"));
  one.converge();
  CHECK(one.subject.load(a).targets == 200);

  auto b = one.subject.join(worker("b", "west"));
  CHECK(reasons(one.converge()) == std::map<move_reason, size_t>{{move_reason::affinity, 100}});
  for (uint64_t i = 1; i <= 100; ++i) CHECK(one.subject.owner(i) == b);
}

TEST_CASE("a zone that is preferred by more than it can hold shares with the others") {
  fixture one;
  auto a = one.subject.join(worker("a", "east"));
  auto b = one.subject.join(worker("b", "west"));
  add(one.subject, 1, 1'000, 1'000, zone("west"));
  one.converge();
  CHECK(one.subject.load(b).targets <= 540);
  CHECK(one.subject.load(b).targets >= 500);
  CHECK(one.subject.load(a).targets >= 460);
}

TEST_CASE("what has to be on a node is there, however uneven that is") {
  fixture one;
  auto a = one.subject.join(worker("a", "", "node-1"));
  auto b = one.subject.join(worker("b", "", "node-2"));
  add(one.subject, 1, 100, 1'000, node("node-1"));
  add(one.subject, 1'000, 10, 1'000, node("node-2"));
  one.converge();
  CHECK(one.subject.load(a).targets == 100);
  CHECK(one.subject.load(b).targets == 10);
}

TEST_CASE("workers of one zone are even among themselves when the zone has more than its share") {
  fixture one;
  std::vector<worker_number> west;
  for (const char* name : {"a", "b"}) one.subject.join(worker(name, "east"));
  for (const char* name : {"c", "d"}) west.push_back(one.subject.join(worker(name, "west")));
  add(one.subject, 1, 400, 1'000, zone("west", affinity::strength::required));
  one.converge();
  CHECK(one.subject.load(west[0]).targets == 200);

  west.push_back(one.subject.join(worker("e", "west")));
  one.converge();
  for (auto number : west) CHECK(one.subject.load(number).targets <= 146);
}

TEST_CASE("a worker that changes its zone gives away what its old zone requires") {
  fixture one;
  auto a = one.subject.join(worker("a", "east"));
  add(one.subject, 1, 10, 1'000, zone("east", affinity::strength::required));
  one.converge();
  auto b = one.subject.join(worker("b", "east"));
  one.subject.join(worker("a", "west"));
  CHECK(reasons(one.converge()) == std::map<move_reason, size_t>{{move_reason::affinity, 10}});
  CHECK(one.subject.load(a).targets == 0);
  CHECK(one.subject.load(b).targets == 10);
}
