#include "actors/scrape/scrape_loop.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

struct loop_fixture : test::services_fixture {
  loop_fixture() { loop = spawn(); }

  scrape_loop_options options() {
    scrape_loop_options result;
    auto request = std::make_shared<http::request>();
    request->url = "http://a:1/metrics";
    result.target.request = request;
    result.target.labels = std::make_shared<series::target_labels>(labels::of({{"instance", "a:1"}, {"job", "j"}}));
    result.target.identity = 42;
    result.target.interval = 15s;
    result.target.timeout = 10s;
    result.target.phase = 3s;
    result.settings = settings;
    result.services = announced;
    result.environment = process();
    result.metrics = metrics().interval(15s);
    result.dialer = metrics().dialer("j");
    return result;
  }

  static loop_settings_ptr make_settings(uint64_t sample_limit = 0) {
    auto result = std::make_shared<loop_settings>();
    result->job = "j";
    auto ingest = std::make_shared<series::ingest_options>();
    ingest->sample_limit = sample_limit;
    result->ingest = ingest;
    return result;
  }

  scrape_loop_actor spawn(legacy from_before = legacy::none) {
    auto given = options();
    given.from_before = from_before;
    auto spawned = adopt(spawn_scrape_loop(system(), std::move(given)));
    settle();
    return spawned;
  }
  /// Two ticks and a tenth, for a loop that was told to stop.
  void wait_out_grace(const scrape_loop_actor& whom) {
    for (int ticks = 0; ticks < 2; ++ticks) {
      advance(15s);
      due(whom);
    }
    advance(1500ms);
  }

  int64_t now_tick() { return wall_clock(); }
  void due(const scrape_loop_actor& whom) { tell(whom, tick{now_tick()}); }
  void due() { due(loop); }
  void answer(const scrape_loop_actor& whom, http::response response) {
    auto asked = http.take<fetch>();
    REQUIRE(asked.size() == 1);
    tell(whom, fetched{asked[0].tag, std::move(response)});
  }
  /// One tick with this answer; what was delivered, as text.
  std::map<std::string, std::string> scrape(const std::string& body) {
    due();
    answer(loop, ok(body));
    return delivered();
  }
  std::map<std::string, std::string> delivered() {
    auto batches = sink.take<samples>();
    REQUIRE(batches.size() == 1);
    last_timestamp = batches[0].batch->timestamp;
    return test::readable(*batches[0].batch);
  }
  static std::string name(const std::string& metric) {
    return "{__name__=\"" + metric + "\", instance=\"a:1\", job=\"j\"}";
  }

  loop_settings_ptr settings = make_settings();
  scrape_loop_actor loop;
  int64_t last_timestamp = 0;
};

}  // namespace

TEST_CASE_METHOD(loop_fixture, "a loop asks to be woken, scrapes when it is, and delivers samples and a report") {
  auto schedules = ticker.take<schedule>();
  REQUIRE(schedules.size() == 1);
  CHECK(schedules[0].interval == 15s);
  CHECK(schedules[0].phase == 3s);

  due();
  auto asked = http.received<fetch>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].timeout == 10s);
  advance(500ms);
  answer(loop, ok("a 1\nb{x=\"y\"} 2.5\n"));
  auto batch = delivered();
  CHECK(batch.at(name("a")) == "1");
  CHECK(batch.at("{__name__=\"b\", instance=\"a:1\", job=\"j\", x=\"y\"}") == "2.5");
  CHECK(batch.at(name("up")) == "1");
  CHECK(batch.at(name("scrape_duration_seconds")) == "0.5");
  CHECK(batch.at(name("scrape_samples_scraped")) == "2");
  CHECK(batch.at(name("scrape_samples_post_metric_relabeling")) == "2");
  CHECK(batch.at(name("scrape_series_added")) == "2");
  CHECK(last_timestamp == wall_clock() - 500);
  auto status = ask<loop_status>(loop, get_loop_status{});
  CHECK(status.health == target_health::up);
  CHECK(status.series == 2);
}

TEST_CASE_METHOD(loop_fixture, "a slightly late scrape carries the scheduled time, a later one its own") {
  int64_t scheduled = wall_clock();
  wall_clock_base += 2;
  tell(loop, tick{scheduled});
  answer(loop, ok("a 1\n"));
  delivered();
  CHECK(last_timestamp == scheduled);
  wall_clock_base += 15'000;
  tell(loop, tick{wall_clock() - 3});
  answer(loop, ok("a 1\n"));
  delivered();
  CHECK(last_timestamp == wall_clock());
}

TEST_CASE_METHOD(loop_fixture, "a series that vanished, and all of a target that fails, go stale once") {
  scrape("a 1\nb 2\n");
  auto second = scrape("a 1\n");
  CHECK(second.at(name("b")) == "stale");
  CHECK(second.at(name("a")) == "1");
  due();
  http::response refused;
  refused.failure = http::failure::transport;
  refused.error = "connection refused";
  answer(loop, refused);
  auto third = delivered();
  CHECK(third.at(name("a")) == "stale");
  CHECK_FALSE(third.contains(name("b")));
  CHECK(third.at(name("up")) == "0");
  CHECK(ask<loop_status>(loop, get_loop_status{}).last_error == "connection refused");
  CHECK(ask<loop_status>(loop, get_loop_status{}).health == target_health::down);
  due();
  answer(loop, refused);
  CHECK_FALSE(delivered().contains(name("a")));
}

TEST_CASE_METHOD(loop_fixture, "statuses other than 200, unknown types and garbage fail the scrape with their reason") {
  auto fails_with = [&](http::response response, const std::string& message) {
    due();
    answer(loop, std::move(response));
    CHECK(delivered().at(name("up")) == "0");
    CHECK_THAT(ask<loop_status>(loop, get_loop_status{}).last_error, Catch::Contains(message));
  };
  auto missing = ok("");
  missing.status = 404;
  missing.reason = "Not Found";
  fails_with(missing, "server returned HTTP status 404 Not Found");
  auto untyped = ok("a 1\n");
  untyped.content_type.clear();
  fails_with(untyped, "blank Content-Type");
  auto truncated = ok("\x1f\x8b garbage");
  truncated.content_encoding = "gzip";
  fails_with(truncated, "gzip");
  fails_with(ok("a 1\nthis is not a sample\n"), "2");
  http::response large;
  large.failure = http::failure::body_too_large;
  fails_with(large, "body size limit exceeded");
}

TEST_CASE_METHOD(loop_fixture, "an empty body is a good scrape of nothing, whatever its type") {
  scrape("a 1\n");
  due();
  auto empty = ok("");
  empty.content_type.clear();
  answer(loop, empty);
  auto batch = delivered();
  CHECK(batch.at(name("up")) == "1");
  CHECK(batch.at(name("a")) == "stale");
}

TEST_CASE_METHOD(loop_fixture, "a forced error asks nobody until it is lifted") {
  scrape("a 1\n");
  tell(loop, force_error{"target_limit exceeded (number of targets: 2, limit: 1)"});
  due();
  CHECK(http.received<fetch>().empty());
  auto batch = delivered();
  CHECK(batch.at(name("a")) == "stale");
  CHECK(batch.at(name("up")) == "0");
  tell(loop, force_error{});
  CHECK(scrape("a 1\n").at(name("a")) == "1");
}

TEST_CASE_METHOD(loop_fixture, "a tick that comes while a scrape is under way is dropped, a lost answer is given up") {
  due();
  advance(5s);
  due();
  CHECK(http.received<fetch>().size() == 1);
  advance(10s);
  due();
  CHECK(http.received<fetch>().size() == 2);
  CHECK(delivered().at(name("up")) == "0");
}

TEST_CASE_METHOD(loop_fixture, "a scrape that was under way when its client was replaced is asked of the new one") {
  due();
  auto lost = http.take<fetch>();
  REQUIRE(lost.size() == 1);
  auto replacement = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {replacement.handle()};
  tell(loop, use_services{changed});
  auto again = replacement.take<fetch>();
  REQUIRE(again.size() == 1);
  tell(loop, fetched{lost[0].tag, ok("a 1\n")});
  CHECK(sink.received<samples>().empty());
  tell(loop, fetched{again[0].tag, ok("a 2\n")});
  CHECK(delivered().at(name("a")) == "2");
}

TEST_CASE_METHOD(loop_fixture, "a new ticker is asked to wake the loop") {
  ticker.take<schedule>();
  auto replacement = spawn_probe<ticker_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->ticker = replacement.handle();
  tell(loop, use_services{changed});
  CHECK(replacement.received<schedule>().size() == 1);
}

TEST_CASE_METHOD(loop_fixture,
                 "a target that is gone goes stale after two ticks and a tenth, at the time of the first") {
  scrape("a 1\n");
  auto end = watch(loop);
  tell(loop, stop_loop{});
  advance(15s);
  int64_t first = now_tick();
  due();
  advance(15s);
  due();
  CHECK(sink.received<samples>().empty());
  advance(1500ms);
  auto batch = delivered();
  CHECK(batch.at(name("a")) == "stale");
  CHECK(batch.at(name("up")) == "stale");
  CHECK(last_timestamp == first);
  CHECK(end.ended());
  CHECK(end.error().empty());
}

TEST_CASE_METHOD(loop_fixture,
                 "a loop that never scraped ends at once, one that is stopped by its pool marks nothing") {
  auto end = watch(loop);
  tell(loop, stop_loop{});
  CHECK(end.ended());
  auto other = spawn();
  due(other);
  answer(other, ok("a 1\n"));
  sink.take<samples>();
  stop(other);
  CHECK(sink.received<samples>().empty());
}

TEST_CASE_METHOD(loop_fixture, "an heir continues the series: what it does not see goes stale, nothing else does") {
  scrape("a 1\nb 2\n");
  auto heir = spawn();
  auto end = watch(loop);
  tell(loop, stop_loop{heir});
  CHECK(end.ended());
  due(heir);
  answer(heir, ok("a 3\n"));
  auto batch = delivered();
  CHECK(batch.at(name("a")) == "3");
  CHECK(batch.at(name("b")) == "stale");
  CHECK(batch.at(name("scrape_series_added")) == "0");
}

TEST_CASE_METHOD(loop_fixture, "a loop tells what it knows as of now, and nothing if that is known already") {
  CHECK(ask<outlines>(loop, get_outlines{}).caches.empty());
  scrape("a 1\nb 2\n");
  auto first = ask<outlines>(loop, get_outlines{});
  REQUIRE(first.caches.size() == 1);
  CHECK(first.caches[0]->live() == 2);
  scrape("a 3\nb 4\n");
  CHECK(ask<outlines>(loop, get_outlines{first.version}) == outlines{first.version, {}});
  scrape("a 5\n");
  auto second = ask<outlines>(loop, get_outlines{first.version});
  REQUIRE(second.caches.size() == 1);
  CHECK(second.version != first.version);
  CHECK(second.caches[0]->live() == 1);
  CHECK(first.caches[0]->live() == 2);
  CHECK(ask<outlines>(loop, get_outlines{}) == second);
}

TEST_CASE_METHOD(loop_fixture, "what is still to come or on its way to another loop is not told") {
  scrape("a 1\n");
  auto heir = spawn(legacy::awaited);
  due(heir);
  answer(heir, ok("a 1\n"));
  CHECK(ask<outlines>(heir, get_outlines{}).caches.empty());
  auto known = ask<outlines>(loop, get_outlines{}).caches;
  tell(heir, inherit{known.front(), std::make_shared<series::ingest_options>()});
  CHECK(ask<outlines>(heir, get_outlines{}).caches.size() == 2);
  tell(loop, stop_loop{});
  CHECK(ask<outlines>(loop, get_outlines{}).caches.empty());
}

TEST_CASE_METHOD(loop_fixture, "an heir that is stopped before it inherits waits for its legacy and marks it") {
  scrape("a 1\n");
  due();
  auto heir = spawn(legacy::awaited);
  auto end = watch(heir);
  tell(loop, stop_loop{heir});
  tell(heir, stop_loop{});
  CHECK_FALSE(end.ended());
  answer(loop, ok("a 2\n"));
  sink.take<samples>();
  CHECK_FALSE(end.ended());
  wait_out_grace(heir);
  auto batch = delivered();
  CHECK(batch.at(name("a")) == "stale");
  CHECK(batch.at(name("up")) == "stale");
  CHECK(end.ended());
}

TEST_CASE_METHOD(loop_fixture, "an heir that never scraped marks what it inherited") {
  SECTION("series and report") {
    scrape("a 1\n");
    auto heir = spawn(legacy::awaited);
    tell(loop, stop_loop{heir});
    tell(heir, stop_loop{});
    wait_out_grace(heir);
    auto batch = delivered();
    CHECK(batch.at(name("a")) == "stale");
    CHECK(batch.at(name("up")) == "stale");
  }
  SECTION("the report of a target that was down") {
    due();
    http::response refused;
    refused.failure = http::failure::transport;
    answer(loop, refused);
    sink.take<samples>();
    auto heir = spawn(legacy::awaited);
    tell(loop, stop_loop{heir});
    tell(heir, stop_loop{});
    wait_out_grace(heir);
    auto batch = delivered();
    CHECK(batch.size() == 5);
    CHECK(batch.at(name("up")) == "stale");
  }
  SECTION("nothing when nothing was delivered, and without a grace") {
    auto heir = spawn(legacy::awaited);
    auto end = watch(heir);
    tell(loop, stop_loop{heir});
    tell(heir, stop_loop{});
    CHECK(end.ended());
    CHECK(sink.received<samples>().empty());
  }
}

TEST_CASE_METHOD(loop_fixture, "a legacy passes through an heir that is replaced before it came") {
  scrape("a 1\nb 2\n");
  due();
  auto first = spawn(legacy::awaited);
  auto second = spawn(legacy::awaited);
  auto end = watch(first);
  tell(loop, stop_loop{first});
  tell(first, stop_loop{second});
  CHECK_FALSE(end.ended());
  answer(loop, ok("a 1\nb 2\n"));
  CHECK(end.ended());
  sink.take<samples>();
  due(second);
  answer(second, ok("a 3\n"));
  auto batch = delivered();
  CHECK(batch.at(name("a")) == "3");
  CHECK(batch.at(name("b")) == "stale");
}

TEST_CASE_METHOD(loop_fixture, "a legacy that never comes is awaited for the grace alone") {
  auto heir = spawn(legacy::awaited);
  auto end = watch(heir);
  tell(heir, stop_loop{});
  CHECK_FALSE(end.ended());
  wait_out_grace(heir);
  CHECK(end.ended());
  CHECK(sink.received<samples>().empty());
}

TEST_CASE_METHOD(loop_fixture, "a scrape under way is finished before the series are handed over") {
  scrape("a 1\n");
  due();
  auto heir = spawn();
  auto end = watch(loop);
  tell(loop, stop_loop{heir});
  CHECK_FALSE(end.ended());
  answer(loop, ok("a 2\n"));
  CHECK(delivered().at(name("a")) == "2");
  CHECK(end.ended());
}

TEST_CASE_METHOD(loop_fixture, "a reload that changes the series marks what the new rules do not yield") {
  scrape("a 1\nb 2\n");
  auto changed = std::make_shared<loop_settings>(*settings);
  auto ingest = std::make_shared<series::ingest_options>();
  relabel::rule_config drop;
  drop.source_labels = {"__name__"};
  drop.regex = "b";
  drop.action = relabel::action::drop;
  ingest->metric_relabel = *relabel::program::compile(std::vector{drop}, name_validation::utf8);
  changed->ingest = ingest;
  ticker.take<schedule>();
  tell(loop, reload_loop{changed, options().target.request});
  CHECK(ticker.received<schedule>().empty());
  due();
  answer(loop, ok("a 1\nb 2\n"));
  auto batches = sink.take<samples>();
  REQUIRE(batches.size() == 2);
  CHECK(test::readable(*batches[0].batch).at(name("a")) == "1");
  CHECK(test::readable(*batches[1].batch) == std::map<std::string, std::string>{{name("b"), "stale"}});
}

TEST_CASE_METHOD(loop_fixture, "a sample limit fails the scrape and counts it") {
  settings = make_settings(1);
  loop = spawn();
  auto batch = scrape("a 1\nb 2\n");
  CHECK(batch.at(name("up")) == "0");
  CHECK(batch.at(name("scrape_samples_scraped")) == "2");
  CHECK(ask<loop_status>(loop, get_loop_status{}).last_error == "sample limit exceeded");
  CHECK(metrics().scrape.exceeded_sample_limit.Value() == 1);
}

TEST_CASE_METHOD(loop_fixture, "the last batch is kept for whoever asks") {
  CHECK(ask<latest>(loop, get_latest{}).batches.empty());
  scrape("a 1\n");
  auto batches = ask<latest>(loop, get_latest{}).batches;
  REQUIRE(batches.size() == 1);
  CHECK(test::readable(*batches[0]).at(name("a")) == "1");
}

namespace {

/// Settings that drop one metric, and so are other rules than those of the fixture.
loop_settings_ptr dropping(const std::string& metric, const loop_settings_ptr& like) {
  relabel::rule_config drop;
  drop.source_labels = {"__name__"};
  drop.regex = metric;
  drop.action = relabel::action::drop;
  auto ingest = std::make_shared<series::ingest_options>();
  ingest->metric_relabel = *relabel::program::compile(std::vector{drop}, name_validation::utf8);
  auto result = std::make_shared<loop_settings>(*like);
  result->ingest = ingest;
  return result;
}

http::response refused() {
  http::response result;
  result.failure = http::failure::transport;
  result.error = "connection refused";
  return result;
}

}  // namespace

TEST_CASE_METHOD(loop_fixture, "series that went stale with a failed scrape are not marked again after a reload") {
  scrape("a 1\nb 2\n");
  due();
  answer(loop, refused());
  CHECK(delivered().at(name("b")) == "stale");
  tell(loop, reload_loop{dropping("b", settings), options().target.request});
  auto batch = scrape("a 1\nb 2\n");
  CHECK(batch.at(name("a")) == "1");
  CHECK_FALSE(batch.contains(name("b")));
}

TEST_CASE_METHOD(loop_fixture, "a first scrape under new rules that fails marks what the old rules had yielded") {
  scrape("a 1\nb 2\n");
  tell(loop, reload_loop{dropping("b", settings), options().target.request});
  due();
  answer(loop, refused());
  std::map<std::string, std::string> all;
  for (const auto& each : sink.take<samples>()) all.merge(test::readable(*each.batch));
  CHECK(all.at(name("a")) == "stale");
  CHECK(all.at(name("b")) == "stale");
  CHECK(all.at(name("up")) == "0");
  auto batch = scrape("a 1\n");
  CHECK_FALSE(batch.contains(name("b")));
}

TEST_CASE_METHOD(loop_fixture, "of several reloads between two scrapes nothing is lost and nothing marked twice") {
  scrape("a 1\nb 2\n");
  tell(loop, reload_loop{dropping("a", settings), options().target.request});
  tell(loop, reload_loop{dropping("b", settings), options().target.request});
  due();
  answer(loop, ok("a 1\nb 2\n"));
  auto batches = sink.take<samples>();
  REQUIRE(batches.size() == 2);
  CHECK(test::readable(*batches[1].batch) == std::map<std::string, std::string>{{name("b"), "stale"}});
}

TEST_CASE_METHOD(loop_fixture, "an heir that is replaced before its first scrape hands on what it inherited") {
  scrape("a 1\nb 2\n");
  settings = dropping("b", settings);
  auto middle = spawn();
  settings = dropping("c", settings);
  auto last = spawn();
  tell(loop, stop_loop{middle});
  tell(middle, stop_loop{last});
  due(last);
  answer(last, ok("a 3\n"));
  auto batches = sink.take<samples>();
  REQUIRE(batches.size() == 2);
  CHECK(test::readable(*batches[0].batch).at(name("a")) == "3");
  CHECK(test::readable(*batches[1].batch) == std::map<std::string, std::string>{{name("b"), "stale"}});
}

TEST_CASE_METHOD(loop_fixture, "an heir that goes before its first scrape still marks what it inherited") {
  scrape("a 1\n");
  settings = dropping("b", settings);
  auto heir = spawn();
  tell(loop, stop_loop{heir});
  auto end = watch(heir);
  tell(heir, stop_loop{});
  CHECK_FALSE(end.ended());
  for (int i = 0; i < 2; ++i) {
    advance(15s);
    due(heir);
  }
  advance(1500ms);
  CHECK(end.ended());
  std::map<std::string, std::string> all;
  for (const auto& each : sink.take<samples>()) all.merge(test::readable(*each.batch));
  CHECK(all.at(name("a")) == "stale");
  CHECK(all.at(name("up")) == "stale");
}

TEST_CASE_METHOD(loop_fixture, "a loop with an heir whose answer is lost hands over when it is given up") {
  scrape("a 1\n");
  due();
  auto heir = spawn();
  auto end = watch(loop);
  tell(loop, stop_loop{heir});
  advance(15s);
  due();
  CHECK(end.ended());
}

TEST_CASE_METHOD(loop_fixture, "an answer that comes when its client was lost is asked again, not a failed scrape") {
  due();
  auto lost = http.take<fetch>();
  REQUIRE(lost.size() == 1);
  http::response gone;
  gone.failure = http::failure::shutdown;
  tell(loop, fetched{lost[0].tag, gone});
  CHECK(sink.received<samples>().empty());
  auto replacement = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {replacement.handle()};
  tell(loop, use_services{changed});
  auto again = replacement.take<fetch>();
  REQUIRE(again.size() == 1);
  tell(loop, fetched{again[0].tag, ok("a 1\n")});
  CHECK(delivered().at(name("up")) == "1");
}
