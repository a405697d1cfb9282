#include "actors/cluster/cluster_coordinator.hpp"
#include "actors/cluster/cluster_worker.hpp"
#include "actors/cluster/placed_loop.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

constexpr auto interval = 15s;
constexpr auto lease = 4s;

struct fake_loop_state : act::state_base {
  static inline const char* name = "fake-loop";
  std::optional<tick> last;
};

// Ticks by target and time, and on which node they came.
using tick_log = std::map<std::pair<std::string, int64_t>, std::vector<std::string>>;

scrape_loop_actor::behavior_type fake_loop(act::self_ptr<scrape_loop_actor, fake_loop_state> self, std::string node,
                                           std::string url, std::shared_ptr<tick_log> log) {
  return {
      [=](const tick& due) { (*log)[{url, due.scheduled}].push_back(node); },
      [](const fetched&) {},
      [](const use_services&) {},
      [](const reload_loop&) {},
      [](const force_error&) {},
      [](const inherit&) {},
      [self](const stop_loop& order) {
        if (order.heir) act::tell(order.heir, inherit{});
        self->quit();
      },
      [](const get_loop_status&) { return loop_status{target_health::up, {}, 0, 0ns, 10}; },
      [](const get_latest&) { return latest{}; },
      [](const get_metadata&) { return known_metadata{}; },
  };
}

node_link_actor::behavior_type fake_link(node_link_actor::pointer) {
  return {[](const leave_coordinator&) {}};
}

struct cluster_fixture : test::services_fixture {
  cluster_fixture() {
    cluster_coordinator_options options;
    options.environment = process();
    options.protocol.lease = lease;
    options.protocol.settling = lease;
    coordinator = adopt(spawn_cluster_coordinator(system(), std::move(options)));
  }

  scrape_manager_actor add_worker(const std::string& node) {
    cluster_worker_options options;
    options.services = announced;
    options.environment = process();
    options.node = node;
    options.protocol.incarnation = ++last_incarnation;
    options.protocol.policy = cluster::lease_policy::strict;
    options.call.configured = [](config_ptr) {};
    options.call.dismissed = [this, node] { dismissed.push_back(node); };
    options.leaving = leaving[node] = std::make_shared<std::atomic<bool>>(false);
    options.spawn_loop = [this, node](caf::actor_system& system, const loop_assignment& loop, services_ptr) {
      return system.spawn(fake_loop, node, loop.request->url, log);
    };
    options.spawn_link = [this](caf::actor_system& system, coordinator_sink_actor sink) {
      act::tell(sink, coordinator_found{coordinator_port_actor{coordinator}});
      return system.spawn(fake_link);
    };
    auto worker = adopt(spawn_cluster_worker(system(), std::move(options)));
    settle();
    return worker;
  }

  scrape_loop_actor add_loop(const std::string& url, uint64_t identity) {
    auto settings = std::make_shared<loop_settings>();
    settings->job = "job";
    settings->ingest = std::make_shared<series::ingest_options>();
    auto request = std::make_shared<http::request>();
    request->url = url;
    loop_assignment loop;
    loop.settings = settings;
    loop.request = request;
    loop.visible = labels::of({{"instance", url}});
    loop.identity = identity;
    loop.interval = interval;
    loop.timeout = 10s;
    loop.phase = std::chrono::milliseconds(identity * 1300 % 15'000);
    auto actor = adopt(spawn_placed_loop(system(), {coordinator, process(), loop}));
    settle();
    return actor;
  }

  void add_loops(uint64_t count) {
    for (uint64_t i = 1; i <= count; ++i) add_loop("http://target/" + std::to_string(i), i);
  }

  // How many ticks came more than once, or not at all between the first and the last of their target.
  size_t doubled() const {
    size_t count = 0;
    for (const auto& [key, nodes] : *log) count += nodes.size() > 1;
    return count;
  }
  size_t missed_most() const {
    std::map<std::string, std::vector<int64_t>> ticks;
    for (const auto& [key, nodes] : *log) ticks[key.first].push_back(key.second);
    size_t most = 0;
    for (const auto& [url, times] : ticks) {
      auto due = (times.back() - times.front()) / std::chrono::milliseconds(interval).count() + 1;
      most = std::max(most, static_cast<size_t>(due) - times.size());
    }
    return most;
  }
  uint64_t loops_of(const std::string& node) {
    for (const auto& each : ask<cluster_view>(coordinator, get_cluster{}).nodes)
      if (each.name == node) return each.loops;
    return 0;
  }

  cluster_coordinator_actor coordinator;
  uint64_t last_incarnation = 0;
  std::shared_ptr<tick_log> log = std::make_shared<tick_log>();
  std::map<std::string, std::shared_ptr<std::atomic<bool>>> leaving;
  std::vector<std::string> dismissed;
};

}  // namespace

TEST_CASE_METHOD(cluster_fixture, "loops run on the workers that there are, each tick on one of them") {
  add_loops(20);
  add_worker("a");
  add_worker("b");
  advance(2min);
  CHECK(loops_of("a") + loops_of("b") == 20);
  CHECK(loops_of("a") > 0);
  CHECK(loops_of("b") > 0);
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture, "a worker that leaves gives everything away without a gap and is told to end") {
  add_loops(20);
  add_worker("a");
  add_worker("b");
  advance(1min);
  leaving["a"]->store(true);
  advance(1min);
  CHECK(loops_of("b") == 20);
  CHECK(dismissed == std::vector<std::string>{"a"});
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture, "a drained worker ends up with nothing") {
  add_loops(10);
  add_worker("a");
  add_worker("b");
  advance(1min);
  CHECK(ask<node_drained>(coordinator, drain_node{"a"}).found);
  CHECK_FALSE(ask<node_drained>(coordinator, drain_node{"nobody"}).found);
  advance(1min);
  CHECK(loops_of("b") == 10);
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture, "what a dead worker had is taken over within an interval") {
  add_loops(20);
  auto dying = add_worker("a");
  add_worker("b");
  advance(1min);
  stop(dying);
  advance(2min);
  CHECK(loops_of("b") == 20);
  CHECK(doubled() == 0);
  CHECK(missed_most() <= 1);
}

TEST_CASE_METHOD(cluster_fixture, "a loop that is not wanted any more ends on its worker") {
  auto loop = add_loop("http://target/1", 1);
  add_worker("a");
  advance(1min);
  CHECK(loops_of("a") == 1);
  tell(loop, stop_loop{});
  advance(1min);
  auto ticks = log->size();
  advance(1min);
  CHECK(log->size() == ticks);
  CHECK(loops_of("a") == 0);
}

TEST_CASE_METHOD(cluster_fixture, "what a worker says of a loop is what its pool hears") {
  auto loop = add_loop("http://target/1", 1);
  CHECK(ask<loop_status>(loop, get_loop_status{}).health == target_health::unknown);
  add_worker("a");
  advance(1min);
  CHECK(ask<loop_status>(loop, get_loop_status{}).series == 10);
}

TEST_CASE_METHOD(cluster_fixture, "who speaks another version, has no name or a taken one is refused with the reason") {
  add_worker("a");
  hello stranger;
  stranger.node = "b";
  stranger.version = cluster::protocol_version + 1;
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("version") != std::string::npos);
  stranger.version = cluster::protocol_version;
  stranger.introduction = cluster::encode(cluster::introduction{99, 1, 0, 0, {}});
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("who it is") != std::string::npos);
  auto port = spawn_probe<worker_port_actor>();
  stranger.port = port.handle();
  stranger.node = "a";
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("has the name") != std::string::npos);
  stranger.node = "b";
  stranger.introduction += "?";
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("malformed") != std::string::npos);
}
