#include "actors/scrape/scrape_pool.hpp"

#include "tests/support/services_fixture.hpp"
#include "tests/support/target_groups.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::group;

namespace {

using texts = std::vector<std::string>;

relabel::rule_config rule(relabel::action action, const std::string& source, const std::string& regex) {
  relabel::rule_config result;
  result.source_labels = {source};
  result.regex = regex;
  result.action = action;
  return result;
}

relabel::rule_config replace(const std::string& source, const std::string& regex, const std::string& target,
                             const std::string& replacement) {
  auto result = rule(relabel::action::replace, source, regex);
  result.target_label = target;
  result.replacement = replacement;
  return result;
}

/// A loop that was started: a probe in place of a real one.
struct started_loop {
  std::string url;
  scrape_loop_options options;
  test::probe<scrape_loop_actor> actor;
  test::ending end;
};

struct pool_fixture : test::services_fixture {
  pool_fixture() {
    config.job_name = "j";
    config.scrape_interval = 15s;
    config.scrape_timeout = 10s;
    config.scrape_protocols = {scrape_protocol::prometheus_text_0_0_4};
  }

  scrape_pool_options options() {
    scrape_pool_options result;
    result.config = std::make_shared<scrape_config>(config);
    result.services = announced;
    result.environment = process();
    result.spawn_loop = [this](caf::actor_system& system, scrape_loop_options given) {
      auto url = given.target.request->url;
      auto actor = test::spawn_probe<scrape_loop_actor>(system);
      loops.push_back({url, std::move(given), actor, test::ending(system, actor.handle())});
      return actor.handle();
    };
    return result;
  }
  void start() {
    pool = adopt(spawn_scrape_pool(system(), options()));
    settle();
  }
  void start_real() {
    auto given = options();
    given.spawn_loop = spawn_scrape_loop;
    pool = adopt(spawn_scrape_pool(system(), std::move(given)));
    settle();
  }
  void tell_groups(std::vector<target_group_ptr> groups, bool complete = false, provider_id provider = 1) {
    job_change change{"j", complete, {}};
    for (auto& each : groups) change.changes.push_back({provider, std::move(each)});
    tell(pool, rollcall::sync{{change}});
  }
  void reload() { tell(pool, reload_pool{std::make_shared<scrape_config>(config)}); }

  /// The latest loop of a target; its URL is told in short.
  started_loop& loop(const std::string& address) {
    for (auto at = loops.rbegin(); at != loops.rend(); ++at)
      if (at->url == "http://" + address + "/metrics") return *at;
    throw std::runtime_error("no loop for " + address);
  }
  /// The addresses whose loops were started since the last look, in order of address.
  texts take_started() {
    texts result;
    for (; seen < loops.size(); ++seen) {
      auto url = loops[seen].url.substr(7);
      result.push_back(url.substr(0, url.find('/')));
    }
    std::sort(result.begin(), result.end());
    return result;
  }
  static bool heard_nothing(const started_loop& which) {
    return which.actor.received<reload_loop>().empty() && which.actor.received<stop_loop>().empty() &&
           which.actor.received<force_error>().empty() && which.actor.received<use_services>().empty() &&
           !which.end.ended();
  }
  void crash(started_loop& which) {
    caf::anon_send_exit(which.actor.handle(), caf::exit_reason::unhandled_exception);
    settle();
  }
  pool_targets status(get_targets question = {}) { return ask<pool_targets>(pool, question); }

  scrape_config config;
  std::deque<started_loop> loops;
  size_t seen = 0;
  scrape_pool_actor pool;
};

}  // namespace

TEST_CASE_METHOD(pool_fixture, "a pool starts one loop per target, with what the job and the target say") {
  config.http.basic_auth = http::basic_auth{};
  config.params = {{"module", {"m"}}};
  start();
  tell_groups({group("s", {"a:1"})});
  REQUIRE(loops.size() == 1);
  const auto& given = loops[0].options;
  CHECK(given.target.request->url == "http://a:1/metrics?module=m");
  CHECK(given.target.labels->set() == labels::of({{"instance", "a:1"}, {"job", "j"}}));
  CHECK(given.target.interval == 15s);
  CHECK(given.target.timeout == 10s);
  CHECK(given.target.phase >= 0s);
  CHECK(given.target.phase < 15s);
  CHECK(given.settings->job == "j");
  CHECK(given.settings->client->basic_auth.has_value());
  CHECK(given.forced_error.empty());
  CHECK(given.services == announced);
}

TEST_CASE_METHOD(pool_fixture, "the phase of a target depends on the seed and on nothing else that may change") {
  start();
  tell_groups({group("s", {"a:1"})});
  auto phase = loops[0].options.target.phase;
  stop(pool);
  start();
  tell_groups({group("t", {"a:1", "b:1"})}, false, 9);
  CHECK(loop("a:1").options.target.phase == phase);
  auto given = options();
  given.offset_seed = 12345;
  pool = adopt(spawn_scrape_pool(system(), given));
  tell_groups({group("s", {"a:1"})});
  CHECK(loop("a:1").options.target.phase != phase);
}

TEST_CASE_METHOD(pool_fixture,
                 "only the sources that are named are looked at, and unchanged targets' loops hear nothing") {
  start();
  tell_groups({group("s", {"a:1", "b:1"}), group("t", {"c:1"})});
  CHECK(take_started() == texts{"a:1", "b:1", "c:1"});

  tell_groups({group("s", {"b:1", "d:1"})});
  CHECK(take_started() == texts{"d:1"});
  CHECK(loop("a:1").actor.received<stop_loop>().size() == 1);
  CHECK(heard_nothing(loop("b:1")));
  CHECK(heard_nothing(loop("c:1")));

  tell_groups({group("t", {})});
  CHECK(loop("c:1").actor.received<stop_loop>().size() == 1);
  CHECK(heard_nothing(loop("b:1")));
  CHECK(heard_nothing(loop("d:1")));
  CHECK(status().active.size() == 2);
}

TEST_CASE_METHOD(pool_fixture, "groups of different providers with one source's name do not replace each other") {
  start();
  tell_groups({group("0", {"a:1"})}, false, 1);
  tell_groups({group("0", {"b:1"})}, false, 2);
  CHECK(status().active.size() == 2);
  tell_groups({group("0", {})}, false, 1);
  REQUIRE(status().active.size() == 1);
  CHECK(status().active[0].url == "http://b:1/metrics");
}

TEST_CASE_METHOD(pool_fixture, "a complete change withdraws what it does not name and leaves alone what it repeats") {
  start();
  tell_groups({group("s", {"a:1"}), group("t", {"b:1"})});
  take_started();
  tell_groups({group("u", {"a:1"})}, true, 7);
  CHECK(take_started().empty());
  CHECK(heard_nothing(loop("a:1")));
  CHECK(loop("b:1").actor.received<stop_loop>().size() == 1);
  tell_groups({}, true);
  CHECK(loop("a:1").actor.received<stop_loop>().size() == 1);
  CHECK(status().active.empty());
}

TEST_CASE_METHOD(pool_fixture, "a reload that leaves the targets gives their loops the new settings and nothing else") {
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  auto ingest = loop("a:1").options.settings->ingest;

  config.http.basic_auth = http::basic_auth{};
  reload();
  CHECK(loops.size() == 2);
  for (auto& each : loops) {
    CHECK(each.actor.received<stop_loop>().empty());
    CHECK(each.actor.received<force_error>().empty());
    auto reloads = each.actor.take<reload_loop>();
    REQUIRE(reloads.size() == 1);
    CHECK(reloads[0].request->url == each.url);
    CHECK(reloads[0].request->client->basic_auth.has_value());
    // Nothing changed that makes series, so the loop can tell that it may keep them.
    CHECK(reloads[0].settings->ingest == ingest);
  }

  config.metric_relabel_configs.push_back(rule(relabel::action::drop, "__name__", "x"));
  reload();
  auto reloads = loop("a:1").actor.take<reload_loop>();
  REQUIRE(reloads.size() == 1);
  CHECK(reloads[0].settings->ingest != ingest);
  CHECK(metrics().scrape.pool_reloads.Value() == 2);
}

TEST_CASE_METHOD(pool_fixture, "a reload that changes what relabeling makes starts and stops only what differs") {
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  take_started();
  config.relabel_configs = {replace("__address__", "(a):1", "__address__", "$1:2")};
  reload();
  CHECK(take_started() == texts{"a:2"});
  auto stops = loop("a:1").actor.received<stop_loop>();
  REQUIRE(stops.size() == 1);
  CHECK_FALSE(stops[0].heir);  // its series carry another instance
  CHECK(loop("a:1").actor.received<reload_loop>().empty());
  CHECK(loop("a:2").actor.received<reload_loop>().empty());
  CHECK(loop("b:1").actor.received<stop_loop>().empty());
  CHECK(loop("b:1").actor.received<reload_loop>().size() == 1);
}

TEST_CASE_METHOD(pool_fixture, "a target that goes on under the same visible labels is the heir of the old one") {
  config.relabel_configs = {replace("__address__", ".*", "instance", "one")};
  start();
  tell_groups({group("s", {"a:1"})});
  SECTION("when the change comes at once") {
    tell_groups({group("s", {"a:2"})});
    auto stops = loop("a:1").actor.received<stop_loop>();
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].heir == heir_actor{loop("a:2").actor.handle()});
  }
  SECTION("when it comes while the old one still waits out its grace") {
    tell_groups({group("s", {})});
    auto stops = loop("a:1").actor.take<stop_loop>();
    REQUIRE(stops.size() == 1);
    CHECK_FALSE(stops[0].heir);
    tell_groups({group("s", {"a:2"})});
    stops = loop("a:1").actor.take<stop_loop>();
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].heir == heir_actor{loop("a:2").actor.handle()});
  }
  SECTION("when a new interval makes it another target") {
    config.scrape_interval = 30s;
    reload();
    REQUIRE(loops.size() == 2);
    CHECK(loops[1].options.target.interval == 30s);
    auto stops = loops[0].actor.received<stop_loop>();
    REQUIRE(stops.size() == 1);
    CHECK(stops[0].heir == heir_actor{loops[1].actor.handle()});
  }
}

TEST_CASE_METHOD(pool_fixture, "one target cannot be the heir of two") {
  // The path tells targets apart, their series do not.
  config.relabel_configs = {replace("__address__", "(.*):.*", "instance", "$1")};
  start();
  tell_groups({group("s", {"a:1", "a:2"})});
  tell_groups({group("s", {"a:3"})});
  size_t with_heir = 0;
  for (const char* address : {"a:1", "a:2"}) {
    auto stops = loop(address).actor.received<stop_loop>();
    REQUIRE(stops.size() == 1);
    if (stops[0].heir) ++with_heir;
  }
  CHECK(with_heir == 1);
}

TEST_CASE_METHOD(pool_fixture, "more targets than target_limit force an error on every loop, until there are fewer") {
  config.limits.target_limit = 2;
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  CHECK(heard_nothing(loop("a:1")));
  CHECK(metrics().scrape.exceeded_target_limit.Value() == 0);

  tell_groups({group("t", {"c:1"})});
  const std::string error = "target_limit exceeded (number of targets: 3, limit: 2)";
  for (auto& each : loops) {
    auto orders = each.actor.take<force_error>();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].message == error);
  }
  CHECK(metrics().scrape.exceeded_target_limit.Value() == 1);
  CHECK(metrics().pool("j")->target_limit.Value() == 2);

  SECTION("a loop that is restarted meanwhile begins with the error") {
    crash(loop("a:1"));
    advance(1s);
    REQUIRE(loops.size() == 4);
    CHECK(loops[3].options.forced_error == error);
  }
  SECTION("fewer targets lift it") {
    tell_groups({group("t", {})});
    for (const char* address : {"a:1", "b:1"}) {
      auto orders = loop(address).actor.take<force_error>();
      REQUIRE(orders.size() == 1);
      CHECK(orders[0].message.empty());
    }
  }
  SECTION("a higher limit lifts it") {
    config.limits.target_limit = 3;
    reload();
    CHECK(loop("c:1").actor.take<force_error>() == std::vector{force_error{}});
  }
  SECTION("every further change that leaves it exceeded counts, also one that does not change the message") {
    tell_groups({group("t", {"d:1"})});
    CHECK(metrics().scrape.exceeded_target_limit.Value() == 2);
    CHECK(loop("a:1").actor.take<force_error>().empty());
    CHECK(loop("d:1").options.forced_error == error);
  }
}

TEST_CASE_METHOD(pool_fixture, "targets that are not scraped are told with their reasons") {
  config.relabel_configs = {rule(relabel::action::drop, "__address__", "no:.*"),
                            rule(relabel::action::drop, "__address__", "nope:.*")};
  config.limits.keep_dropped_targets = 3;
  start();
  tell_groups({group("s", {"a:1", "nope:1", "bad/address", "a:1", "no:2"})});
  auto known = status();
  CHECK(known.active.size() == 1);
  CHECK(known.dropped_total == 4);
  REQUIRE(known.dropped.size() == 3);
  CHECK(known.dropped[0].reason == "relabel_configs[1] dropped it");
  CHECK(known.dropped[0].discovered.get("__address__") == "nope:1");
  CHECK_THAT(known.dropped[1].reason, Catch::Contains("is not a valid hostname"));
  CHECK(known.dropped[2].reason == "equal to another target of this job");
  CHECK(metrics().pool("j")->sync_failed.Value() == 1);
  CHECK(metrics().pool("j")->targets.Value() == 1);
  CHECK(metrics().pool("j")->syncs.Value() == 1);
}

TEST_CASE_METHOD(pool_fixture, "only the halves of the answer that are asked for are made") {
  config.relabel_configs = {rule(relabel::action::drop, "__address__", "no:.*")};
  start();
  tell_groups({group("s", {"a:1", "no:1"})});
  CHECK(status({{}, false, true}).active.empty());
  CHECK(status({{}, false, true}).dropped.size() == 1);
  CHECK(status({{}, true, false}).active.size() == 1);
  CHECK(status({{}, true, false}).dropped.empty());
  CHECK(status({{}, true, false}).dropped_total == 1);
}

TEST_CASE_METHOD(pool_fixture, "targets are told with what their loops say of them") {
  start();
  tell_groups({group("s", {"a:1"})});
  loop("a:1").actor.answer_with<get_loop_status, loop_status>(
      [](const get_loop_status&) { return loop_status{target_health::down, "refused", 5, 3ms, 7}; });
  auto active = status().active;
  REQUIRE(active.size() == 1);
  CHECK(active[0].url == "http://a:1/metrics");
  CHECK(active[0].interval == 15s);
  CHECK(active[0].discovered.get("__address__") == "a:1");
  CHECK(active[0].visible.get("instance") == "a:1");
  CHECK(active[0].status == loop_status{target_health::down, "refused", 5, 3ms, 7});
}

TEST_CASE_METHOD(pool_fixture,
                 "a loop that crashed is restarted after a growing delay, and others hear nothing of it") {
  random_unit = 0;
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  take_started();
  crash(loop("a:1"));
  CHECK(take_started().empty());
  // Its target stays on the list meanwhile, without a state.
  REQUIRE(status().active.size() == 2);
  CHECK(status().active[0].status.health == target_health::unknown);

  advance(100ms);
  CHECK(take_started() == texts{"a:1"});
  CHECK(heard_nothing(loop("b:1")));
  CHECK(metrics().actor_restarts("scrape_loop").Value() == 1);
  CHECK(status().active[0].restarts == 1);
  CHECK(status().active[1].restarts == 0);

  crash(loop("a:1"));
  advance(150ms);
  CHECK(take_started().empty());
  advance(50ms);
  CHECK(take_started() == texts{"a:1"});
  CHECK(status().active[0].restarts == 2);

  advance(2min);
  crash(loop("a:1"));
  advance(100ms);
  CHECK(take_started() == texts{"a:1"});
}

TEST_CASE_METHOD(pool_fixture, "a restarted loop has the settings and services of the moment") {
  start();
  tell_groups({group("s", {"a:1"})});
  crash(loop("a:1"));
  config.http.basic_auth = http::basic_auth{};
  reload();
  auto changed = make_services();
  tell(pool, use_services{changed});
  CHECK(loops.size() == 1);
  advance(1s);
  REQUIRE(loops.size() == 2);
  CHECK(loops[1].options.target.request->client->basic_auth.has_value());
  CHECK(loops[1].options.services == changed);
}

TEST_CASE_METHOD(pool_fixture, "a target that goes while its loop is down is not started again") {
  start();
  tell_groups({group("s", {"a:1"})});
  crash(loop("a:1"));
  tell_groups({group("s", {})});
  advance(1min);
  CHECK(loops.size() == 1);
  tell_groups({group("s", {"a:1"})});
  CHECK(loops.size() == 2);
}

TEST_CASE_METHOD(pool_fixture, "a loop whose settings break a promise crashes and is restarted until they do not") {
  auto given = options();
  int broken = 2;
  given.spawn_loop = [&](caf::actor_system& system, scrape_loop_options options) {
    if (options.target.request->url == "http://a:1/metrics" && broken-- > 0) {
      auto without = std::make_shared<loop_settings>(*options.settings);
      without->ingest = nullptr;
      options.settings = without;
    }
    return spawn_scrape_loop(system, std::move(options));
  };
  pool = adopt(spawn_scrape_pool(system(), given));
  tell_groups({group("s", {"a:1", "b:1"})});
  advance(1s);
  CHECK(metrics().actor_restarts("scrape_loop").Value() == 2);
  auto active = status().active;
  REQUIRE(active.size() == 2);
  CHECK(active[0].restarts == 2);
  CHECK(active[1].restarts == 0);
  // Both are scheduled, so both are scraped.
  std::map<uint64_t, size_t> scheduled;
  for (const auto& each : ticker.received<schedule>()) {
    ++scheduled[each.sink.id()];
    tell(each.sink, tick{wall_clock()});
  }
  CHECK(scheduled.size() == 2);
  CHECK(http.received<fetch>().size() == 2);
}

TEST_CASE_METHOD(pool_fixture, "new services reach every loop, also those that are leaving") {
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  tell_groups({group("s", {"b:1"})});
  auto changed = make_services();
  tell(pool, use_services{changed});
  CHECK(loop("a:1").actor.received<use_services>() == std::vector{use_services{changed}});
  CHECK(loop("b:1").actor.received<use_services>() == std::vector{use_services{changed}});
  tell_groups({group("s", {"c:1"})});
  CHECK(loop("c:1").options.services == changed);
}

TEST_CASE_METHOD(pool_fixture, "a loop that leaves is forgotten when it ends, and its end is no crash") {
  start();
  tell_groups({group("s", {"a:1"})});
  tell_groups({group("s", {})});
  stop(loop("a:1").actor.handle());
  advance(1min);
  CHECK(loops.size() == 1);
  CHECK(metrics().actor_restarts("scrape_loop").Value() == 0);
  auto changed = make_services();
  tell(pool, use_services{changed});
  CHECK(loop("a:1").actor.received<use_services>().empty());
}

TEST_CASE_METHOD(pool_fixture, "a pool that ends takes its loops along, also those that are leaving") {
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  tell_groups({group("s", {"b:1"})});
  stop(pool);
  CHECK(loop("a:1").end.ended());
  CHECK(loop("b:1").end.ended());
}

TEST_CASE_METHOD(pool_fixture, "the last batches of all targets are gathered") {
  start_real();
  tell_groups({group("s", {"a:1", "b:1"})});
  CHECK(ask<latest>(pool, get_latest{}).batches.empty());
  for (const auto& each : ticker.take<schedule>()) tell(each.sink, tick{wall_clock()});
  for (const auto& each : http.take<fetch>()) tell(each.sink, fetched{each.tag, ok("m 1\n")});
  CHECK(ask<latest>(pool, get_latest{}).batches.size() == 2);
}

TEST_CASE_METHOD(pool_fixture, "a target that moves to another path goes on with its series, without a marker") {
  start_real();
  tell_groups({group("s", {"a:1"})});
  auto scrape = [&](const std::string& body) {
    auto schedules = ticker.take<schedule>();
    REQUIRE(!schedules.empty());
    tell(schedules.back().sink, tick{wall_clock()});
    auto asked = http.take<fetch>();
    REQUIRE(asked.size() == 1);
    answer(asked[0], ok(body));
    return asked[0].request->url;
  };
  CHECK(scrape("x 1\ny 1\n") == "http://a:1/metrics");
  sink.take<samples>();
  config.metrics_path = "/other";
  reload();
  CHECK(scrape("x 2\n") == "http://a:1/other");
  auto batches = sink.take<samples>();
  REQUIRE(batches.size() == 1);
  auto batch = test::readable(*batches[0].batch);
  CHECK(batch.at("{__name__=\"x\", instance=\"a:1\", job=\"j\"}") == "2");
  CHECK(batch.at("{__name__=\"y\", instance=\"a:1\", job=\"j\"}") == "stale");
}

TEST_CASE_METHOD(pool_fixture, "only a loop that will inherit is told to await it") {
  config.relabel_configs = {replace("__address__", "(.*):.*", "instance", "$1")};
  start();
  tell_groups({group("s", {"a:1", "b:1"})});
  CHECK(loop("a:1").options.from_before == legacy::none);
  tell_groups({group("s", {"a:2", "b:1", "c:1"})});
  CHECK(loop("a:2").options.from_before == legacy::awaited);
  CHECK(loop("c:1").options.from_before == legacy::none);
  tell_groups({group("s", {"b:1"})});
  tell_groups({group("s", {"b:1", "c:2"})});
  CHECK(loop("c:2").options.from_before == legacy::awaited);
}

TEST_CASE_METHOD(pool_fixture, "a target whose reload is overtaken by its removal still goes stale") {
  start_real();
  tell_groups({group("s", {"a:1"})});
  auto first = ticker.take<schedule>();
  REQUIRE(first.size() == 1);
  tell(first[0].sink, tick{wall_clock()});
  auto asked = http.take<fetch>();
  REQUIRE(asked.size() == 1);
  config.scrape_timeout = 9s;
  reload();
  tell_groups({group("s", {})});
  answer(asked[0], ok("m 1\n"));
  sink.take<samples>();
  auto second = ticker.take<schedule>();
  REQUIRE(second.size() == 1);
  for (int ticks = 0; ticks < 2; ++ticks) tell(second[0].sink, tick{wall_clock()});
  advance(1500ms);
  auto batches = sink.take<samples>();
  REQUIRE(batches.size() == 1);
  auto batch = test::readable(*batches[0].batch);
  CHECK(batch.at("{__name__=\"m\", instance=\"a:1\", job=\"j\"}") == "stale");
  CHECK(batch.at("{__name__=\"up\", instance=\"a:1\", job=\"j\"}") == "stale");
}
