#include "app/coordinator_wiring.hpp"

#include "actors/cluster/node_link.hpp"
#include "app/wiring.hpp"
#include "tests/support/probe.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

cluster_flags flags_of(cluster_role role) {
  cluster_flags flags;
  flags.role = role;
  flags.listen_address = "127.0.0.1:0";
  flags.insecure = true;
  return flags;
}

// The actor system of a process in a cluster; its end waits for all actors.
struct node {
  explicit node(const cluster_flags& flags) : system(configured(flags)) {}

  caf::actor_system_config& configured(const cluster_flags& flags) {
    configure_actor_system(config, flags);
    return config;
  }

  caf::actor_system_config config;
  caf::actor_system system;
};

}  // namespace

TEST_CASE("a coordinator that was started again is found by workers where the one before was") {
  auto flags = flags_of(cluster_role::coordinator);
  auto environment = make_environment();
  node coordinators(flags);
  node workers(flags_of(cluster_role::worker));
  node_ties ties;
  ties.handles = std::make_shared<cluster_handles>();
  auto started = start_coordinator(coordinators.system, environment, flags, ties);
  REQUIRE(started);
  auto first = started->make(coordinators.system);
  CHECK(first == ties.handles->coordinator.get());

  auto sink = test::spawn_probe<coordinator_sink_actor>(workers.system);
  node_link_options options;
  options.environment = environment;
  options.sink = sink.handle();
  options.coordinators = {{"127.0.0.1", started->port}};
  options.kind = act::security::none;
  auto link = spawn_node_link(workers.system, std::move(options));
  REQUIRE(sink.wait_for<coordinator_found>(1));

  act::stop(first, act::exit_reason::unhandled_exception);
  auto second = started->make(coordinators.system);
  CHECK(second != first);
  CHECK(second == ties.handles->coordinator.get());
  REQUIRE(sink.wait_for<coordinator_lost>(1));
  REQUIRE(sink.wait_for<coordinator_found>(2));
  CHECK(sink.received<coordinator_found>()[1].coordinator != sink.received<coordinator_found>()[0].coordinator);
  act::stop(link);
  act::stop(sink.handle());
  act::stop(second);
  ties.handles->coordinator.set({});
}
