#include "actors/control/supervisor.hpp"
#include "actors/discovery/discovery_manager.hpp"
#include "actors/io/dns_resolver.hpp"
#include "actors/io/file_watcher.hpp"
#include "actors/io/http_client.hpp"
#include "actors/io/ticker.hpp"
#include "actors/io/zookeeper_client.hpp"
#include "actors/scrape/scrape_manager.hpp"
#include "tests/support/actor_system.hpp"
#include "tests/support/readable_batch.hpp"
#include "tests/support/target_groups.hpp"
#include "tests/support/tcp_server.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

/// The real actors from the supervisor down to the scrape loops, on real threads, while this and that of them fails.
/// Only what lies beyond both ends is played: a target, a discovery mechanism, and a place for the samples to go to.

using namespace rollcall;
using namespace std::chrono_literals;
using test::no_options;

namespace {

const backoff_options soon{.initial = 5ms, .max = 50ms};

/// How often each target was scraped with success, and which were told to be gone, by the name in their labels.
class tally {
 public:
  void take(const series::scrape_batch& batch) {
    std::lock_guard lock(mutex_);
    for (const auto& [name, value] : test::readable(batch)) {
      if (name.find("__name__=\"up\"") == std::string::npos) continue;
      auto at = name.find("name=\"t");
      auto target = name.substr(at + 6, 2);
      if (value == "1") ++up_[target];
      if (value == "stale") gone_.insert(target);
    }
    changed_.notify_all();
  }

  /// Whether each of these targets is scraped with success several times more, soon enough for a sane program.
  bool goes_on(const std::vector<std::string>& targets) {
    std::unique_lock lock(mutex_);
    auto goal = up_;
    for (const auto& each : targets) goal[each] += 4;
    return changed_.wait_for(lock, 30s, [&] {
      return std::all_of(targets.begin(), targets.end(), [&](const auto& each) { return up_[each] >= goal[each]; });
    });
  }

  std::set<std::string> gone() {
    std::lock_guard lock(mutex_);
    return gone_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> up_;
  std::set<std::string> gone_;
};

// -- the mechanism ----------------------------------------------------------------------------------------------------

struct refresh_due {
  int count = 0;
};

struct shaky_state : act::state_base {
  static inline const char* name = "shaky-discoverer";

  act::watcher watchers;
};

}  // namespace

ACT_PRIVATE_MESSAGE(refresh_due)

namespace {

using shaky_impl = act::extended<discoverer_actor, void(refresh_due)>;

/// Tells of all targets at every refresh, but for the one at which it throws.
act::behavior_of<shaky_impl> shaky_discoverer(act::self_ptr<shaky_impl, shaky_state> self, target_sink_actor sink,
                                              target_group_ptr group, int throws_at) {
  act::init(self, act::state(self).watchers);
  act::tell(shaky_impl{self}, refresh_due{1});
  return {
      [](const use_services&) {},
      [](const get_discoverer_status&) { return discoverer_status{}; },
      [=](const refresh_due& due) {
        if (due.count == throws_at) throw std::runtime_error("refresh " + std::to_string(due.count) + " went wrong");
        act::tell(sink, update{{group}, true, 0});
        act::tell_self_after(self, 5ms, refresh_due{due.count + 1});
      },
  };
}

// -- the place for the samples ----------------------------------------------------------------------------------------

sample_sink_actor::behavior_type tallying_sink(std::shared_ptr<tally> scraped) {
  return {[=](const samples& delivered) { scraped->take(*delivered.batch); }};
}

/// A write manager whose one endpoint is the sink.
write_manager_actor::behavior_type sink_manager(sample_sink_actor sink, service_registry_actor registry) {
  return {
      [=](const apply_remote_write&) { act::tell(registry, sinks_changed{{sink}}); },
      [](const use_services&) {},
      [](const flush&) { return flushed{}; },
      [](const get_write_status&) { return write_status{}; },
      [](const settle_set_aside&) { return set_aside_settled{}; },
  };
}

// -- the whole --------------------------------------------------------------------------------------------------------

struct whole_fixture {
  whole_fixture() {
    supervisor_options options;
    options.environment = system.process();
    options.factories = factories();
    options.restart_backoff = soon;
    supervisor = system.adopt(spawn_supervisor(system.system(), options));
    act::tell(supervisor, apply_config{configuration()});
  }

  ~whole_fixture() {
    act::stop(supervisor);
    system.watch(supervisor).wait();
    // Handles must not outlive the system of their actors.
    std::lock_guard lock(mutex);
    loops.clear();
    pool = nullptr;
    ticker = nullptr;
    files = nullptr;
  }

  supervisor_factories factories() {
    supervisor_factories make;
    make.ticker = [this](caf::actor_system& in) { return ticker = spawn_ticker(in, {system.process()}); };
    make.file_watcher = [this](caf::actor_system& in) { return files = spawn_file_watcher(in, {}); };
    make.dns_resolver = [](caf::actor_system& in) { return spawn_dns_resolver(in, {}); };
    make.zookeeper_client = [](caf::actor_system& in) { return spawn_zookeeper_client(in, {}); };
    make.http_client = [this](caf::actor_system& in, size_t) {
      http_client_options options;
      options.curl.connections_expected = 100;
      options.curl.before_round = [this] {
        if (fail_curl.exchange(false)) throw std::runtime_error("curl thread struck");
      };
      return spawn_http_client(in, options);
    };
    make.write_manager = [this](caf::actor_system& in, services_ptr, service_registry_actor registry) {
      return in.spawn(sink_manager, sink, registry);
    };
    make.scrape_manager = [this](caf::actor_system& in, services_ptr services) {
      scrape_manager_options options;
      options.services = services;
      options.environment = system.process();
      options.restart_backoff = soon;
      options.spawn_pool = [this](caf::actor_system& in, scrape_pool_options given) { return spawn_pool(in, given); };
      return spawn_scrape_manager(in, options);
    };
    make.discovery_manager = [this](caf::actor_system& in, services_ptr services) {
      discovery_manager_options options;
      options.services = services;
      options.environment = system.process();
      options.spawn_provider = [](caf::actor_system& in, provider_options given) {
        given.restart_backoff = soon;
        return spawn_provider(in, given);
      };
      options.spawn_discoverer = [this](caf::actor_system& in, const sd_config&, discoverer_context context) {
        return discoverer_actor{in.spawn(shaky_discoverer, context.sink, group, ++discoverers == 1 ? 3 : 0)};
      };
      return spawn_discovery_manager(in, options);
    };
    return make;
  }

  scrape_pool_actor spawn_pool(caf::actor_system& in, scrape_pool_options given) {
    given.restart_backoff = soon;
    given.spawn_loop = [this](caf::actor_system& in, scrape_loop_options options) {
      auto loop = spawn_scrape_loop(in, options);
      std::lock_guard lock(mutex);
      loops.insert_or_assign(std::string(options.target.labels->set().get("name")), std::pair(loop, options));
      return loop;
    };
    auto spawned = spawn_scrape_pool(in, given);
    std::lock_guard lock(mutex);
    pool = spawned;
    return spawned;
  }

  config_ptr configuration() {
    auto found = std::make_shared<target_group>();
    found->source = "s";
    for (const auto& name : names)
      found->targets.push_back(
          labels::of({{"__address__", "127.0.0.1:" + std::to_string(server.port())}, {"name", name}}));
    group = found;
    scrape_config job;
    job.job_name = "j";
    job.scrape_interval = 40ms;
    job.scrape_timeout = 40ms;
    job.scrape_protocols = {scrape_protocol::prometheus_text_0_0_4};
    job.sd_configs = {{"shaky", std::make_shared<no_options>()}};
    auto result = std::make_shared<config>();
    result->scrape_configs.push_back(std::make_shared<scrape_config>(job));
    return result;
  }

  template <class Handle>
  void crash(const Handle& actor) {
    auto end = system.watch(actor);
    caf::anon_send_exit(actor, caf::exit_reason::unhandled_exception);
    REQUIRE(end.wait());
  }
  managers known() { return system.ask<managers>(supervisor, get_managers{}); }
  uint64_t restarts_of(const std::string& name) {
    uint64_t sum = 0;
    for (const auto& each : system.ask<restarts>(supervisor, get_restarts{}).children)
      if (each.name.starts_with(name)) sum += each.restarts;
    return sum;
  }
  double counted(const std::string& kind) { return system.process()->metrics->actor_restarts(kind).Value(); }

  const std::vector<std::string> names = {"t1", "t2", "t3"};
  std::atomic<bool> fail_curl{false};
  std::atomic<int> discoverers{0};
  target_group_ptr group;
  test::tcp_server server{
      test::tcp_server::always(test::tcp_server::response("m 1\n", "Content-Type: text/plain\r\n"))};
  std::shared_ptr<tally> scraped = std::make_shared<tally>();
  std::mutex mutex;  // Guards what the factories note from now on.
  std::map<std::string, std::pair<scrape_loop_actor, scrape_loop_options>> loops;
  scrape_pool_actor pool;
  ticker_actor ticker;
  file_watcher_actor files;
  test::threaded_system system;
  sample_sink_actor sink = system.adopt(system.system().spawn(tallying_sink, scraped));
  supervisor_actor supervisor;

  /// Each run begins with a discoverer that throws at its third refresh.
  void outlive_a_discoverer() {
    REQUIRE(scraped->goes_on(names));
    while (discoverers < 2) REQUIRE(scraped->goes_on(names));
    CHECK(counted("discoverer") == 1);
    auto discovery = system.ask<discovery_status>(known().discovery, get_discovery_status{});
    REQUIRE(discovery.providers.size() == 1);
    CHECK(discovery.providers[0].restarts == 1);
    CHECK(discovery.providers[0].targets == 3);
  }

  void end_in_good_order() {
    auto end = system.watch(supervisor);
    act::tell(supervisor, shut_down{});
    CHECK(end.wait());
    CHECK(end.error().empty());
    CHECK(scraped->gone().empty());
  }
};

}  // namespace

TEST_CASE_METHOD(whole_fixture, "a failing part is started again and counted, and every target goes on being scraped") {
  outlive_a_discoverer();

  SECTION("an HTTP client's thread throws") {
    fail_curl = true;
    while (fail_curl) REQUIRE(scraped->goes_on(names));
    REQUIRE(scraped->goes_on(names));
    CHECK(counted("http_client") == 1);
    CHECK(restarts_of("http_client") == 1);
  }
  SECTION("a loop throws") {
    std::unique_lock lock(mutex);
    auto [loop, options] = loops.at("t2");
    lock.unlock();
    auto broken = std::make_shared<loop_settings>(*options.settings);
    broken->ingest = nullptr;
    auto end = system.watch(loop);
    act::tell(loop, reload_loop{broken, options.target.request});
    REQUIRE(end.wait());
    CHECK_THAT(end.error(), Catch::Contains("assertion failed"));
    REQUIRE(scraped->goes_on(names));
    CHECK(counted("scrape_loop") == 1);
    auto all = system.ask<targets>(known().scrape, get_targets{});
    REQUIRE(all.pools.size() == 1);
    REQUIRE(all.pools[0].active.size() == 3);
    for (const auto& each : all.pools[0].active) CHECK(each.restarts == (each.visible.get("name") == "t2" ? 1 : 0));
  }
  SECTION("a pool ends") {
    std::unique_lock lock(mutex);
    auto victim = pool;
    lock.unlock();
    crash(victim);
    REQUIRE(scraped->goes_on(names));
    CHECK(counted("scrape_pool") == 1);
    CHECK(system.ask<targets>(known().scrape, get_targets{}).pools.at(0).restarts == 1);
  }
  end_in_good_order();
}

TEST_CASE_METHOD(whole_fixture, "a manager that ends is started again, and every target goes on being scraped") {
  outlive_a_discoverer();

  SECTION("the scrape manager ends") {
    crash(known().scrape);
    REQUIRE(scraped->goes_on(names));
    CHECK(counted("scrape_manager") == 1);
    CHECK(restarts_of("scrape_manager") == 1);
  }
  SECTION("the discovery manager ends, and no target is dropped for that") {
    std::unique_lock lock(mutex);
    auto before = loops;
    lock.unlock();
    crash(known().discovery);
    REQUIRE(scraped->goes_on(names));
    while (discoverers < 3) REQUIRE(scraped->goes_on(names));
    REQUIRE(scraped->goes_on(names));
    CHECK(restarts_of("discovery_manager") == 1);
    lock.lock();
    for (const auto& name : names) CHECK(loops.at(name).first == before.at(name).first);
  }
  SECTION("the ticker ends") {
    crash(ticker);
    REQUIRE(scraped->goes_on(names));
    CHECK(restarts_of("ticker") == 1);
  }
  SECTION("the file watcher ends") {
    crash(files);
    REQUIRE(scraped->goes_on(names));
  }
  SECTION("the write manager ends") {
    crash(known().write);
    REQUIRE(scraped->goes_on(names));
    CHECK(restarts_of("write_manager") == 1);
  }
  end_in_good_order();
}
