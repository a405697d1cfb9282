#include "lib/web/json_writer.hpp"
#include "lib/web/status_json.hpp"
#include "lib/web/targets_json.hpp"
#include "lib/web/time_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <limits>

namespace rollcall::web {

namespace {

std::string golden(const std::string& name) {
  std::ifstream file(std::string(TEST_SOURCE_DIR) + "/lib/web/golden/" + name);
  REQUIRE(file);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string json_number(double value) {
  std::string out;
  append_json_number(out, value);
  return out;
}

}  // namespace

TEST_CASE("writes JSON strings as Go does") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("plain") == R"("plain")");
  CHECK(json_string("a\"b\\c") == R"("a\"b\\c")");
  CHECK(json_string("\n\r\t") == R"("\n\r\t")");
  CHECK(json_string(std::string_view("\0\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(json_string("<script>&") == R"("\u003cscript\u003e\u0026")");
  CHECK(json_string("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "\"gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  CHECK(json_string("a\xE2\x80\xA8"
                    "b\xE2\x80\xA9") == R"("a\u2028b\u2029")");
}

TEST_CASE("replaces what is not UTF-8, byte by byte") {
  CHECK(json_string("a\xFF"
                    "b") == R"("a\ufffdb")");
  CHECK(json_string("\x80\x80") == R"("\ufffd\ufffd")");
  CHECK(json_string("\xC3") == R"("\ufffd")");
  CHECK(json_string("\xC0\xAF") == R"("\ufffd\ufffd")");
  CHECK(json_string("\xED\xA0\x80") == R"("\ufffd\ufffd\ufffd")");
  CHECK(json_string("\xF5\x80\x80\x80") == R"("\ufffd\ufffd\ufffd\ufffd")");
}

TEST_CASE("writes JSON numbers as Go does") {
  CHECK(json_number(0) == "0");
  CHECK(json_number(1.5) == "1.5");
  CHECK(json_number(-0.25) == "-0.25");
  CHECK(json_number(0.000001) == "0.000001");
  CHECK(json_number(0.0000001) == "1e-7");
  CHECK(json_number(1.25e-10) == "1.25e-10");
  CHECK(json_number(1e20) == "100000000000000000000");
  CHECK(json_number(1e21) == "1e+21");
  CHECK(json_number(0.012345678) == "0.012345678");
  CHECK(json_number(std::numeric_limits<double>::infinity()) == "null");
  CHECK(json_number(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("places commas between members and elements, at every depth") {
  std::string out;
  json_writer writer(out);
  writer.begin_object().key("a").begin_array().integer(-1).null().begin_object().end_object().end_array();
  writer.key("b").boolean(true).member("c", "d").key("e").begin_array().end_array().end_object();
  CHECK(out == R"({"a":[-1,null,{}],"b":true,"c":"d","e":[]})");
}

TEST_CASE("writes times as RFC 3339 without trailing zeros") {
  CHECK(format_time(0) == "0001-01-01T00:00:00Z");
  CHECK(format_time(1795450095299) == "2026-11-23T16:08:15.299Z");
  CHECK(format_time(1795450095200) == "2026-11-23T16:08:15.2Z");
  CHECK(format_time(1795450095000) == "2026-11-23T16:08:15Z");
  CHECK(format_time(951782400001) == "2000-02-29T00:00:00.001Z");
  CHECK(format_time(-1) == "1969-12-31T23:59:59.999Z");
}

namespace {

const labels discovered_labels =
    labels::of({{"__address__", "localhost:9100"}, {"__meta_note", "<b>&\"quoted\""}, {"job", "node"}});
const labels visible_labels = labels::of({{"instance", "localhost:9100"}, {"job", "node"}});
const labels dropped_labels = labels::of({{"__address__", "10.0.0.1:80"}});

std::string write_targets(targets_wanted wanted) {
  targets_json json({.scheme = "https", .host = "monitor.example.com:9090", .listen_port = "9095", .path = ""}, wanted);
  if (wanted.active) {
    json.add(active_target_view{.discovered = discovered_labels,
                                .visible = visible_labels,
                                .job = "node",
                                .url = "http://localhost:9100/metrics",
                                .health = "up",
                                .last_error = "",
                                .last_scrape = 1795450095299,
                                .last_duration = std::chrono::nanoseconds(3'482'118),
                                .interval = std::chrono::seconds(15),
                                .timeout = std::chrono::seconds(10),
                                .restarts = 0});
    json.add(active_target_view{.discovered = discovered_labels,
                                .visible = visible_labels,
                                .job = "self",
                                .url = "http://127.0.0.1:9095/metrics?a=b",
                                .health = "unknown",
                                .last_error = "server returned HTTP status 404 Not Found",
                                .last_scrape = 0,
                                .last_duration = std::chrono::nanoseconds(0),
                                .interval = std::chrono::minutes(1),
                                .timeout = std::chrono::milliseconds(1500),
                                .restarts = 2});
  }
  if (wanted.dropped) {
    json.add(dropped_target_view{dropped_labels, "node", "relabel_configs[1]: keep"});
    json.count_dropped("node", 3);
    json.count_dropped("self", 0);
  }
  return json.finish();
}

}  // namespace

TEST_CASE("writes targets as Prometheus does, and more keys") {
  CHECK(write_targets({true, true}) == golden("targets_any.json"));
  CHECK(write_targets({true, false}) == golden("targets_active.json"));
  CHECK(write_targets({false, true}) == golden("targets_dropped.json"));
  CHECK(write_targets({false, false}) == golden("targets_none.json"));
}

TEST_CASE("understands which targets are wanted in any case") {
  auto both = [](std::string_view state) {
    auto wanted = targets_wanted::from(state);
    return std::pair(wanted.active, wanted.dropped);
  };
  CHECK(both("") == std::pair(true, true));
  CHECK(both("any") == std::pair(true, true));
  CHECK(both("ANY") == std::pair(true, true));
  CHECK(both("Active") == std::pair(true, false));
  CHECK(both("dropped") == std::pair(false, true));
  CHECK(both("weird") == std::pair(false, false));
}

TEST_CASE("writes valid JSON for any bytes in labels") {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
  auto set = labels::of({{every_byte, every_byte}});
  targets_json json({}, {true, true});
  json.add(dropped_target_view{set, every_byte, every_byte});
  json.count_dropped(every_byte, 1);
  CHECK_FALSE(nlohmann::json::parse(json.finish(), nullptr, false).is_discarded());
}

TEST_CASE("writes status answers") {
  CHECK(scrape_pools_json({"node", "prometheus \"x\""}) == golden("scrape_pools.json"));
  CHECK(scrape_pools_json({}) == R"({"status":"success","data":{"scrapePools":[]}})");
  CHECK(config_json("global:\n  scrape_interval: 15s\n") == golden("config.json"));
  CHECK(flags_json({{"web.listen-address", "0.0.0.0:9095"}, {"agent", "true"}}) == golden("flags.json"));
  build_info build{"1.2.3", "abc", "main", "builder@host", "20261123-16:00:00"};
  CHECK(build_info_json(build) == golden("build_info.json"));
  CHECK(version_json(build) == golden("version.json"));
  CHECK(runtime_info_json({.start_time = 1795450095299,
                           .working_directory = "/srv",
                           .hostname = "box",
                           .server_time = 1795450096000,
                           .reload_success = true,
                           .last_config_time = 1795450095000,
                           .actors = 29,
                           .threads = 2}) == golden("runtime_info.json"));
}

TEST_CASE("writes how providers, endpoints and actors fare") {
  CHECK(restarts_json({{"scrape-manager", 1, "boom"}, {"ticker", 0, ""}}) == golden("restarts.json"));
  queue_view queue{6, 7, 1795447699000, "disk full", {{8, 1795447699000, 9, "not like this"}}};
  CHECK(remote_write_json({{"main", "http://x/write", 1, 2, 3, 4, 5, "HTTP 500", std::nullopt},
                           {"kept", "http://y/write", 1, 2, 3, 4, 5, "", queue}},
                          {{"gone", 10, 11, 12}}) == golden("remote_write.json"));
}

TEST_CASE("gives errors the status that belongs to their type") {
  auto bad = api_error(error_type::bad_data, "no \"x\"");
  CHECK(bad.status == 400);
  CHECK(bad.content_type == "application/json");
  CHECK(bad.body == R"({"status":"error","errorType":"bad_data","error":"no \"x\""})");
  CHECK(api_error(error_type::execution, "").status == 422);
  CHECK(api_error(error_type::internal, "").status == 500);
  CHECK(api_error(error_type::not_found, "").status == 404);
  CHECK(api_error(error_type::timeout, "").status == 503);
  CHECK(api_error(error_type::unavailable, "").status == 503);
}

}  // namespace rollcall::web
