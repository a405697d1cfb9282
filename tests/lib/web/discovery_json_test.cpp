#include "lib/web/discovery_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

namespace rollcall::web {

namespace {

constexpr int64_t now = 1795450100000;

provider_view running() {
  provider_view view;
  view.mechanism = "file";
  view.jobs = {"a", "b"};
  view.running = view.delivered = true;
  view.last_success = now - 4500;
  view.refreshes = 7;
  view.targets = 12;
  view.sources = 2;
  return view;
}

provider_view restored() {
  provider_view view;
  view.mechanism = "http";
  view.jobs = {"b", "c"};
  view.running = true;
  view.last_error = "connection refused";
  view.restarts = 4;
  view.failures = 9;
  view.targets = 3;
  view.next_attempt = now + 1000;
  view.snapshot_time = now - 200'000;
  view.snapshot_error = "disk full";
  return view;
}

provider_view holding() {
  auto view = running();
  view.mechanism = "consul";
  view.held_targets = 5;
  view.held_until = now + 60'000;
  return view;
}

}  // namespace

TEST_CASE("writes how every provider fares") {
  std::ifstream file(std::string(TEST_SOURCE_DIR) + "/lib/web/golden/discovery.json");
  REQUIRE(file);
  auto expected = nlohmann::ordered_json::parse(file);
  CHECK(nlohmann::ordered_json::parse(discovery_json({running(), restored(), holding()}, now)) == expected);
  CHECK(discovery_json({}, now) == R"({"status":"success","data":{"providers":[]}})");
}

TEST_CASE("names the state that says most") {
  CHECK(state_of(running()) == "running");
  CHECK(state_of(restored()) == "snapshot");
  CHECK(state_of(holding()) == "holding");
  auto view = holding();
  view.snapshot_time = 1;
  CHECK(state_of(view) == "snapshot");
  view.running = false;
  CHECK(state_of(view) == "waiting");
  view = running();
  view.delivered = false;
  CHECK(state_of(view) == "starting");
}

TEST_CASE("notes what is unusual about the targets of a job") {
  auto notes = discovery_notes({running(), restored(), holding()}, now);
  CHECK(notes == std::map<std::string, std::string>{
                     {"a", "consul: 5 missing targets held for 1m 0s"},
                     {"b", "http: from snapshot, 3m 20s old; consul: 5 missing targets held for 1m 0s"},
                     {"c", "http: from snapshot, 3m 20s old"}});
}

}  // namespace rollcall::web
