#include "tests/actors/cluster/cluster_fixture.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace rollcall;
using namespace std::chrono_literals;
using test::cluster_fixture;

namespace {

outlines known_series(uint64_t version, const std::string& body) {
  auto rules = std::make_shared<series::ingest_options>();
  auto target = std::make_shared<series::target_labels>(labels::of({{"instance", "a:1"}}));
  auto cache = std::make_shared<series::scrape_cache>(rules, target);
  cache->ingest(body, exposition::format::text, 1'700'000'000'000);
  return {version, {cache->outline()}};
}

// A body of about so many bytes of which nothing repeats: compressed, more than a third is left.
std::string incompressible(size_t size) {
  std::mt19937_64 random(1);
  std::string body;
  while (body.size() < size) body += "a" + std::to_string(random()) + "{b=\"" + std::to_string(random()) + "\"} 1\n";
  return body;
}

}  // namespace

TEST_CASE_METHOD(cluster_fixture, "loops run on the workers that there are, each tick on one of them") {
  add_loops(20);
  add_worker("a");
  add_worker("b");
  advance(2min);
  CHECK(loops_of("a") + loops_of("b") == 20);
  CHECK(loops_of("a") > 0);
  CHECK(loops_of("b") > 0);
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture, "a worker that leaves gives everything away without a gap and is told to end") {
  add_loops(20);
  add_worker("a");
  add_worker("b");
  advance(1min);
  leaving["a"]->store(true);
  advance(1min);
  CHECK(loops_of("b") == 20);
  CHECK(dismissed == std::vector<std::string>{"a"});
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture, "a drained worker ends up with nothing") {
  add_loops(10);
  add_worker("a");
  add_worker("b");
  advance(1min);
  CHECK(ask<node_drained>(coordinator, drain_node{"a"}).found);
  CHECK_FALSE(ask<node_drained>(coordinator, drain_node{"nobody"}).found);
  advance(1min);
  CHECK(loops_of("b") == 10);
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture, "what a dead worker had is taken over within an interval") {
  add_loops(20);
  auto dying = add_worker("a");
  add_worker("b");
  advance(1min);
  stop(dying);
  advance(2min);
  CHECK(loops_of("b") == 20);
  CHECK(doubled() == 0);
  CHECK(missed_most() <= 1);
}

TEST_CASE_METHOD(cluster_fixture,
                 "a coordinator that crashed is followed by one that takes over what runs and moves nothing") {
  add_loops(20);
  add_worker("a");
  add_worker("b");
  advance(1min);
  auto before = std::pair(loops_of("a"), loops_of("b"));
  replace_coordinator();
  advance(2min);
  CHECK(std::pair(loops_of("a"), loops_of("b")) == before);
  auto view = ask<cluster_view>(coordinator, get_cluster{});
  CHECK(view.epoch == 2);
  // Costs are measured anew, which may shift a target; but none was without an owner.
  for (const auto& each : view.moves) CHECK_FALSE(each.from.empty());
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}

TEST_CASE_METHOD(cluster_fixture,
                 "a worker that crashed has its targets again once the lease of the one before is over") {
  add_loops(10);
  auto crashing = add_worker("a");
  advance(1min);
  crash(crashing);
  add_worker("a");
  advance(1min);
  CHECK(loops_of("a") == 10);
  CHECK(doubled() == 0);
  CHECK(missed_most() <= 1);
}

TEST_CASE_METHOD(cluster_fixture,
                 "what loops know is copied once, and again when it has changed, but twice a minute at most") {
  add_loops(20);
  known->now = known_series(1, "a 1\n");
  add_worker("a");
  add_worker("b");
  advance(1min);
  CHECK(known->told == 20);
  CHECK(ask<cluster_view>(coordinator, get_cluster{}).copies.targets == 20);
  advance(5min);
  CHECK(known->told == 20);
  known->now = known_series(2, "a 1\nb 2\n");
  auto bytes = ask<cluster_view>(coordinator, get_cluster{}).copies.bytes;
  advance(30s);
  CHECK(known->told == 40);
  CHECK(ask<cluster_view>(coordinator, get_cluster{}).copies.bytes > bytes);
  for (uint64_t version = 3; version <= 5; ++version) {
    known->now = known_series(version, "a 1\n");
    advance(11s);
  }
  CHECK(known->told == 60);
  advance(1min);
  CHECK(known->told == 80);
}

TEST_CASE_METHOD(cluster_fixture, "who takes over from a dead worker inherits what that one knew") {
  add_loops(20);
  known->now = known_series(1, "a 1\n");
  auto dying = add_worker("a");
  add_worker("b");
  advance(1min);
  auto lost = loops_of("a");
  REQUIRE(known->inherited == 0);
  stop(dying);
  advance(1min);
  CHECK(known->inherited == lost);
}

TEST_CASE_METHOD(cluster_fixture, "a new coordinator gets the copies again") {
  add_loops(20);
  known->now = known_series(1, "a 1\n");
  add_worker("a");
  advance(1min);
  replace_coordinator();
  advance(1min);
  CHECK(ask<cluster_view>(coordinator, get_cluster{}).copies.targets == 20);
}

TEST_CASE_METHOD(cluster_fixture, "a loop that knows too much to be copied is left out") {
  add_loop("http://target/1", 1);
  known->now = known_series(1, incompressible(4 * cluster::copy_bytes_max));
  add_worker("a");
  advance(1min);
  auto copies = ask<cluster_view>(coordinator, get_cluster{}).copies;
  CHECK(copies.targets == 0);
  CHECK(copies.left_out == 1);
}

TEST_CASE_METHOD(cluster_fixture, "a loop that is not wanted any more ends on its worker") {
  auto loop = add_loop("http://target/1", 1);
  add_worker("a");
  advance(1min);
  CHECK(loops_of("a") == 1);
  tell(loop, stop_loop{});
  advance(1min);
  auto ticks = log->size();
  advance(1min);
  CHECK(log->size() == ticks);
  CHECK(loops_of("a") == 0);
}

TEST_CASE_METHOD(cluster_fixture, "what a worker says of a loop is what its pool hears") {
  auto loop = add_loop("http://target/1", 1);
  CHECK(ask<loop_status>(loop, get_loop_status{}).health == target_health::unknown);
  add_worker("a");
  advance(1min);
  CHECK(ask<loop_status>(loop, get_loop_status{}).series == 10);
}

TEST_CASE_METHOD(cluster_fixture, "who speaks another version, has no name or a taken one is refused with the reason") {
  add_worker("a");
  hello stranger;
  stranger.node = "b";
  stranger.version = cluster::protocol_version + 1;
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("version") != std::string::npos);
  stranger.version = cluster::protocol_version;
  stranger.introduction = cluster::encode(cluster::introduction{99, 1, 0, 0, {}});
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("who it is") != std::string::npos);
  auto port = spawn_probe<worker_port_actor>();
  stranger.port = port.handle();
  stranger.node = "a";
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("has the name") != std::string::npos);
  stranger.node = "b";
  stranger.introduction += "?";
  CHECK(ask<welcome>(coordinator, stranger).refusal.find("malformed") != std::string::npos);
}

TEST_CASE_METHOD(cluster_fixture,
                 "targets that share a label's value are with one worker, also those that come later") {
  rules.together_label = "group";
  for (uint64_t i = 1; i <= 12; ++i) add_loop("http://target/" + std::to_string(i), i, i <= 4 ? "same" : "");
  add_worker("a");
  add_worker("b");
  advance(1min);
  add_loop("http://target/13", 13, "same");
  advance(1min);
  std::set<std::string> nodes;
  for (const auto& [key, scraped_by] : *log)
    for (uint64_t i : {1, 2, 3, 4, 13})
      if (key.first == "http://target/" + std::to_string(i)) nodes.insert(scraped_by.back());
  CHECK(nodes.size() == 1);
  CHECK(loops_of("a") + loops_of("b") == 13);
  CHECK(doubled() == 0);
  CHECK(missed_most() == 0);
}
