// Properties of the placement as a whole, on targets of sizes that follow Zipf's law.
#include "lib/placement/placement.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

using namespace rollcall::placement;
using namespace std::chrono_literals;

namespace {

/// The k-th dearest target costs 1/k of the dearest, and not less than a four hundredth of that.
constexpr cost dearest = 20'000'000;
cost zipf_expense(uint64_t rank) { return static_cast<cost>(std::max<uint64_t>(dearest / 400, dearest / rank)); }

struct cluster {
  placement subject;
  rollcall::milliseconds now{0};
  std::map<uint64_t, cost> expenses;
  size_t names = 0;

  explicit cluster(size_t workers, size_t targets, uint64_t seed) : subject({0.08, 0.03, 0.25, 100'000}) {
    for (size_t i = 0; i < workers; ++i) join();
    std::vector<uint64_t> ranks(targets);
    std::iota(ranks.begin(), ranks.end(), 1);
    std::mt19937_64 random(seed);
    std::shuffle(ranks.begin(), ranks.end(), random);
    // As in life: what a target costs is known only after it was placed.
    for (size_t i = 0; i < targets; ++i) subject.add({random(), 0, 0, {}});
    settle(subject.plan(now, SIZE_MAX));
    size_t next = 0;
    for (auto number : subject.workers()) {
      for (auto target : subject.targets_of(number)) {
        expenses[target] = zipf_expense(ranks[next++]);
        subject.observe(target, expenses[target]);
      }
    }
  }

  worker_number join() { return subject.join({"worker-" + std::to_string(++names), "", "", 1}); }

  void settle(const std::vector<move>& moves) {
    for (const auto& each : moves) subject.settle(each.target);
  }

  /// The share of the load that moved.
  double converge() {
    uint64_t moved = 0;
    for (int i = 0; i < 1'000; ++i) {
      now += 1min;
      auto moves = subject.plan(now, 1'000);
      settle(moves);
      if (moves.empty()) return double(moved) / double(total());
      for (const auto& each : moves) moved += expenses[each.target];
    }
    FAIL("does not come to rest");
    return 1;
  }

  uint64_t total() const {
    return std::accumulate(expenses.begin(), expenses.end(), uint64_t(0),
                           [](uint64_t sum, const auto& each) { return sum + each.second; });
  }

  /// What no placement can be better than, once one target costs more than the mean load.
  double dearest_to_mean() const { return double(dearest) * double(subject.workers().size()) / double(total()); }

  double max_to_mean() const {
    uint64_t most = 0;
    uint64_t sum = 0;
    for (auto number : subject.workers()) {
      most = std::max(most, subject.load(number).expense);
      sum += subject.load(number).expense;
    }
    return double(most) * double(subject.workers().size()) / double(sum);
  }
};

}  // namespace

TEST_CASE("after convergence no load is above 1.1 of the mean") {
  for (size_t workers : {2, 3, 10, 50}) {
    cluster subject(workers, 20'000, workers);
    CAPTURE(workers, subject.max_to_mean());
    subject.converge();
    CHECK(subject.max_to_mean() <= 1.1);
  }
}

TEST_CASE("targets that cost more than the mean load have workers of their own, and the others come to rest") {
  cluster subject(400, 20'000, 7);
  REQUIRE(subject.dearest_to_mean() > 5);
  subject.converge();
  CHECK(subject.max_to_mean() <= subject.dearest_to_mean() * 1.01);
}

TEST_CASE("a join moves at most 1.2/N of the load, and leaves no load above 1.1 of the mean") {
  for (size_t workers : {1, 2, 3, 9, 30, 49}) {
    cluster subject(workers, 20'000, workers);
    subject.converge();
    auto joined = subject.join();
    double moved = subject.converge();
    CAPTURE(workers);
    CHECK(moved <= 1.2 / double(workers + 1));
    CHECK(subject.max_to_mean() <= 1.1);
    CHECK(double(subject.subject.load(joined).expense) * double(workers + 1) / double(subject.total()) >= 0.9);
  }
}

TEST_CASE("a join moves targets to the joiner alone") {
  cluster subject(9, 20'000, 3);
  subject.converge();
  auto joined = subject.join();
  auto moves = subject.subject.plan(subject.now + 1min, SIZE_MAX);
  CHECK_FALSE(moves.empty());
  CHECK(std::all_of(moves.begin(), moves.end(), [&](const move& each) { return each.to == joined; }));
}

TEST_CASE("a leave moves little more than what the worker had") {
  for (size_t workers : {3, 10, 50}) {
    cluster subject(workers, 20'000, workers);
    subject.converge();
    auto leaving = subject.subject.workers()[1];
    double share = double(subject.subject.load(leaving).expense) / double(subject.total());
    subject.subject.leave(leaving);
    double moved = subject.converge();
    CAPTURE(workers, share);
    CHECK(moved <= 1.2 * share);
    CHECK(subject.max_to_mean() <= 1.1);
  }
}

namespace {

/// A placement to which anything happens, beside what is known of it for sure.
struct happenings {
  placement subject{{0.08, 0.03, 0.25, 500}};
  std::set<uint64_t> known;
  std::mt19937_64 random;
  rollcall::milliseconds now{0};
  static constexpr const char* zones[] = {"", "east", "west"};

  explicit happenings(uint64_t seed) : random(seed) {}

  bool once_in(uint64_t times) { return random() % times == 0; }

  /// One that is here; nobody, when none is.
  worker_number some_worker() {
    auto workers = subject.workers();
    return workers.empty() ? nobody : workers[random() % workers.size()];
  }

  void change_workers() {
    if (once_in(2)) subject.join({"w" + std::to_string(random() % 8), zones[random() % 3], "", 1});
    if (once_in(3)) subject.leave(some_worker());
    if (once_in(3)) subject.drain(some_worker());
  }

  void change_targets() {
    uint64_t identity = random() % 300;
    auto strength = once_in(2) ? affinity::strength::preferred : affinity::strength::required;
    switch (random() % 6) {
      case 0:
        subject.remove(identity);
        known.erase(identity);
        break;
      case 1:
        subject.adopt(identity, some_worker());
        break;
      case 2:
        subject.observe(identity, static_cast<cost>(1 + random() % 100'000));
        break;
      case 3:
        subject.settle(identity);
        break;
      default:
        subject.add(
            {identity, 0, once_in(4) ? 1 + random() % 5 : 0, {affinity::scope::zone, zones[random() % 3], strength}});
        known.insert(identity);
    }
  }

  void plan() {
    now += 1s;
    for (const auto& each : subject.plan(now, 50)) {
      REQUIRE(known.count(each.target) > 0);
      REQUIRE(each.from != each.to);
      REQUIRE(subject.worker(each.to) != nullptr);
      REQUIRE_FALSE(subject.is_draining(each.to));
      REQUIRE(subject.owner(each.target) == each.to);
    }
  }

  void check() {
    std::set<uint64_t> owned;
    auto holders = subject.workers();
    holders.push_back(nobody);
    for (auto number : holders) {
      auto targets = subject.targets_of(number);
      REQUIRE(targets.size() == subject.load(number).targets);
      for (auto target : targets) {
        REQUIRE(subject.owner(target) == number);
        REQUIRE(owned.insert(target).second);
      }
    }
    REQUIRE(owned == known);
    REQUIRE(subject.targets() == known.size());
  }
};

}  // namespace

TEST_CASE("every target has one owner, who is there, whatever happens") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    happenings all(seed);
    for (int step = 0; step < 2'000; ++step) {
      if (all.once_in(30)) all.change_workers();
      all.change_targets();
      if (all.once_in(8)) all.plan();
      if (step % 50 == 0) all.check();
    }
  }
}
