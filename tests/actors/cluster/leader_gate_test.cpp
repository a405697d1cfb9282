#include "actors/cluster/leader_gate.hpp"

#include "actors/cluster/arbiter_client.hpp"
#include "lib/cluster/etcd_arbiter.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

constexpr auto lease = 4s;

// An arbiter that all gates of a test share.
struct shared_register {
  cluster::register_content content;
  int version = 0;
  bool is_reachable = true;

  consulted answer(const consult& order) {
    if (!is_reachable) return {"no route to host", {}, {}};
    const auto* write = std::get_if<cluster::leadership::write>(&order.step);
    if (!write) return {{}, content, {}};
    if (write->expected != content.version) return {{}, {}, {}};
    content = {std::to_string(++version), write->wanted};
    return {{}, {}, {true, content.version}};
  }
};

struct gate_fixture : test::services_fixture {
  // A process with a gate, and what came of it.
  struct process_with_gate {
    cluster_coordinator_actor gate;
    std::vector<duty> duties;
    std::vector<uint64_t> epochs;
    std::vector<fence_ptr> fences;
    std::vector<test::probe<cluster_coordinator_actor>> coordinators;
  };

  std::shared_ptr<process_with_gate> start(const std::string& name) {
    auto made = std::make_shared<process_with_gate>();
    leader_gate_options options;
    options.environment = process();
    options.leadership = {name, name + ":9096", lease};
    options.call = [made](duty now) { made->duties.push_back(now); };
    options.spawn_coordinator = [made](caf::actor_system& system, uint64_t epoch, fence_ptr may_assign) {
      made->epochs.push_back(epoch);
      made->fences.push_back(std::move(may_assign));
      made->coordinators.push_back(test::spawn_probe<cluster_coordinator_actor>(system));
      return made->coordinators.back().handle();
    };
    options.spawn_arbiter = [this](caf::actor_system& system) {
      auto arbiter = test::spawn_probe<arbiter_client_actor>(system);
      arbiter.answer_with<consult, consulted>([this](const consult& order) { return kept.answer(order); });
      return arbiter.handle();
    };
    made->gate = adopt(spawn_leader_gate(system(), std::move(options)));
    settle();
    return made;
  }

  hello greeting(const test::probe<worker_port_actor>& port) {
    hello words;
    words.node = "worker-0";
    words.introduction = cluster::encode(cluster::introduction{1, 1, 0, 0, {}});
    words.port = port.handle();
    return words;
  }

  int64_t steady() { return std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count(); }

  shared_register kept;
};

}  // namespace

TEST_CASE_METHOD(gate_fixture, "one of two leads, and the other one says where to go") {
  auto one = start("one");
  auto other = start("other");
  advance(1min);
  CHECK(one->duties == std::vector{duty::lead});
  CHECK(other->duties.empty());
  auto port = spawn_probe<worker_port_actor>();
  auto answer = ask<welcome>(other->gate, greeting(port));
  CHECK(answer.refusal == "it does not lead; ask one:9096");
  CHECK(answer.leader == "one:9096");
  CHECK(answer.epoch == one->epochs.front());
  auto view = ask<cluster_view>(other->gate, get_cluster{});
  CHECK(view.role == "standby");
  CHECK(view.leader == "one:9096");
  CHECK_FALSE(ask<node_drained>(other->gate, drain_node{"worker-0"}).found);
}

TEST_CASE_METHOD(gate_fixture, "the leader passes everything on") {
  auto one = start("one");
  tell(one->gate, configure_workers{});
  tell(one->gate, unwant_loop{7, 0});
  one->coordinators.front().answer_with<drain_node, node_drained>([](const drain_node&) { return node_drained{true}; });
  CHECK(ask<node_drained>(one->gate, drain_node{"worker-0"}).found);
  CHECK(one->coordinators.front().received<configure_workers>().size() == 1);
  CHECK(one->coordinators.front().received<unwant_loop>() == std::vector{unwant_loop{7, 0}});
  auto port = spawn_probe<worker_port_actor>();
  CHECK(ask<welcome>(one->gate, greeting(port)).refusal.empty());
  CHECK(one->coordinators.front().received<hello>().size() == 1);
}

TEST_CASE_METHOD(gate_fixture, "a leader without its arbiter stops in time, and sends its workers away") {
  auto one = start("one");
  auto port = spawn_probe<worker_port_actor>();
  ask<welcome>(one->gate, greeting(port));
  kept.is_reachable = false;
  advance(2s);
  CHECK(one->duties == std::vector{duty::lead});
  CHECK(one->fences.front()->is_open(steady()));
  advance(1500ms);
  CHECK(one->duties == std::vector{duty::lead, duty::stand_by});
  CHECK_FALSE(one->fences.front()->is_open(steady()));
  CHECK(port.received<session_over>().size() == 1);
  tell(one->gate, unwant_loop{7, 0});
  CHECK(one->coordinators.front().received<unwant_loop>().empty());
}

TEST_CASE_METHOD(gate_fixture, "the next one leads in a higher epoch, with the configuration that it has") {
  auto one = start("one");
  auto other = start("other");
  tell(other->gate, configure_workers{});
  kept.is_reachable = false;
  advance(4s);
  CHECK(other->duties.empty());
  kept.is_reachable = true;
  advance(10s);
  CHECK(one->epochs.size() + other->epochs.size() == 2);
  auto& next = one->epochs.size() == 2 ? one : other;
  CHECK(next->epochs.back() > one->epochs.front());
  CHECK(next->duties.back() == duty::lead);
  if (next == other) CHECK(other->coordinators.front().received<configure_workers>().size() == 1);
}

TEST_CASE_METHOD(gate_fixture, "a leader that is stopped in good order is followed at once") {
  auto one = start("one");
  auto other = start("other");
  stop(one->gate);
  advance(1s);
  CHECK(other->duties == std::vector{duty::lead});
}

TEST_CASE_METHOD(gate_fixture, "a coordinator that ends by a fault is followed by one of another epoch") {
  auto one = start("one");
  stop(one->coordinators.front().handle());
  CHECK(one->duties == std::vector{duty::lead, duty::stand_by});
  advance(2s);
  CHECK(one->duties == std::vector{duty::lead, duty::stand_by, duty::lead});
  CHECK(one->epochs.back() == one->epochs.front() + 1);
}

TEST_CASE_METHOD(gate_fixture, "a worker that has heard of a later epoch is met in one that is later still") {
  auto one = start("one");
  auto port = spawn_probe<worker_port_actor>();
  auto words = greeting(port);
  auto later = one->epochs.front() + 100;
  words.introduction = cluster::encode(cluster::introduction{1, 1, later, 0, {}});
  CHECK_FALSE(ask<welcome>(one->gate, words).refusal.empty());
  advance(2s);
  CHECK(one->epochs.back() == later + 1);
}

TEST_CASE_METHOD(test::services_fixture, "the arbiter's client asks over HTTP and answers whatever happens") {
  arbiter_client_options options;
  options.arbiter.dialect = std::make_shared<cluster::etcd_arbiter>("http://etcd:2379", "key");
  options.wall_clock = [] { return int64_t{0}; };
  options.spawn_http = [this](caf::actor_system&) { return http.handle(); };
  auto client = adopt(spawn_arbiter_client(system(), std::move(options)));

  auto reading = begin_ask<consulted>(client, consult{cluster::leadership::read{}});
  auto asked = http.take<fetch>();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().request->url == "http://etcd:2379/v3/kv/range");
  CHECK_FALSE(reading->answer);
  answer(asked.front(), ok("{}"));
  REQUIRE(reading->answer);
  CHECK(reading->answer->error.empty());

  auto writing = begin_ask<consulted>(client, consult{cluster::leadership::write{"", {1, "a", "a:1", lease, 0}}});
  asked = http.take<fetch>();
  REQUIRE(asked.size() == 1);
  answer(asked.front(), ok(R"({"header":{"revision":"4"},"succeeded":true})"));
  REQUIRE(writing->answer);
  CHECK(writing->answer->outcome == cluster::write_outcome{true, "4"});

  auto failing = begin_ask<consulted>(client, consult{cluster::leadership::read{}});
  asked = http.take<fetch>();
  answer(asked.front(), broken(http::failure::transport, "connection refused"));
  REQUIRE(failing->answer);
  CHECK(failing->answer->error == "connection refused");

  auto orphaned = begin_ask<consulted>(client, consult{cluster::leadership::read{}});
  stop(http.handle());
  REQUIRE(orphaned->answer);
  CHECK(orphaned->answer->error.find("HTTP client") != std::string::npos);
}
