#include "actors/write/write_manager.hpp"

#include "tests/fakes/write_receiver.hpp"
#include "tests/lib/remote_write/made_batch.hpp"
#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

namespace rollcall {

namespace {

using namespace std::chrono_literals;

remote_write_config remote(const std::string& name, const std::string& url) {
  remote_write_config config;
  config.name = name;
  config.url = url;
  return config;
}

struct spawned_endpoint {
  outbox_ptr out;
  std::string url;
  test::probe<write_endpoint_actor> actor;
};

// A manager whose endpoints are probes, or real ones in front of a receiver.
class manager_fixture : public test::actor_fixture {
 public:
  manager_fixture() : registry(spawn_probe<service_registry_actor>()) {
    services.http = {adopt(system().spawn(test::write_receiver, book))};
    configuration.remote_writes = {remote("a", "http://a/write"), remote("b", "http://b/write")};
    start();
  }

  write_manager_options options(bool real = false) {
    write_manager_options options;
    options.services = std::make_shared<const rollcall::services>(services);
    options.environment = process();
    options.registry = registry.handle();
    options.shelf = shelf;
    if (real) return options;
    options.spawn_endpoint = [this](caf::actor_system& system, write_endpoint_options given) {
      auto url = given.out->settings().config.url;
      spawned.push_back({given.out, url, test::spawn_probe<write_endpoint_actor>(system)});
      return spawned.back().actor.handle();
    };
    return options;
  }
  void start() { manager = adopt(spawn_write_manager(system(), options())); }
  void start_real() {
    stop(manager);
    manager = adopt(spawn_write_manager(system(), options(true)));
  }
  void apply() { tell(manager, apply_remote_write{std::make_shared<const config>(configuration)}); }
  void kill(size_t i) {
    act::stop(spawned.at(i).actor.handle(), act::exit_reason::kill);
    settle();
  }
  // The sinks of the last announcement.
  std::vector<sample_sink_actor> sinks() {
    auto all = registry.received<sinks_changed>();
    REQUIRE(!all.empty());
    return all.back().sinks;
  }
  size_t announcements() { return registry.received<sinks_changed>().size(); }
  sample_sink_actor sink(size_t i) { return spawned.at(i).actor.handle(); }
  write_status status() { return ask<write_status>(manager, get_write_status{}); }

  test::receiver_book_ptr book = std::make_shared<test::receiver_book>();
  rollcall::services services;
  test::probe<service_registry_actor> registry;
  std::shared_ptr<outbox_shelf> shelf = std::make_shared<outbox_shelf>();
  config configuration;
  std::vector<spawned_endpoint> spawned;
  write_manager_actor manager;
};

using sink_list = std::vector<sample_sink_actor>;

}  // namespace

TEST_CASE_METHOD(manager_fixture, "there is one endpoint per entry, announced in the configuration's order") {
  apply();
  REQUIRE(spawned.size() == 2);
  CHECK(spawned[0].url == "http://a/write");
  CHECK(spawned[1].url == "http://b/write");
  CHECK(announcements() == 1);
  CHECK(sinks() == sink_list{sink(0), sink(1)});
}

TEST_CASE_METHOD(manager_fixture, "a configuration without entries is announced too") {
  configuration.remote_writes.clear();
  apply();
  CHECK(announcements() == 1);
  CHECK(sinks().empty());
}

TEST_CASE_METHOD(manager_fixture, "endpoints whose entry stays as it was hear nothing of a reload") {
  apply();
  apply();
  CHECK(spawned.size() == 2);
  CHECK(announcements() == 1);
  CHECK(spawned[0].actor.received<reload_endpoint>().empty());
  std::swap(configuration.remote_writes[0], configuration.remote_writes[1]);
  apply();
  CHECK(spawned.size() == 2);
  CHECK(sinks() == sink_list{sink(1), sink(0)});
}

TEST_CASE_METHOD(manager_fixture,
                 "an entry that changed keeps the endpoint of its receiver, which gets the new settings") {
  apply();
  SECTION("other queue") { configuration.remote_writes[1].queue_config.max_shards = 7; }
  SECTION("other name, as an entry without one has after any change") { configuration.remote_writes[1].name = "c"; }
  apply();
  CHECK(spawned.size() == 2);
  CHECK(announcements() == 1);
  CHECK(spawned[0].actor.received<reload_endpoint>().empty());
  auto reloads = spawned[1].actor.received<reload_endpoint>();
  REQUIRE(reloads.size() == 1);
  CHECK(reloads[0].settings->config == configuration.remote_writes[1]);
}

TEST_CASE_METHOD(manager_fixture, "other external labels reach every endpoint") {
  apply();
  configuration.global.external_labels = labels::of({{"dc", "eu"}});
  apply();
  for (size_t i : {0, 1}) {
    auto reloads = spawned[i].actor.received<reload_endpoint>();
    REQUIRE(reloads.size() == 1);
    CHECK(reloads[0].settings->external_labels == configuration.global.external_labels);
  }
}

TEST_CASE_METHOD(manager_fixture, "an entry that is gone is flushed, then ended; its successor starts at once") {
  apply();
  auto old = watch(spawned[0].actor.handle());
  configuration.remote_writes[0].url = "http://elsewhere/write";
  apply();
  REQUIRE(spawned.size() == 3);
  CHECK(spawned[2].out != spawned[0].out);
  CHECK(sinks() == sink_list{sink(2), sink(1)});
  auto flushes = spawned[0].actor.received<flush>();
  REQUIRE(flushes.size() == 1);
  CHECK(flushes[0].deadline == 10s);
  CHECK(old.ended());
  CHECK(old.error().empty());
  CHECK(shelf->size() == 2);
}

TEST_CASE_METHOD(manager_fixture, "two entries for one receiver are told apart by name") {
  configuration.remote_writes = {remote("x", "http://same/write"), remote("y", "http://same/write")};
  apply();
  REQUIRE(spawned.size() == 2);
  configuration.remote_writes.erase(configuration.remote_writes.begin());
  configuration.remote_writes[0].queue_config.capacity = 1;
  apply();
  CHECK(sinks() == sink_list{sink(1)});
  CHECK(spawned[1].actor.received<reload_endpoint>().size() == 1);
}

TEST_CASE_METHOD(manager_fixture, "an endpoint that crashed is started again with what it had, after a delay") {
  apply();
  kill(0);
  CHECK(spawned.size() == 2);
  CHECK(sinks() == sink_list{sink(1)});
  CHECK(status().endpoints.at(0).last_error.find("kill") != std::string::npos);
  // 100 ms, a quarter taken off by chance.
  advance(74ms);
  CHECK(spawned.size() == 2);
  advance(1ms);
  REQUIRE(spawned.size() == 3);
  CHECK(spawned[2].out == spawned[0].out);
  CHECK(sinks() == sink_list{sink(2), sink(1)});
  CHECK(status().endpoints.at(0).restarts == 1);
  CHECK(status().endpoints.at(1).restarts == 0);
  CHECK(metrics().actor_restarts("write_endpoint").Value() == 1);
  SECTION("the delay doubles") {
    kill(2);
    advance(149ms);
    CHECK(spawned.size() == 3);
    advance(1ms);
    CHECK(spawned.size() == 4);
  }
  SECTION("one that was well for a while is back at once") {
    advance(1min);
    auto before = announcements();
    kill(2);
    REQUIRE(spawned.size() == 4);
    CHECK(announcements() == before + 1);
    CHECK(sinks() == sink_list{sink(3), sink(1)});
    CHECK(status().endpoints.at(0).restarts == 2);
  }
}

TEST_CASE_METHOD(manager_fixture, "an endpoint that is down takes part in a reload") {
  apply();
  kill(0);
  SECTION("changed") {
    configuration.remote_writes[0].queue_config.max_shards = 9;
    apply();
    advance(1s);
    REQUIRE(spawned.size() == 3);
    CHECK(spawned[2].out->settings().config.queue_config.max_shards == 9);
  }
  SECTION("removed with nothing to deliver") {
    configuration.remote_writes.erase(configuration.remote_writes.begin());
    apply();
    advance(1min);
    CHECK(spawned.size() == 2);
    CHECK(shelf->size() == 1);
  }
  SECTION("removed with something to deliver") {
    spawned[0].out->take(*test::plain_batch(1, wall_clock(), 3), 0ms, wall_clock());
    configuration.remote_writes.erase(configuration.remote_writes.begin());
    apply();
    REQUIRE(spawned.size() == 3);
    CHECK(spawned[2].actor.received<flush>().size() == 1);
    CHECK(sinks() == sink_list{sink(1)});
  }
}

TEST_CASE_METHOD(manager_fixture, "other services reach every endpoint and those that start later") {
  apply();
  services.http.push_back(services.http[0]);
  auto changed = std::make_shared<const rollcall::services>(services);
  tell(manager, use_services{changed});
  for (size_t i : {0, 1}) CHECK(spawned[i].actor.received<use_services>() == std::vector<use_services>{{changed}});
}

TEST_CASE_METHOD(manager_fixture, "a flush reaches every endpoint and answers with the sum of what is left") {
  apply();
  for (size_t i : {0, 1}) {
    spawned[i].actor.answer_with<flush, flushed>([i](const flush&) { return flushed{10 + i}; });
  }
  CHECK(ask<flushed>(manager, flush{5s}).samples_left == 21);
  CHECK(spawned[1].actor.received<flush>() == std::vector<flush>{{5s}});
}

TEST_CASE_METHOD(manager_fixture, "a flush starts endpoints that are down, and counts what nobody answers for") {
  apply();
  kill(0);
  ask<flushed>(manager, flush{5s});
  REQUIRE(spawned.size() == 3);
  CHECK(spawned[2].actor.received<flush>().size() == 1);
  spawned[1].out->take(*test::plain_batch(1, wall_clock(), 3), 0ms, wall_clock());
  spawned[1].actor.answer_with<flush, flushed>([](const flush&) -> flushed { throw std::runtime_error("died of it"); });
  CHECK(ask<flushed>(manager, flush{5s}).samples_left == 3);
}

TEST_CASE_METHOD(manager_fixture, "the status lists the endpoints in order, with their restarts") {
  apply();
  spawned[1].actor.answer_with<get_endpoint_status, endpoint_status>([](const get_endpoint_status&) {
    endpoint_status status;
    status.name = "b";
    status.samples_pending = 5;
    return status;
  });
  auto all = status().endpoints;
  REQUIRE(all.size() == 2);
  CHECK(all[1].name == "b");
  CHECK(all[1].samples_pending == 5);
}

TEST_CASE_METHOD(manager_fixture, "after a crash of the manager itself nothing that was queued is lost") {
  start_real();
  apply();
  book->script = [](const test::posted&) { return test::response_of(503); };
  for (const auto& sink : sinks()) tell(sink, samples{test::plain_batch(1, wall_clock(), 7)});
  advance(10s);
  act::stop(manager, act::exit_reason::kill);
  settle();
  book->posts.clear();
  book->script = [](const test::posted&) { return test::response_of(204); };
  manager = adopt(spawn_write_manager(system(), options(true)));
  apply();
  CHECK(ask<write_status>(manager, get_write_status{}).endpoints.size() == 2);
  advance(10s);
  CHECK(book->samples().size() == 14);
}

TEST_CASE_METHOD(manager_fixture, "a batch that crashes an endpoint takes nothing else along") {
  start_real();
  apply();
  auto first = sinks().at(0);
  tell(first, samples{test::plain_batch(1, wall_clock(), 7)});
  series::scrape_batch impossible = *test::plain_batch(2, wall_clock(), 3);
  impossible.parts[0].values.push_back(0);
  tell(first, samples{std::make_shared<const series::scrape_batch>(impossible)});
  advance(1s);
  CHECK(status().endpoints.at(0).restarts == 1);
  auto second = sinks().at(0);
  CHECK(second != first);
  tell(second, samples{test::plain_batch(3, wall_clock(), 2)});
  CHECK(begin_ask<flushed>(manager, flush{1min})->answer == flushed{0});
  CHECK(book->samples().size() == 9);
}

}  // namespace rollcall
