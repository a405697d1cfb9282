#include "lib/cluster/worker_side.hpp"
#include "tests/lib/cluster/driven_coordinator.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;
using namespace rollcall::test;

namespace {

constexpr int64_t skew_max = 1000;

struct coordinator_of_two : driven_coordinator {
  using driven_coordinator::driven_coordinator;

  // A target that a has.
  tenancy start_at_a() {
    join("a");
    side.want(plan_of(1), {}, now);
    run({"a"});
    join("b");
    return only<cluster::run>(heard["a"]).at(0).which;
  }

  std::vector<cluster::run> runs(const std::string& name) { return only<cluster::run>(heard[name]); }

  void pass_lease(const std::string& alive) {
    for (int step = 0; step < 2; ++step) {
      now += 2500;
      run({alive});
    }
  }
};

// What a worker has its loops do.
struct recording_host : loop_host {
  void define(uint64_t, const opaque&) override {}
  void start(const run&) override {}
  void change(tenancy, const loop_plan&) override {}
  void tick(tenancy, int64_t scheduled) override { ticks.push_back(scheduled); }
  void collect(tenancy which) override { collected.push_back(which); }
  void inherit(tenancy, const std::string&) override {}
  void retire(tenancy, tenancy) override {}
  void drop(tenancy which) override { dropped.push_back(which); }
  void configure(const opaque&) override {}
  void dismissed() override {}

  std::vector<int64_t> ticks;
  std::vector<tenancy> collected;
  std::vector<tenancy> dropped;
};

// A worker, and what it says to a coordinator of which nothing is known.
struct driven_worker {
  static constexpr int64_t lease = 4000;

  driven_worker() {
    auto words = worker.introduce(now);
    REQUIRE(worker.accept({words.attempt, 1, session, milliseconds(lease), {}}));
  }

  void order(const directive& item) {
    std::string bytes;
    append(bytes, item);
    coordinator.push(std::move(bytes));
    exchange();
  }

  // Twice, so that the worker has heard that it was heard.
  void exchange() {
    for (int turn = 0; turn < 2; ++turn) {
      REQUIRE(worker.take(coordinator.make_frame(now), now, now));
      auto items = coordinator.take(*worker.make_frame(now));
      if (!items) continue;
      auto notices = decode_notices(*items);
      REQUIRE(notices);
      said.insert(said.end(), notices->begin(), notices->end());
    }
  }

  static constexpr uint64_t session = (uint64_t{1} << epoch_shift) | 1;
  recording_host host;
  worker_side worker{{1, lease_policy::available}, host};
  peer_link coordinator{session, milliseconds(1000)};
  std::vector<notice> said;
  int64_t now = 1'000'000;
};

}  // namespace

TEST_CASE("a target that is back goes on at the tick that its owner promises, once that has heard of it") {
  coordinator_of_two coordinator;
  auto which = coordinator.start_at_a();
  coordinator.side.unwant(1, coordinator.now);
  coordinator.side.want(plan_of(1), {}, coordinator.now);
  coordinator.run({"a", "b"});
  CHECK(coordinator.runs("a").size() == 1);
  CHECK(only<yield>(coordinator.heard["a"]) == std::vector{yield{which, milliseconds(0)}});
  coordinator.say("a", yielding{which, 75'000});
  auto runs = coordinator.runs("a");
  REQUIRE(runs.size() == 2);
  CHECK(runs[1].first_tick == 75'000);
  CHECK(runs[1].from_before == estate::awaited);
  coordinator.say("a", yielded{which, "what it knew"});
  CHECK(only<bequeath>(coordinator.heard["a"]) == std::vector{bequeath{runs[1].which, "what it knew"}});
}

TEST_CASE("a target that is back starts anew if its loop has ended meanwhile") {
  coordinator_of_two coordinator;
  auto which = coordinator.start_at_a();
  coordinator.say("a", copied{which, "what a knew"});
  coordinator.side.unwant(1, coordinator.now);
  coordinator.side.want(plan_of(1), {}, coordinator.now);
  coordinator.say("a", yielded{which, {}});
  coordinator.run({"a", "b"});
  auto runs = coordinator.runs("a");
  REQUIRE(runs.size() == 2);
  CHECK(runs[1].from_before == estate::none);
  CHECK(runs[1].first_tick == coordinator.now + skew_max);
}

TEST_CASE("a target that is gone with its owner and is back is not scraped from before that one's lease is over") {
  coordinator_of_two coordinator;
  auto which = coordinator.start_at_a();
  bool is_copied = GENERATE(true, false);
  if (is_copied) coordinator.say("a", copied{which, "what a knew"});
  coordinator.pass_lease("b");
  auto lost = coordinator.now;
  coordinator.join("c");
  coordinator.side.unwant(1, coordinator.now);
  coordinator.side.want(plan_of(1), {}, coordinator.now);
  coordinator.run({"b", "c"});
  CHECK(coordinator.runs("b").back().first_tick >= lost);
}

TEST_CASE("a loop whose target is gone is disowned if the target is back elsewhere") {
  coordinator_of_two coordinator;
  coordinator.start_at_a();
  CHECK(coordinator.join("c", {{99, 1, 0, 0, true}}).disowned == std::vector<tenancy>{99});
}

TEST_CASE("a new coordinator has a loop whose target is gone end, or go on if the target is back") {
  driven_coordinator coordinator;
  CHECK(coordinator.join("a", {{99, 1, 0, 0, true}}).disowned.empty());
  coordinator.run({"a"});
  CHECK(only<cluster::run>(coordinator.heard["a"]).empty());
  coordinator.side.want(plan_of(1), {}, coordinator.now);
  coordinator.run({"a"});
  CHECK(only<yield>(coordinator.heard["a"]) == std::vector{yield{99, milliseconds(0)}});
  coordinator.say("a", yielding{99, 75'000});
  CHECK(only<cluster::run>(coordinator.heard["a"]).at(0).first_tick == 75'000);
}

TEST_CASE("a loop whose target is gone is named in an introduction, and promises a tick that it has not scraped") {
  driven_worker driven;
  auto& worker = driven.worker;
  driven.order(run{7, driven.now, estate::none, plan_of(1)});
  driven.now += 15'000;
  worker.run_ticks(driven.now, driven.now);
  auto last = driven.host.ticks.back();
  driven.order(retire{7, no_tenancy});
  driven.order(yield{7, milliseconds(0)});
  CHECK(driven.host.collected == std::vector<tenancy>{7});
  CHECK(std::get<yielding>(driven.said.back()).cut > last);
  auto held = worker.introduce(driven.now).held;
  REQUIRE(held.size() == 1);
  CHECK_FALSE(held[0].is_retired);
  CHECK(held[0].cut > last);
}

TEST_CASE("a loop whose target is gone does nothing while its worker may have lost it") {
  driven_worker driven;
  auto& worker = driven.worker;
  driven.order(run{7, driven.now, estate::none, plan_of(1)});
  driven.order(retire{7, no_tenancy});
  CHECK(worker.introduce(driven.now).held.at(0).is_retired);
  auto ticks = driven.host.ticks.size();
  driven.now += 30'000;
  worker.run_ticks(driven.now, driven.now);
  CHECK(driven.host.ticks.size() == ticks);
  REQUIRE(worker.accept({2, 1, driven_worker::session, milliseconds(driven_worker::lease), {}}));
  for (int second = 0; second < 15; ++second) {
    driven.exchange();
    driven.now += 1000;
  }
  CHECK(driven.host.ticks.size() == ticks + 1);
}

TEST_CASE("a loop that has ended is said to have ended when it is to retire") {
  driven_worker driven;
  driven.order(retire{7, no_tenancy});
  CHECK(driven.said == std::vector<notice>{yielded{7, {}}});
}
