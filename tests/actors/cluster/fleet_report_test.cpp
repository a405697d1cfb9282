#include "actors/cluster/report_codec.hpp"
#include "tests/actors/cluster/cluster_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::cluster_fixture;

namespace {

// A worker that takes its orders and never says how its loops fare.
worker_port_actor::behavior_type mute_port(worker_port_actor::pointer self,
                                           std::shared_ptr<std::vector<caf::typed_response_promise<loops_page>>> open) {
  return {
      [](const words&) {},
      [](const session_over&) {},
      [=](const get_loops_page&) {
        open->push_back(self->make_response_promise<loops_page>());
        return open->back();
      },
  };
}

hello greeting_of(const std::string& node, const worker_port_actor& port) {
  hello greeting;
  greeting.node = node;
  greeting.introduction = cluster::encode(cluster::introduction{99, 1, 0, 0, {}});
  greeting.port = port;
  return greeting;
}

fleet_report example() {
  fleet_report report;
  report.statuses = {{7, {target_health::down, "refused", 5, 3ms, 7}}};
  auto families = std::make_shared<const series::metadata_table>(
      series::metadata_table{{"up_total", exposition::metric_type::counter, "How often.", "s"}});
  for (const char* instance : {"a", "b"})
    report.metadata.push_back(
        {std::make_shared<const series::target_labels>(labels::of({{"instance", instance}})), families});
  report.samples = {{"up", "up{instance=\"a\"}", 1'700'000'000'000, series::to_bits(-0.0)}};
  return report;
}

}  // namespace

TEST_CASE("a report is what it was after its way as bytes, and what targets share is shared again") {
  auto report = example();
  fleet_report read;
  REQUIRE(add_encoded(read, encode_report(report)));
  CHECK(read.statuses == report.statuses);
  CHECK(read.samples == report.samples);
  REQUIRE(read.metadata.size() == 2);
  CHECK(*read.metadata[0].families == *report.metadata[0].families);
  CHECK(read.metadata[1].target->set() == report.metadata[1].target->set());
  CHECK(read.metadata[0].families == read.metadata[1].families);
}

TEST_CASE("a report that is cut off anywhere adds nothing") {
  auto bytes = encode_report(example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    fleet_report read;
    CHECK_FALSE(add_encoded(read, bytes.substr(0, size)));
    CHECK(read == fleet_report{});
  }
}

TEST_CASE_METHOD(cluster_fixture, "a report has every loop of all workers once, though no page has all of them") {
  add_loops(40);
  add_worker("a");
  add_worker("b");
  advance(1min);
  auto report = ask<fleet_report>(coordinator, get_fleet_report{});
  CHECK(report.unheard.empty());
  std::set<uint64_t> keys;
  for (const auto& [key, status] : report.statuses) {
    keys.insert(key);
    CHECK(status.series == 10);
  }
  CHECK(report.statuses.size() == 40);
  CHECK(keys.size() == 40);
}

TEST_CASE_METHOD(cluster_fixture, "only the loops of the job that is asked for are in a report") {
  add_loops(10);
  add_worker("a");
  advance(1min);
  loops_question about;
  about.job = "job";
  CHECK(ask<fleet_report>(coordinator, get_fleet_report{about}).statuses.size() == 10);
  about.job = "another";
  CHECK(ask<fleet_report>(coordinator, get_fleet_report{about}).statuses.empty());
}

TEST_CASE_METHOD(cluster_fixture, "a worker that does not answer in time is named, and the others are heard") {
  add_loops(10);
  add_worker("a");
  advance(1min);
  auto open = std::make_shared<std::vector<caf::typed_response_promise<loops_page>>>();
  auto mute = adopt(system().spawn(mute_port, open));
  REQUIRE(ask<welcome>(coordinator, greeting_of("mute", mute)).refusal.empty());
  auto asked = begin_ask<fleet_report>(coordinator, get_fleet_report{});
  advance(3s);
  CHECK_FALSE(asked->answer);
  advance(3s);
  REQUIRE(asked->answer);
  CHECK(asked->answer->statuses.size() == 10);
  CHECK(asked->answer->unheard == std::vector<std::string>{"mute"});
  open->clear();
}

TEST_CASE_METHOD(cluster_fixture, "a worker that says nonsense, or the same page for ever, counts as unheard") {
  auto port = spawn_probe<worker_port_actor>();
  REQUIRE(ask<welcome>(coordinator, greeting_of("odd", port.handle())).refusal.empty());
  auto says = [&](loops_page page) {
    port.answer_with<get_loops_page, loops_page>([page](const get_loops_page&) { return page; });
  };
  says({"?", 0});
  CHECK(ask<fleet_report>(coordinator, get_fleet_report{}).unheard == std::vector<std::string>{"odd"});
  says({encode_report(example()), 5});
  auto report = ask<fleet_report>(coordinator, get_fleet_report{});
  CHECK(report.unheard == std::vector<std::string>{"odd"});
  CHECK(report.statuses.size() == 2);
}

TEST_CASE_METHOD(cluster_fixture, "the coordinator says who has a target, what it weighs, and how it came there") {
  auto loop = add_loop("http://target/1", 1);
  add_worker("a");
  advance(1min);
  auto key = ask<loop_status>(loop, get_loop_status{}).placed;
  REQUIRE(key != 0);
  auto found = ask<places>(coordinator, get_places{{key, 12345}});
  REQUIRE(found.targets.size() == 2);
  CHECK(found.targets[0].owner == "a");
  CHECK(found.targets[0].weight > 0);
  REQUIRE(found.targets[0].last_move);
  CHECK(found.targets[0].last_move->why == "new target");
  CHECK(found.targets[1] == place_view{});
  add_worker("b");
  CHECK(ask<node_drained>(coordinator, drain_node{"a"}).found);
  advance(1min);
  found = ask<places>(coordinator, get_places{{key}});
  CHECK(found.targets[0].owner == "b");
  CHECK(found.targets[0].last_move->from == "a");
  CHECK(found.targets[0].last_move->why == "its owner is drained");
}

TEST_CASE_METHOD(cluster_fixture, "a worker answers for itself, and for the whole cluster through its coordinator") {
  auto answerer = spawn_probe<answerer_actor>();
  answerer.answer_with<get_answer, answer_begun>([](const get_answer& question) {
    return answer_begun{200, "text", {}, question.target.size(), question.target, {}};
  });
  auto worker = add_worker("a");
  add_loops(3);
  advance(1min);
  auto view = ask<cluster_view>(worker, get_cluster{});
  CHECK(view.role == "worker");
  CHECK(view.targets == 3);
  CHECK(ask<answer_begun>(worker, get_answer{"/x", {}}).status == 0);
  handles->answerer.set(answerer.handle());
  CHECK(ask<answer_begun>(worker, get_answer{"/x", {}}).bytes == "/x");
}
