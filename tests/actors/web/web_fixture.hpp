#pragma once

#include "actors/web/web_server.hpp"
#include "tests/actors/web/raw_client.hpp"
#include "tests/support/actor_system.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::test {

/// A scrape manager that answers get_targets only when it is told to, by apply_scrape.
struct held_scrape_manager_state : act::state_base {
  std::vector<caf::typed_response_promise<targets>> held;
};

inline scrape_manager_actor::behavior_type held_scrape_manager(
    act::self_ptr<scrape_manager_actor, held_scrape_manager_state> self) {
  return {
      [](const sync&) {},
      [self](const apply_scrape&) {
        for (auto& promise : act::state(self).held) promise.deliver(targets{});
        act::state(self).held.clear();
      },
      [](const use_services&) {},
      [](const get_scrape_pools&) { return scrape_pools{}; },
      [self](const get_targets&) {
        auto promise = self->make_response_promise<targets>();
        act::state(self).held.push_back(promise);
        return promise;
      },
      [](const get_latest&) { return latest{}; },
      [](const get_metadata&) { return known_metadata{}; },
  };
}

/// A web server on a port of the system's choice, with probes for everyone it asks.
class web_fixture {
 public:
  web_fixture()
      : supervisor(actors.spawn_probe<supervisor_actor>()),
        reloader(actors.spawn_probe<config_reloader_actor>()),
        scrape(actors.spawn_probe<scrape_manager_actor>()),
        discovery(actors.spawn_probe<discovery_manager_actor>()),
        write(actors.spawn_probe<write_manager_actor>()) {
    use_managers({discovery.handle(), scrape.handle(), write.handle()});
    options.listener.addresses = {"127.0.0.1:0"};
    options.supervisor = supervisor.handle();
    options.reloader = reloader.handle();
    options.environment = actors.process();
  }

  void use_managers(managers found) {
    supervisor.answer_with<get_managers, managers>([found](const get_managers&) { return found; });
  }

  /// Starts the server with the options as they are, and makes it ready.
  web_server_actor start() {
    auto started = spawn_web_server(actors.system(), options);
    REQUIRE(started);
    server = actors.adopt(*started);
    address = actors.ask<addresses>(server, get_addresses{}).listening.at(0);
    act::tell(server, set_ready{readiness::ready});
    return server;
  }

  raw_response get(const std::string& target, const std::string& headers = "") {
    return test::get(address, target, headers);
  }

  threaded_system actors;
  probe<supervisor_actor> supervisor;
  probe<config_reloader_actor> reloader;
  probe<scrape_manager_actor> scrape;
  probe<discovery_manager_actor> discovery;
  probe<write_manager_actor> write;
  web_server_options options;
  web_server_actor server;
  std::string address;
};

}  // namespace rollcall::test
