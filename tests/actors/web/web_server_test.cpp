#include "actors/web/web_server.hpp"

#include "lib/series/scrape_cache.hpp"
#include "tests/actors/web/web_fixture.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <set>

namespace rollcall {

using test::raw_client;
using test::web_fixture;

namespace {

std::set<std::string> keys_of(const nlohmann::json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

targets one_pool() {
  pool_targets pool{.job = "node", .active = {}, .dropped = {}, .dropped_total = 5, .restarts = 0};
  pool.active.push_back({.discovered = labels::of({{"__address__", "localhost:9100"}}),
                         .visible = labels::of({{"instance", "localhost:9100"}}),
                         .url = "http://localhost:9100/metrics",
                         .interval = std::chrono::seconds(15),
                         .timeout = std::chrono::seconds(10),
                         .restarts = 1,
                         .status = {target_health::down, "boom", 1795450095299, std::chrono::milliseconds(5), 3}});
  pool.dropped.push_back({labels::of({{"__address__", "10.0.0.1:80"}}), "relabel_configs[0]: drop"});
  return {{pool}};
}

series::scrape_batch_ptr scraped(std::string_view body, int64_t at) {
  auto target = std::make_shared<series::target_labels>(labels::of({{"instance", "a:1"}}));
  series::scrape_cache cache(std::make_shared<series::ingest_options>(), target);
  return series::make_batch(target, 1, at, std::move(cache.ingest(body, exposition::format::text, at).parts));
}

config_in_force with_config(labels external_labels, std::string yaml) {
  auto made = std::make_shared<config>();
  made->global.external_labels = std::move(external_labels);
  made->yaml = std::move(yaml);
  return {made};
}

}  // namespace

TEST_CASE("is healthy at once and ready when told so") {
  web_fixture web;
  auto started = spawn_web_server(web.actors.system(), web.options);
  REQUIRE(started);
  web.actors.adopt(*started);
  web.address = web.actors.ask<addresses>(*started, get_addresses{}).listening.at(0);
  CHECK(web.get("/-/healthy").body == "Prometheus Agent is Healthy.\n");
  auto starting = web.get("/-/ready");
  CHECK(starting.status == 503);
  CHECK(starting.body == "Service Unavailable\n");
  CHECK(starting.header("X-Prometheus-Stopping") == "none");
  CHECK(web.get("/api/v1/targets").status == 503);
  CHECK(web.get("/metrics").status == 200);
  act::tell(*started, set_ready{readiness::ready});
  auto ready = web.get("/-/ready");
  CHECK(ready.status == 200);
  CHECK(ready.body == "Prometheus Agent is Ready.\n");
  CHECK(web.actors.process()->metrics->daemon.ready.Value() == 1);
  act::tell(*started, set_ready{readiness::stopping});
  CHECK(web.get("/-/ready").header("X-Prometheus-Stopping") == "true");
}

TEST_CASE("answers paths and methods that lead to no page") {
  web_fixture web;
  web.start();
  raw_client client(web.address);
  CHECK(client.get("/nope").status == 404);
  CHECK(client.get("/api/v1/nope").body == "404 page not found\n");
  auto wrong = client.ask("POST", "/-/healthy", "Content-Length: 0\r\n");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "GET, HEAD");
  auto order = client.get("/-/reload");
  CHECK(order.status == 405);
  CHECK(order.header("Allow") == "POST, PUT");
  CHECK(order.body == "Only POST or PUT requests allowed");
  auto moved = client.get("/-/healthy/");
  CHECK(moved.status == 301);
  CHECK(moved.header("Location") == "/-/healthy");
  CHECK(client.get("/%zz").status == 400);
  CHECK(client.ask("BREW", "/-/healthy").status == 405);
}

TEST_CASE("answers HEAD with the length and without the body") {
  web_fixture web;
  web.start();
  raw_client client(web.address);
  auto head = client.ask("HEAD", "/-/healthy");
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == "29");
  CHECK(client.get("/-/healthy").body.size() == 29);
}

TEST_CASE("lets other sites' pages read the API") {
  web_fixture web;
  web.start();
  CHECK(web.get("/api/v1/status/flags", "Origin: http://x\r\n").header("Access-Control-Allow-Origin") == "*");
  CHECK(web.get("/api/v1/status/flags").header("Access-Control-Allow-Origin") == "none");
  CHECK(web.get("/metrics", "Origin: http://x\r\n").header("Access-Control-Allow-Origin") == "none");
  auto preflight = raw_client(web.address).ask("OPTIONS", "/api/v1/targets", "Origin: http://x\r\n");
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Access-Control-Allow-Methods") == "GET, POST, OPTIONS");
  CHECK(preflight.header("Content-Length") == "none");
}

TEST_CASE("refuses lifecycle requests unless they are enabled") {
  web_fixture web;
  web.start();
  for (std::string path : {"/-/reload", "/-/quit"}) {
    auto refused = raw_client(web.address).ask("POST", path, "Content-Length: 0\r\n");
    CHECK(refused.status == 403);
    CHECK(refused.body == "Lifecycle API is not enabled.");
  }
  CHECK(web.reloader.received<reload_config>().empty());
  CHECK(web.supervisor.received<shut_down>().empty());
}

TEST_CASE("reloads and says what is wrong with the configuration") {
  web_fixture web;
  web.options.lifecycle_enabled = true;
  web.start();
  web.reloader.answer_with<reload_config, reloaded>([](const reload_config&) { return reloaded{true, ""}; });
  auto good = raw_client(web.address).ask("POST", "/-/reload", "Content-Length: 0\r\n");
  CHECK(good.status == 200);
  CHECK(good.body.empty());
  web.reloader.answer_with<reload_config, reloaded>(
      [](const reload_config&) { return reloaded{false, "a.yml:1:2: bad"}; });
  auto bad = raw_client(web.address).ask("PUT", "/-/reload", "Content-Length: 0\r\n");
  CHECK(bad.status == 500);
  CHECK(bad.body == "failed to reload config: a.yml:1:2: bad\n");
}

TEST_CASE("asks the supervisor to shut down") {
  web_fixture web;
  web.options.lifecycle_enabled = true;
  web.start();
  auto quit = raw_client(web.address).ask("POST", "/-/quit", "Content-Length: 0\r\n");
  CHECK(quit.status == 200);
  CHECK(quit.body == "Requesting termination... Goodbye!");
  CHECK(web.supervisor.wait_for<shut_down>(1));
}

TEST_CASE("gives the targets that are asked for") {
  web_fixture web;
  web.start();
  web.scrape.answer_with<get_targets, targets>([](const get_targets&) { return one_pool(); });
  auto all = nlohmann::json::parse(web.get("/api/v1/targets").body);
  CHECK(all["status"] == "success");
  const auto& data = all["data"];
  CHECK(keys_of(data) == std::set<std::string>{"activeTargets", "droppedTargets", "droppedTargetCounts"});
  const auto& active = data["activeTargets"][0];
  CHECK(keys_of(active) == std::set<std::string>{"discoveredLabels", "labels", "scrapePool", "scrapeUrl", "globalUrl",
                                                 "lastError", "lastScrape", "lastScrapeDuration", "health",
                                                 "scrapeInterval", "scrapeTimeout", "restarts"});
  CHECK(active["health"] == "down");
  CHECK(active["lastError"] == "boom");
  CHECK(active["lastScrapeDuration"] == 0.005);
  CHECK(active["restarts"] == 1);
  CHECK(data["droppedTargets"][0]["reason"] == "relabel_configs[0]: drop");
  CHECK(data["droppedTargetCounts"] == nlohmann::json{{"node", 5}});
  CHECK(web.get("/api/v1/targets?state=active&scrapePool=a%20b").status == 200);
  auto questions = web.scrape.received<get_targets>();
  REQUIRE(questions.size() == 2);
  CHECK(questions[0] == get_targets{"", true, true});
  CHECK(questions[1] == get_targets{"a b", true, false});
}

TEST_CASE("compresses large answers for clients that take it") {
  web_fixture web;
  web.start();
  web.scrape.answer_with<get_targets, targets>([](const get_targets&) {
    targets many = one_pool();
    many.pools[0].active.assign(100, many.pools[0].active[0]);
    return many;
  });
  auto plain = web.get("/api/v1/targets");
  auto packed = web.get("/api/v1/targets", "Accept-Encoding: gzip\r\n");
  CHECK(plain.header("Content-Encoding") == "none");
  CHECK(packed.header("Content-Encoding") == "gzip");
  CHECK(packed.body.size() * 4 < plain.body.size());
}

TEST_CASE("shows the targets as a page, and leads browsers there") {
  web_fixture web;
  web.start();
  web.scrape.answer_with<get_targets, targets>([](const get_targets&) { return one_pool(); });
  auto home = web.get("/");
  CHECK(home.status == 302);
  CHECK(home.header("Location") == "/targets");
  auto page = web.get("/targets?health=down&job=node");
  CHECK(page.status == 200);
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.header("Content-Security-Policy").starts_with("default-src 'none'"));
  CHECK(page.body.find("http://localhost:9100/metrics") != std::string::npos);
  CHECK(web.scrape.received<get_targets>().back().job == "node");
  CHECK(web.get("/static/page.css").header("Content-Type") == "text/css; charset=utf-8");
}

TEST_CASE("passes on what the managers say of themselves") {
  web_fixture web;
  web.options.flags = {{"agent", "true"}};
  web.options.build.version = "9.9";
  web.start();
  web.scrape.answer_with<get_scrape_pools, scrape_pools>(
      [](const get_scrape_pools&) { return scrape_pools{{"a", "b"}}; });
  web.discovery.answer_with<get_discovery_status, discovery_status>([](const get_discovery_status&) {
    return discovery_status{{{.id = 1,
                              .mechanism = "file",
                              .jobs = {"a"},
                              .running = true,
                              .delivered = true,
                              .sources = 2,
                              .targets = 3,
                              .restarts = 4,
                              .last_error = "e",
                              .last_success = 5,
                              .next_attempt = 6}}};
  });
  web.write.answer_with<get_write_status, write_status>([](const get_write_status&) {
    return write_status{{{.name = "main",
                          .url = "http://w",
                          .samples_pending = 1,
                          .samples_delivered = 2,
                          .samples_failed = 3,
                          .samples_dropped = 4,
                          .restarts = 5,
                          .last_error = "e"}}};
  });
  web.supervisor.answer_with<get_restarts, restarts>(
      [](const get_restarts&) { return restarts{{{"ticker", 7, "boom"}}}; });
  web.reloader.answer_with<get_config, config_in_force>(
      [](const get_config&) { return with_config(labels(), "global: {}\n"); });
  auto data = [&](const std::string& path) { return nlohmann::json::parse(web.get("/api/v1/" + path).body)["data"]; };
  CHECK(data("scrape_pools")["scrapePools"] == nlohmann::json{"a", "b"});
  auto provider = data("discovery")["providers"][0];
  CHECK(provider["state"] == "running");
  CHECK(provider["targets"] == 3);
  CHECK(provider["nextAttempt"] == "1970-01-01T00:00:00.006Z");
  CHECK(data("status/remote_write")["endpoints"][0]["samplesDropped"] == 4);
  CHECK(data("status/restarts")["actors"][0]["restarts"] == 7);
  CHECK(data("status/config")["yaml"] == "global: {}\n");
  CHECK(data("status/flags")["agent"] == "true");
  CHECK(data("status/buildinfo")["version"] == "9.9");
  CHECK(nlohmann::json::parse(web.get("/version").body)["version"] == "9.9");
  auto runtime = data("status/runtimeinfo");
  CHECK(runtime["goroutineCount"].get<int>() > 5);
  CHECK(runtime["GOMAXPROCS"].get<int>() > 0);
  CHECK(runtime["reloadConfigSuccess"] == false);
}

TEST_CASE("says that an agent has no queries") {
  web_fixture web;
  web.start();
  raw_client client(web.address);
  for (std::string path :
       {"query?query=up", "query_range", "query_exemplars", "format_query", "parse_query", "labels", "label/job/values",
        "series", "alertmanagers", "alerts", "rules", "status/tsdb", "status/tsdb/blocks", "admin/tsdb/snapshot"}) {
    CAPTURE(path);
    auto refused = client.get("/api/v1/" + path);
    CHECK(refused.status == 422);
    CHECK(refused.body == R"({"status":"error","errorType":"execution","error":"unavailable with Prometheus Agent"})");
  }
  CHECK(client.ask("POST", "/api/v1/query", "Content-Length: 0\r\n").status == 422);
}

TEST_CASE("federates the last samples with external labels") {
  web_fixture web;
  web.start();
  int64_t now = web.actors.process()->wall_clock();
  web.reloader.answer_with<get_config, config_in_force>(
      [](const get_config&) { return with_config(labels::of({{"zone", "eu"}}), ""); });
  web.scrape.answer_with<get_latest, latest>(
      [now](const get_latest&) { return latest{{scraped("up 1\ndown 0\n", now - 1000), nullptr}}; });
  auto page = web.get("/federate?match[]=up&match[]=%7B__name__%3D%22nope%22%7D");
  CHECK(page.status == 200);
  CHECK(page.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(page.body == "# TYPE up untyped\nup{instance=\"a:1\",zone=\"eu\"} 1 " + std::to_string(now - 1000) + "\n");
  auto none = web.get("/federate");
  CHECK(none.status == 200);
  CHECK(none.body.empty());
  auto bad = web.get("/federate?match[]=up%7B");
  CHECK(bad.status == 400);
  CHECK(bad.body == "1:4: parse error: unexpected end of input inside braces\n");
  CHECK(web.get("/federate?x=%25&y=%zz").body == "error parsing form values: invalid URL escape \"%zz\"\n");
}

TEST_CASE("refuses to federate more series than its bound") {
  web_fixture web;
  web.options.federate_series_max = 1;
  web.start();
  int64_t now = web.actors.process()->wall_clock();
  web.scrape.answer_with<get_latest, latest>(
      [now](const get_latest&) { return latest{{scraped("up 1\nup2 0\n", now - 1000)}}; });
  CHECK(web.get("/federate?match[]=%7Binstance%3D%22a:1%22%7D").status == 422);
}

TEST_CASE("tells how it was asked in the metrics") {
  web_fixture web;
  web.start();
  raw_client client(web.address);
  client.get("/-/healthy");
  client.get("/api/v1/query");
  auto text = client.get("/metrics");
  CHECK(text.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(text.body.find("prometheus_http_requests_total{code=\"200\",handler=\"/-/healthy\"} 1\n") != std::string::npos);
  CHECK(text.body.find("prometheus_http_requests_total{code=\"422\",handler=\"/api/v1/query\"} 1\n") !=
        std::string::npos);
  CHECK(text.body.find("prometheus_http_response_size_bytes_count{handler=\"/-/healthy\"} 1\n") != std::string::npos);
  CHECK(text.body.find("prometheus_ready 1\n") != std::string::npos);
}

TEST_CASE("answers in time when an actor does not") {
  web_fixture web;
  auto held = web.actors.adopt(scrape_manager_actor(web.actors.system().spawn(test::held_scrape_manager)));
  web.use_managers({web.discovery.handle(), held, web.write.handle()});
  web.options.answer_timeout = std::chrono::milliseconds(50);
  web.start();
  auto late = web.get("/api/v1/targets");
  CHECK(late.status == 503);
  CHECK(nlohmann::json::parse(late.body)["errorType"] == "timeout");
  auto page = web.get("/targets");
  CHECK(page.status == 503);
  CHECK(page.header("Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE("answers at once when a manager has ended or does not exist") {
  web_fixture web;
  web.start();
  web.use_managers({});
  CHECK(nlohmann::json::parse(web.get("/api/v1/targets").body)["errorType"] == "unavailable");
  auto ended = web.actors.spawn_probe<scrape_manager_actor>();
  auto ending = web.actors.watch(ended.handle());
  act::stop(ended.handle());
  REQUIRE(ending.wait());
  web.use_managers({web.discovery.handle(), ended.handle(), web.write.handle()});
  auto gone = web.get("/api/v1/targets");
  CHECK(gone.status == 503);
  CHECK(nlohmann::json::parse(gone.body)["errorType"] == "unavailable");
}

TEST_CASE("answers with an error when a page crashes, and goes on") {
  web_fixture web;
  auto broken = std::make_shared<environment>(*web.actors.process());
  auto crash = std::make_shared<std::atomic<bool>>(false);
  broken->wall_clock = [crash]() -> int64_t {
    if (*crash) throw std::runtime_error("no clock");
    return 1;
  };
  web.options.environment = broken;
  web.start();
  *crash = true;
  CHECK(web.get("/api/v1/status/runtimeinfo").status == 500);
  CHECK(web.get("/-/healthy").status == 200);
  *crash = false;
  CHECK(web.get("/api/v1/status/runtimeinfo").status == 200);
}

TEST_CASE("serves below a prefix and leads there") {
  web_fixture web;
  web.options.external_url = "https://example.com/roll/";
  web.start();
  CHECK(web.get("/roll/-/healthy").status == 200);
  CHECK(web.get("/-/healthy").status == 404);
  CHECK(web.get("/").header("Location") == "/roll/");
  CHECK(web.get("/roll").header("Location") == "/roll/");
  CHECK(web.get("/roll/").header("Location") == "/roll/targets");
}

TEST_CASE("serves at the root behind a proxy that takes the prefix away") {
  web_fixture web;
  web.options.external_url = "https://example.com/roll";
  web.options.route_prefix = "/";
  web.start();
  CHECK(web.get("/-/healthy").status == 200);
  CHECK(web.get("/").header("Location") == "/roll/targets");
}

TEST_CASE("listens on several addresses and says on which") {
  web_fixture web;
  web.options.listener.addresses = {"127.0.0.1:0", "localhost:0", ":0"};
  web.start();
  auto listening = web.actors.ask<addresses>(web.server, get_addresses{}).listening;
  REQUIRE(listening.size() == 3);
  for (const auto& each : listening) {
    CAPTURE(each);
    CHECK_FALSE(each.ends_with(":0"));
    CHECK(test::get(each, "/-/healthy").status == 200);
  }
}

TEST_CASE("says why it cannot listen") {
  web_fixture web;
  web.start();
  auto start_on = [&](const std::string& address) {
    web.options.listener.addresses = {address};
    auto started = spawn_web_server(web.actors.system(), web.options);
    return started ? std::string("it can") : started.error().message;
  };
  CHECK(start_on(web.address) == "listen tcp " + web.address + ": Address already in use");
  CHECK(start_on("9095") == "listen tcp: address 9095: missing port in address");
  CHECK(start_on("127.0.0.1:http9").starts_with("listen tcp: lookup 127.0.0.1:http9: "));
  web.options.cors_origin = "(";
  CHECK(start_on("127.0.0.1:0").starts_with("--web.cors.origin: "));
}

TEST_CASE("finishes what is under way when it is stopped") {
  web_fixture web;
  auto held = web.actors.adopt(scrape_manager_actor(web.actors.system().spawn(test::held_scrape_manager)));
  web.use_managers({web.discovery.handle(), held, web.write.handle()});
  web.options.listener.stop_timeout = std::chrono::seconds(30);
  auto server = web.start();
  auto ending = web.actors.watch(server);
  raw_client idle(web.address);
  REQUIRE(idle.get("/-/healthy").status == 200);
  raw_client waiting(web.address);
  waiting.send("GET /api/v1/targets HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(web.supervisor.wait_for<get_managers>(1));
  act::stop(server);
  CHECK(idle.closed_by_server());
  CHECK_FALSE(raw_client(web.address).connected());
  CHECK_FALSE(ending.ended());
  // The question may still be on its way to the manager, so the order is given until the answer is there.
  do act::tell(held, apply_scrape{});
  while (!waiting.wait_for_anything(std::chrono::milliseconds(1)));
  auto last = waiting.read();
  CHECK(last.status == 200);
  CHECK(last.header("Connection") == "close");
  CHECK(ending.wait());
  CHECK(ending.error().empty());
}

TEST_CASE("does not wait for ever for what is under way when it is stopped") {
  web_fixture web;
  auto held = web.actors.adopt(scrape_manager_actor(web.actors.system().spawn(test::held_scrape_manager)));
  web.use_managers({web.discovery.handle(), held, web.write.handle()});
  web.options.listener.stop_timeout = std::chrono::milliseconds(20);
  auto server = web.start();
  auto ending = web.actors.watch(server);
  raw_client waiting(web.address);
  waiting.send("GET /api/v1/targets HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(web.supervisor.wait_for<get_managers>(1));
  act::stop(server);
  CHECK(ending.wait());
  CHECK(waiting.read().status == 0);
}

}  // namespace rollcall
