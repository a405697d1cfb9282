#include "actors/cluster/elected_claim.hpp"

#include "actors/cluster/cluster_coordinator.hpp"
#include "actors/cluster/cluster_worker.hpp"
#include "actors/cluster/leader_gate.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace rollcall;
using namespace std::chrono_literals;

namespace rollcall::test {

/// Connect to the next coordinator.
struct turn_due {};

}  // namespace rollcall::test

ACT_PRIVATE_MESSAGE(rollcall::test::turn_due)

namespace {

using test::turn_due;

constexpr auto lease = 4s;
constexpr auto turn = 300ms;

using gates = std::vector<cluster_coordinator_actor>;
using turning_link = act::extended<node_link_actor, void(turn_due)>;

struct turning_link_state : act::state_base {
  static inline const char* name = "turning-link";
  size_t next = 0;
  act::watcher watchers;
};

// Reaches one gate after the other, when it is told to leave one or that has ended.
act::behavior_of<turning_link> turn_from_gate_to_gate(act::self_ptr<turning_link, turning_link_state> self,
                                                      coordinator_sink_actor sink, std::shared_ptr<gates> all) {
  act::init(self, act::state(self).watchers);
  act::tell(turning_link{self}, turn_due{});
  auto turn_later = [self, all] {
    ++act::state(self).next;
    act::tell_self_after(self, turn, turn_due{});
  };
  return {
      [=](const leave_coordinator&) {
        act::unwatch(self, act::state(self).watchers, (*all)[act::state(self).next % all->size()]);
        turn_later();
      },
      [=](const turn_due&) {
        const auto& gate = (*all)[act::state(self).next % all->size()];
        act::watch(self, act::state(self).watchers, gate, [=](const std::string&) {
          act::tell(sink, coordinator_lost{"it has ended"});
          turn_later();
        });
        act::tell(sink, coordinator_found{coordinator_port_actor{gate}});
      },
  };
}

struct election_fixture : test::services_fixture {
  // A process with a gate, and what came of it.
  struct process_with_gate {
    cluster_coordinator_actor gate;
    std::vector<duty> duties;
    std::vector<uint64_t> epochs;
    std::vector<fence_ptr> fences;
    std::vector<cluster_coordinator_actor> coordinators;
  };

  std::shared_ptr<process_with_gate> start(const std::string& name) {
    auto made = std::make_shared<process_with_gate>();
    leader_gate_options options;
    options.environment = process();
    options.leadership = {name, name + ":9096", lease};
    options.voters = {"a", "b", "c"};
    options.call = [made](duty now) { made->duties.push_back(now); };
    options.spawn_coordinator = [this, made](caf::actor_system& system, uint64_t epoch, fence_ptr may_assign) {
      made->epochs.push_back(epoch);
      made->fences.push_back(may_assign);
      cluster_coordinator_options coordinator;
      coordinator.environment = process();
      coordinator.protocol.epoch = epoch;
      coordinator.protocol.lease = lease;
      coordinator.may_assign = std::move(may_assign);
      made->coordinators.push_back(spawn_cluster_coordinator(system, std::move(coordinator)));
      return made->coordinators.back();
    };
    made->gate = adopt(spawn_leader_gate(system(), std::move(options)));
    all->push_back(made->gate);
    settle();
    return made;
  }

  cluster_worker_actor add_worker(const std::string& node) {
    cluster_worker_options options;
    options.services = announced;
    options.environment = process();
    options.node = node;
    options.protocol.incarnation = ++last_incarnation;
    options.call.configured = [](config_ptr) {};
    options.spawn_link = [this](caf::actor_system& system, coordinator_sink_actor sink) {
      links.push_back(node_link_actor{system.spawn(turn_from_gate_to_gate, sink, all)});
      return links.back();
    };
    auto worker = adopt(spawn_cluster_worker(system(), std::move(options)));
    settle();
    return worker;
  }

  size_t members_of(const process_with_gate& who) { return ask<cluster_view>(who.gate, get_cluster{}).nodes.size(); }

  bool leads(const process_with_gate& who) {
    auto steady = std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
    return !who.fences.empty() && who.fences.back()->is_open(steady);
  }

  std::shared_ptr<gates> all = std::make_shared<gates>();
  uint64_t last_incarnation = 0;
  std::vector<node_link_actor> links;
};

// Two gates, and the workers that vote.
struct elected_fixture : election_fixture {
  elected_fixture() {
    for (const auto* name : {"a", "b", "c"}) workers.push_back(add_worker(name));
    advance(10s);
  }

  std::shared_ptr<process_with_gate> one = start("one");
  std::shared_ptr<process_with_gate> other = start("other");
  std::vector<cluster_worker_actor> workers;
};

}  // namespace

TEST_CASE_METHOD(elected_fixture, "workers elect one of two coordinators, which goes on leading") {
  CHECK(leads(*one));
  CHECK(members_of(*one) == 3);
  advance(10min);
  CHECK(one->duties == std::vector{duty::lead});
  CHECK(other->duties.empty());
  CHECK(leads(*one));
  auto view = ask<cluster_view>(other->gate, get_cluster{});
  CHECK(view.role == "standby");
}

TEST_CASE_METHOD(elected_fixture, "a worker that does not vote is a member like any other, and counts for nothing") {
  auto guest = add_worker("guest");
  advance(5s);
  CHECK(members_of(*one) == 4);
  stop(workers[0]);
  stop(workers[1]);
  advance(lease);
  CHECK_FALSE(leads(*one));
  CHECK(one->duties == std::vector{duty::lead, duty::stand_by});
}

TEST_CASE_METHOD(elected_fixture, "a leader goes on without the less than half that are gone") {
  stop(workers[0]);
  advance(1min);
  CHECK(one->duties == std::vector{duty::lead});
  CHECK(leads(*one));
}

TEST_CASE_METHOD(elected_fixture, "a leader that gives promises back is followed at once, in a higher epoch") {
  stop(one->gate);
  (*all)[0] = other->gate;
  advance(1s);
  CHECK(other->duties == std::vector{duty::lead});
  CHECK(other->epochs.front() > one->epochs.front());
  advance(lease);
  CHECK(members_of(*other) == 3);
}

TEST_CASE_METHOD(elected_fixture, "a leader that workers reach no more is over before another one leads") {
  for (const auto& each : links) tell(each, leave_coordinator{});
  (*all)[0] = other->gate;
  for (int i = 0; i < 100 && !leads(*other); ++i) {
    advance(50ms);
    CHECK_FALSE((leads(*one) && leads(*other)));
  }
  CHECK(one->duties == std::vector{duty::lead, duty::stand_by});
  CHECK(other->duties == std::vector{duty::lead});
  CHECK(other->epochs.front() > one->epochs.front());
}

TEST_CASE_METHOD(elected_fixture, "an elected coordinator that ends by a fault is followed by one of another epoch") {
  act::stop(one->coordinators.back(), act::exit_reason::unhandled_exception);
  advance(2s);
  CHECK(one->duties == std::vector{duty::lead, duty::stand_by, duty::lead});
  CHECK(one->epochs.back() > one->epochs.front());
  CHECK(members_of(*one) == 3);
}

TEST_CASE_METHOD(elected_fixture, "a standby sends who is bound to the leader there") {
  hello greeting;
  greeting.node = "a";
  greeting.introduction = cluster::encode(cluster::introduction{1, 1, 0, 0, {}});
  cluster::candidacy leader{one->epochs.front(), "one", "one:9096", lease, 1, true};
  greeting.vote = cluster::encode(cluster::vote{leader, true, leader.epoch});
  auto port = spawn_probe<worker_port_actor>();
  greeting.port = port.handle();
  auto answer = ask<welcome>(other->gate, greeting);
  CHECK(answer.refusal == "the worker has promised to serve one:9096");
  CHECK(answer.leader == "one:9096");
  CHECK(answer.epoch == leader.epoch);
  CHECK(ask<cluster_view>(other->gate, get_cluster{}).leader == "one:9096");
  greeting.vote += "?";
  CHECK(ask<welcome>(other->gate, greeting).refusal == "malformed vote");
  greeting.node = "guest";
  CHECK(ask<welcome>(other->gate, greeting).refusal == "it does not lead; ask one:9096");
}

TEST_CASE_METHOD(election_fixture, "too few voters elect nobody, and are let go to look elsewhere") {
  auto one = start("one");
  auto other = start("other");
  add_worker("a");
  advance(1min);
  CHECK(one->duties.empty());
  CHECK(other->duties.empty());
  add_worker("c");
  advance(20s);
  CHECK(one->duties.size() + other->duties.size() == 1);
}
