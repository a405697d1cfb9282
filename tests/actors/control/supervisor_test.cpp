#include "actors/control/supervisor.hpp"

#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

/// The answer to the flush that is open.
struct flush_done {
  uint64_t samples_left = 0;
};

}  // namespace

ACT_PRIVATE_MESSAGE(flush_done)

namespace {

using slow_writer_actor = act::extended<write_manager_actor, void(flush_done)>;
using open_flushes = std::vector<caf::typed_response_promise<flushed>>;

/// A write manager that answers a flush when it is told to.
slow_writer_actor::behavior_type slow_writer(slow_writer_actor::pointer self, std::shared_ptr<open_flushes> open) {
  return {
      [](const apply_remote_write&) {},
      [](const use_services&) {},
      [=](const flush&) -> caf::result<flushed> {
        open->push_back(self->make_response_promise<flushed>());
        return open->back();
      },
      [](const get_write_status&) { return write_status{}; },
      [](const settle_set_aside&) { return set_aside_settled{}; },
      [=](const flush_done& answer) { open->at(0).deliver(flushed{answer.samples_left}); },
  };
}

/// All children are probes, kept in order of their start.
struct supervisor_fixture : test::actor_fixture {
  supervisor_fixture() { random_unit = 0; }

  supervisor_options options() {
    supervisor_options result;
    result.environment = process();
    result.flush_deadline = 20s;
    auto& make = result.factories;
    make.ticker = [this](caf::actor_system&) { return spawn("ticker", tickers); };
    make.file_watcher = [this](caf::actor_system&) { return spawn("file_watcher", watchers); };
    make.dns_resolver = [this](caf::actor_system&) { return spawn("dns_resolver", resolvers); };
    make.zookeeper_client = [this](caf::actor_system&) { return spawn("zookeeper_client", zookeepers); };
    make.http_client = [this](caf::actor_system&, size_t index) {
      return spawn("http_client-" + std::to_string(index), clients);
    };
    make.write_manager = [this](caf::actor_system&, services_ptr services, service_registry_actor registry) {
      given_services.push_back(services);
      registries.push_back(registry);
      return spawn("write_manager", writers);
    };
    make.scrape_manager = [this](caf::actor_system&, services_ptr services) {
      given_services.push_back(services);
      return spawn("scrape_manager", scrapers);
    };
    make.discovery_manager = [this](caf::actor_system&, services_ptr services) {
      given_services.push_back(services);
      return spawn("discovery_manager", discoverers);
    };
    return result;
  }

  supervisor_options options_of_coordinator() {
    auto result = options();
    result.factories.cluster_coordinator = [this](caf::actor_system&) {
      return spawn("cluster_coordinator", coordinators);
    };
    return result;
  }

  template <class Handle>
  Handle spawn(const std::string& name, std::deque<test::probe<Handle>>& list) {
    started.push_back(name);
    list.push_back(test::spawn_probe<Handle>(system()));
    act::on_end(list.back().handle(), [list = ends, name] { list->push_back(name); });
    return list.back().handle();
  }

  void start(supervisor_options given) {
    supervisor = adopt(spawn_supervisor(system(), std::move(given)));
    settle();
    started_first = std::exchange(started, {});
  }
  void start() { start(options()); }

  template <class Handle>
  void crash(const test::probe<Handle>& child) {
    caf::anon_send_exit(child.handle(), caf::exit_reason::unhandled_exception);
    settle();
  }
  void crash_role(const std::string& name) {
    if (name == "ticker") crash(tickers.back());
    if (name == "file_watcher") crash(watchers.back());
    if (name == "dns_resolver") crash(resolvers.back());
    if (name == "zookeeper_client") crash(zookeepers.back());
    if (name == "http_client-0") crash(clients.at(0));
    if (name == "http_client-1") crash(clients.at(1));
    if (name == "cluster_coordinator") crash(coordinators.back());
    if (name == "write_manager") crash(writers.back());
    if (name == "scrape_manager") crash(scrapers.back());
    if (name == "discovery_manager") crash(discoverers.back());
  }
  static config_ptr make_config(const texts& jobs) {
    auto result = std::make_shared<config>();
    for (const auto& name : jobs) {
      scrape_config job;
      job.job_name = name;
      result->scrape_configs.push_back(std::make_shared<scrape_config>(job));
    }
    return result;
  }
  child_restarts restarts_of(const std::string& name) {
    for (const auto& each : ask<restarts>(supervisor, get_restarts{}).children)
      if (each.name == name) return each;
    throw std::runtime_error("no child " + name);
  }

  texts started, started_first;
  std::shared_ptr<texts> ends = std::make_shared<texts>();  // shared, as actors end after the fixture
  const texts& ended = *ends;
  std::deque<test::probe<ticker_actor>> tickers;
  std::deque<test::probe<file_watcher_actor>> watchers;
  std::deque<test::probe<dns_resolver_actor>> resolvers;
  std::deque<test::probe<zookeeper_client_actor>> zookeepers;
  std::deque<test::probe<http_client_actor>> clients;
  std::deque<test::probe<write_manager_actor>> writers;
  std::deque<test::probe<scrape_manager_actor>> scrapers;
  std::deque<test::probe<discovery_manager_actor>> discoverers;
  std::vector<services_ptr> given_services;
  std::vector<service_registry_actor> registries;
  std::deque<test::probe<cluster_coordinator_actor>> coordinators;
  supervisor_actor supervisor;
};

const texts all_children = {"ticker",        "file_watcher",  "dns_resolver",   "zookeeper_client", "http_client-0",
                            "http_client-1", "write_manager", "scrape_manager", "discovery_manager"};

}  // namespace

TEST_CASE_METHOD(supervisor_fixture, "children start in order, each with what it needs of those before") {
  start();
  CHECK(started_first == all_children);
  REQUIRE(given_services.size() == 3);
  for (const auto& given : given_services) {
    CHECK(given->ticker == tickers[0].handle());
    CHECK(given->files == watchers[0].handle());
    CHECK(given->dns == resolvers[0].handle());
    CHECK(given->zookeeper == zookeepers[0].handle());
    CHECK(given->http == std::vector{clients[0].handle(), clients[1].handle()});
  }
  auto sinks = discoverers[0].received<use_sync_sink>();
  REQUIRE(sinks.size() == 1);
  CHECK(sinks[0].sink == sync_sink_actor{scrapers[0].handle()});
  auto known = ask<managers>(supervisor, get_managers{});
  CHECK(known == managers{discoverers[0].handle(), scrapers[0].handle(), writers[0].handle()});
  for (const auto& each : ask<restarts>(supervisor, get_restarts{}).children) CHECK(each.restarts == 0);
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a configuration goes to every manager, and only its jobs' discovery to discovery") {
  start();
  auto given = make_config({"a", "b"});
  tell(supervisor, apply_config{given});
  CHECK(writers[0].received<apply_remote_write>() == std::vector{apply_remote_write{given}});
  CHECK(scrapers[0].received<apply_scrape>() == std::vector{apply_scrape{given}});
  auto orders = discoverers[0].received<apply_discovery>();
  REQUIRE(orders.size() == 1);
  REQUIRE(orders[0].jobs.size() == 2);
  CHECK(orders[0].jobs[0].job == "a");
  CHECK(orders[0].jobs[1].job == "b");
}

TEST_CASE_METHOD(supervisor_fixture, "other sample sinks are announced to every manager") {
  start();
  auto sink = spawn_probe<sample_sink_actor>();
  tell(registries.at(0), sinks_changed{{sink.handle()}});
  for (const auto& heard : {writers[0].received<use_services>(), scrapers[0].received<use_services>(),
                            discoverers[0].received<use_services>()}) {
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].services->sinks == std::vector{sink.handle()});
    CHECK(heard[0].services->ticker == tickers[0].handle());
  }
}

TEST_CASE_METHOD(supervisor_fixture, "whichever child crashes is started again, alone, and it is counted") {
  start();
  tell(supervisor, apply_config{make_config({"a"})});
  auto name = GENERATE(from_range(all_children));
  INFO(name);
  crash_role(name);
  CHECK(started.empty());
  CHECK(restarts_of(name).restarts == 0);
  CHECK_FALSE(restarts_of(name).last_error.empty());
  advance(49ms);
  CHECK(started.empty());
  advance(1ms);
  CHECK(started == texts{name});
  CHECK(ended == texts{name});
  auto kind = name.substr(0, name.find('-'));
  CHECK(metrics().actor_restarts(kind).Value() == 1);
  for (const auto& each : ask<restarts>(supervisor, get_restarts{}).children)
    CHECK(each.restarts == (each.name == name ? 1 : 0));
}

TEST_CASE_METHOD(supervisor_fixture, "a service that was started again is announced to every manager") {
  start();
  auto name = GENERATE(as<std::string>{}, "ticker", "file_watcher", "dns_resolver", "zookeeper_client", "http_client-0",
                       "http_client-1");
  INFO(name);
  crash_role(name);
  CHECK(scrapers[0].received<use_services>().empty());
  advance(50ms);
  services expected;
  expected.ticker = tickers.back().handle();
  expected.files = watchers.back().handle();
  expected.dns = resolvers.back().handle();
  expected.zookeeper = zookeepers.back().handle();
  expected.http = {clients[0].handle(), clients[1].handle()};
  if (name == "http_client-0") expected.http[0] = clients[2].handle();
  if (name == "http_client-1") expected.http[1] = clients[2].handle();
  for (const auto& heard : {writers[0].received<use_services>(), scrapers[0].received<use_services>(),
                            discoverers[0].received<use_services>()}) {
    REQUIRE(heard.size() == 1);
    CHECK(*heard[0].services == expected);
  }
}

TEST_CASE_METHOD(supervisor_fixture, "a new scrape manager gets the configuration, and discovery tells it everything") {
  start();
  auto given = make_config({"a"});
  tell(supervisor, apply_config{given});
  discoverers[0].take<use_sync_sink>();
  crash(scrapers[0]);
  CHECK_FALSE(ask<managers>(supervisor, get_managers{}).scrape);
  advance(50ms);
  REQUIRE(scrapers.size() == 2);
  CHECK(scrapers[1].received<apply_scrape>() == std::vector{apply_scrape{given}});
  auto sinks = discoverers[0].received<use_sync_sink>();
  REQUIRE(sinks.size() == 1);
  CHECK(sinks[0].sink == sync_sink_actor{scrapers[1].handle()});
  CHECK(ask<managers>(supervisor, get_managers{}).scrape == scrapers[1].handle());
  CHECK(discoverers[0].received<apply_discovery>().size() == 1);
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a new discovery manager gets the jobs and the scrape manager, which hears nothing") {
  start();
  tell(supervisor, apply_config{make_config({"a"})});
  scrapers[0].take<apply_scrape>();
  crash(discoverers[0]);
  advance(50ms);
  REQUIRE(discoverers.size() == 2);
  auto orders = discoverers[1].received<apply_discovery>();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].jobs.at(0).job == "a");
  auto sinks = discoverers[1].received<use_sync_sink>();
  REQUIRE(sinks.size() == 1);
  CHECK(sinks[0].sink == sync_sink_actor{scrapers[0].handle()});
  CHECK(scrapers[0].received<apply_scrape>().empty());
  CHECK(scrapers[0].received<use_services>().empty());
}

TEST_CASE_METHOD(supervisor_fixture, "a new write manager gets the configuration and announces its sinks anew") {
  start();
  auto given = make_config({});
  tell(supervisor, apply_config{given});
  crash(writers[0]);
  advance(50ms);
  REQUIRE(writers.size() == 2);
  CHECK(writers[1].received<apply_remote_write>() == std::vector{apply_remote_write{given}});
  auto sink = spawn_probe<sample_sink_actor>();
  tell(registries.at(1), sinks_changed{{sink.handle()}});
  CHECK(scrapers[0].received<use_services>().back().services->sinks == std::vector{sink.handle()});
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a crashed coordinator is started again, counted, and those who place loops begin anew with it") {
  start(options_of_coordinator());
  auto given = make_config({"a"});
  tell(supervisor, apply_config{given});
  crash_role("cluster_coordinator");
  CHECK(started.empty());
  advance(1s);
  CHECK(started == texts{"cluster_coordinator", "write_manager", "scrape_manager"});
  CHECK(writers.back().received<apply_remote_write>().back().config == given);
  CHECK(scrapers.back().received<apply_scrape>().back().config == given);
  CHECK(discoverers.back().received<use_sync_sink>().size() == 2);
  CHECK(ask<managers>(supervisor, get_managers{}).scrape == scrapers.back().handle());
  // Those that were replaced have ended, and are not started once more for it.
  CHECK(std::count(ends->begin(), ends->end(), "scrape_manager") == 1);
  advance(1min);
  CHECK(started.size() == 3);
  for (const auto& each : ask<restarts>(supervisor, get_restarts{}).children)
    CHECK(each.restarts == (each.name == "cluster_coordinator" ? 1 : 0));
}

TEST_CASE_METHOD(supervisor_fixture, "a manager that is down when the coordinator comes back is started once") {
  start(options_of_coordinator());
  crash_role("cluster_coordinator");
  crash_role("scrape_manager");
  advance(1min);
  CHECK(std::count(started.begin(), started.end(), "scrape_manager") == 1);
  CHECK(std::count(started.begin(), started.end(), "write_manager") == 1);
}

TEST_CASE_METHOD(supervisor_fixture, "a configuration that comes while managers are down reaches their successors") {
  start();
  tell(supervisor, apply_config{make_config({"old"})});
  crash(scrapers[0]);
  crash(discoverers[0]);
  crash(writers[0]);
  auto given = make_config({"new"});
  tell(supervisor, apply_config{given});
  advance(50ms);
  CHECK(scrapers.at(1).received<apply_scrape>() == std::vector{apply_scrape{given}});
  CHECK(writers.at(1).received<apply_remote_write>() == std::vector{apply_remote_write{given}});
  CHECK(discoverers.at(1).received<apply_discovery>().at(0).jobs.at(0).job == "new");
  // Whichever of the two came first, the sink of discovery is the scrape manager there is.
  CHECK(discoverers.at(1).received<use_sync_sink>().back().sink == sync_sink_actor{scrapers[1].handle()});
}

TEST_CASE_METHOD(supervisor_fixture,
                 "a child that goes on crashing is started later and later, a healthy one soon again") {
  start();
  auto restarts_in = [&](std::chrono::milliseconds delay) {
    crash(tickers.back());
    auto count = tickers.size();
    advance(delay - 1ms);
    CHECK(tickers.size() == count);
    advance(1ms);
    CHECK(tickers.size() == count + 1);
  };
  for (auto delay : {50ms, 100ms, 200ms, 400ms}) restarts_in(delay);
  for (int i = 0; i < 10; ++i) {
    crash(tickers.back());
    advance(10s);
  }
  restarts_in(10s);
  advance(2min);
  restarts_in(50ms);
}

TEST_CASE_METHOD(supervisor_fixture, "a child that ends without an error is started again as well") {
  start();
  stop(watchers[0].handle());
  advance(50ms);
  CHECK(started == texts{"file_watcher"});
  CHECK(restarts_of("file_watcher").last_error == "ended without being asked to");
}

TEST_CASE_METHOD(supervisor_fixture, "shutting down ends what makes samples, flushes, and then ends all else") {
  auto given = options();
  auto open = std::make_shared<open_flushes>();
  slow_writer_actor writer;
  given.factories.write_manager = [&](caf::actor_system& system, services_ptr, service_registry_actor) {
    writer = system.spawn(slow_writer, open);
    act::on_end(writer, [list = ends] { list->push_back("write_manager"); });
    return writer;
  };
  start(std::move(given));
  auto end = watch(supervisor);
  tell(supervisor, shut_down{});
  CHECK(ended == texts{"discovery_manager", "scrape_manager"});
  REQUIRE(open->size() == 1);
  CHECK_FALSE(end.ended());
  // Asked again, nothing happens twice.
  tell(supervisor, shut_down{});
  CHECK(open->size() == 1);

  SECTION("when everything is delivered") { tell(writer, flush_done{0}); }
  SECTION("when something is left at the deadline, which the write manager keeps") { tell(writer, flush_done{7}); }
  SECTION("when the write manager keeps no deadline") {
    advance(24s);
    CHECK_FALSE(end.ended());
    advance(1s);
  }
  SECTION("when the write manager crashes meanwhile") {
    caf::anon_send_exit(writer, caf::exit_reason::unhandled_exception);
    settle();
  }
  CHECK(end.ended());
  CHECK(end.error().empty());
  CHECK(ended.size() == 9);
  CHECK(ended.at(2) == "write_manager");
  advance(1min);
  CHECK(started.empty());
  open->clear();
  writer = nullptr;
}

TEST_CASE_METHOD(supervisor_fixture, "the flush is given its deadline") {
  start();
  tell(supervisor, shut_down{});
  CHECK(writers[0].received<flush>() == std::vector{flush{20s}});
}

TEST_CASE_METHOD(supervisor_fixture, "a child that waits for its restart does not come back after a shutdown") {
  start();
  crash(writers[0]);
  crash(tickers[0]);
  auto end = watch(supervisor);
  tell(supervisor, shut_down{});
  CHECK(end.ended());
  advance(1min);
  CHECK(started.empty());
}

TEST_CASE_METHOD(supervisor_fixture, "a supervisor that is stopped takes everything along") {
  start();
  stop(supervisor);
  CHECK(ended.size() == 9);
}

TEST_CASE_METHOD(supervisor_fixture, "who stands by discovers and scrapes nothing until it leads") {
  auto standing_by = options();
  standing_by.duty = duty::stand_by;
  start(std::move(standing_by));
  CHECK(scrapers.empty());
  CHECK(discoverers.empty());
  auto given = make_config({"a"});
  tell(supervisor, apply_config{given});
  CHECK(writers[0].received<apply_remote_write>().size() == 1);

  tell(supervisor, set_duty{duty::lead});
  CHECK(started == texts{"scrape_manager", "discovery_manager"});
  CHECK(scrapers[0].received<apply_scrape>() == std::vector{apply_scrape{given}});
  CHECK(discoverers[0].received<apply_discovery>().size() == 1);
  CHECK(discoverers[0].received<use_sync_sink>().size() == 1);
  tell(supervisor, set_duty{duty::lead});
  CHECK(started.size() == 2);
}

TEST_CASE_METHOD(supervisor_fixture, "who leads no more ends both, and does not take that for a fault") {
  start();
  tell(supervisor, set_duty{duty::stand_by});
  CHECK(std::set<std::string>(ended.begin(), ended.end()) ==
        std::set<std::string>{"discovery_manager", "scrape_manager"});
  advance(1min);
  CHECK(started.empty());
  CHECK(restarts_of("scrape_manager").restarts == 0);
  CHECK_FALSE(ask<managers>(supervisor, get_managers{}).scrape);
}

TEST_CASE_METHOD(supervisor_fixture, "a restart that was due before a change of duty does not start anything twice") {
  start();
  crash_role("discovery_manager");
  tell(supervisor, set_duty{duty::stand_by});
  tell(supervisor, set_duty{duty::lead});
  CHECK(started == texts{"scrape_manager", "discovery_manager"});
  advance(1min);
  CHECK(started.size() == 2);
}
