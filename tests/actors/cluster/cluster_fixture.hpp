#pragma once

#include "actors/cluster/cluster_coordinator.hpp"
#include "actors/cluster/cluster_worker.hpp"
#include "actors/cluster/placed_loop.hpp"
#include "tests/support/services_fixture.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace rollcall::test {

/// Try again to reach the coordinator.
struct reconnect_due {};

}  // namespace rollcall::test

ACT_PRIVATE_MESSAGE(rollcall::test::reconnect_due)

namespace rollcall::test {

struct fake_loop_state : act::state_base {
  static inline const char* name = "fake-loop";
  std::optional<tick> last;
};

// Ticks by target and time, and on which node they came.
using tick_log = std::map<std::pair<std::string, int64_t>, std::vector<std::string>>;

/// What the fake loop of each target knows, and what was asked and told of that.
struct known_log {
  outlines now;          ///< Of every target.
  size_t told = 0;       ///< How often what is known was told.
  size_t inherited = 0;  ///< How many caches another loop's successor got.
};

inline scrape_loop_actor::behavior_type fake_loop(act::self_ptr<scrape_loop_actor, fake_loop_state> self,
                                                  std::string node, std::string url, std::shared_ptr<tick_log> log,
                                                  std::shared_ptr<known_log> known) {
  return {
      [=](const tick& due) { (*log)[{url, due.scheduled}].push_back(node); },
      [](const fetched&) {},
      [](const use_services&) {},
      [](const reload_loop&) {},
      [](const force_error&) {},
      [=](const inherit& left) { known->inherited += left.cache != nullptr; },
      [self](const stop_loop& order) {
        if (order.heir) act::tell(order.heir, inherit{});
        self->quit();
      },
      [](const get_loop_status&) { return loop_status{target_health::up, {}, 0, std::chrono::nanoseconds(0), 10}; },
      [](const get_latest&) { return latest{}; },
      [](const get_metadata&) { return known_metadata{}; },
      [=](const get_outlines& question) {
        if (question.unless == known->now.version) return outlines{question.unless, {}};
        ++known->told;
        return known->now;
      },
  };
}

using fake_link_impl = act::extended<node_link_actor, void(reconnect_due)>;

struct fake_link_state : act::state_base {
  static inline const char* name = "fake-link";
};

/// Reaches whoever is coordinator, a second after it was told to leave one.
inline act::behavior_of<fake_link_impl> fake_link(act::self_ptr<fake_link_impl, fake_link_state> self,
                                                  coordinator_sink_actor sink, cluster_handles_ptr handles) {
  act::tell(fake_link_impl{self}, reconnect_due{});
  return {
      [self](const leave_coordinator&) { act::tell_self_after(self, std::chrono::seconds(1), reconnect_due{}); },
      [=](const reconnect_due&) {
        act::tell(sink, coordinator_found{coordinator_port_actor{handles->coordinator.get()}});
      },
  };
}

/// A coordinator, and as many workers and loops as a test adds; the loops note their ticks.
struct cluster_fixture : services_fixture {
  static constexpr auto interval = std::chrono::seconds(15);
  static constexpr auto lease = std::chrono::seconds(4);

  cluster_fixture() { start_coordinator(); }

  void start_coordinator() {
    cluster_coordinator_options options;
    options.environment = process();
    options.handles = handles;
    options.protocol.epoch = ++epoch;
    options.protocol.lease = lease;
    options.protocol.settling = lease * 3 / 2;
    coordinator = adopt(spawn_cluster_coordinator(system(), std::move(options)));
    handles->coordinator.set(coordinator);
  }

  /// Ends an actor as a fault in it does.
  template <class Handle>
  void crash(const Handle& actor) {
    act::stop(actor, act::exit_reason::unhandled_exception);
    settle();
  }

  /// What follows on a crash of the coordinator: another one, pools that begin anew, and workers that find it.
  void replace_coordinator() {
    crash(coordinator);
    for (const auto& each : sinks) tell(each, coordinator_lost{"it has crashed"});
    for (const auto& each : std::exchange(placed, {})) stop(each);
    start_coordinator();
    for (const auto& [url, identity] : std::exchange(wanted, {})) add_loop(url, identity);
    for (const auto& each : sinks) tell(each, coordinator_found{coordinator_port_actor{coordinator}});
  }

  cluster_worker_actor add_worker(const std::string& node) {
    cluster_worker_options options;
    options.services = announced;
    options.environment = process();
    options.node = node;
    options.protocol.incarnation = ++last_incarnation;
    options.protocol.policy = cluster::lease_policy::strict;
    options.call.configured = [](config_ptr) {};
    options.call.dismissed = [this, node] { dismissed.push_back(node); };
    options.leaving = leaving[node] = std::make_shared<std::atomic<bool>>(false);
    options.page_loops_max = 7;
    options.spawn_loop = [this, node](caf::actor_system& system, const loop_assignment& loop, services_ptr) {
      return system.spawn(fake_loop, node, loop.request->url, log, known);
    };
    options.spawn_link = [this](caf::actor_system& system, coordinator_sink_actor sink) {
      sinks.push_back(sink);
      return node_link_actor{system.spawn(fake_link, sink, handles)};
    };
    auto worker = adopt(spawn_cluster_worker(system(), std::move(options)));
    settle();
    return worker;
  }

  scrape_loop_actor add_loop(const std::string& url, uint64_t identity, const std::string& group = {}) {
    auto settings = std::make_shared<loop_settings>();
    settings->job = "job";
    settings->ingest = std::make_shared<series::ingest_options>();
    auto request = std::make_shared<http::request>();
    request->url = url;
    loop_assignment loop;
    loop.settings = settings;
    loop.request = request;
    loop.visible = labels::of({{"group", group}, {"instance", url}});
    loop.identity = identity;
    loop.interval = interval;
    loop.timeout = std::chrono::seconds(10);
    loop.phase = std::chrono::milliseconds(identity * 1300 % 15'000);
    auto actor = adopt(spawn_placed_loop(system(), {coordinator, process(), loop, rules}));
    placed.push_back(actor);
    wanted.emplace_back(url, identity);
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

  cluster_handles_ptr handles = std::make_shared<cluster_handles>();
  cluster_coordinator_actor coordinator;
  uint64_t epoch = 0;
  std::vector<coordinator_sink_actor> sinks;
  std::vector<scrape_loop_actor> placed;
  std::vector<std::pair<std::string, uint64_t>> wanted;
  cluster::placement_rules rules;
  uint64_t last_incarnation = 0;
  std::shared_ptr<tick_log> log = std::make_shared<tick_log>();
  std::shared_ptr<known_log> known = std::make_shared<known_log>();
  std::map<std::string, std::shared_ptr<std::atomic<bool>>> leaving;
  std::vector<std::string> dismissed;
};

}  // namespace rollcall::test
