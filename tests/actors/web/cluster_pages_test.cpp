#include "messages/leadership.hpp"
#include "tests/actors/web/web_fixture.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace rollcall {

using test::web_fixture;

namespace {

using texts = std::vector<std::string>;

/// Two targets that run in a cluster, of whose last scrapes the pool heard some time ago.
targets two_placed() {
  pool_targets pool{"node", {}, {}, 0, 0};
  for (uint64_t key : {1, 2}) {
    active_target target;
    target.visible = labels::of({{"instance", std::to_string(key)}});
    target.url = "http://target/" + std::to_string(key);
    target.status = {target_health::up, {}, 5, {}, 3, key};
    pool.active.push_back(std::move(target));
  }
  return {{pool}};
}

/// The web server of a coordinator, whose first worker answers and whose second one does not.
struct coordinator_fixture : web_fixture {
  coordinator_fixture() {
    scrape.answer_with<get_targets, targets>([](const get_targets&) { return two_placed(); });
    coordinator.answer_with<get_places, places>([](const get_places& question) {
      CHECK(question.keys == std::vector<uint64_t>{1, 2});
      return places{{{"a", "", 700, move_view{1000, "", "b", "a", "its owner is drained"}}, {"b", "c", 800, {}}}};
    });
    coordinator.answer_with<get_fleet_report, fleet_report>([](const get_fleet_report& question) {
      fleet_report report;
      report.unheard = {"b"};
      if (question.about.topic == loops_topic::statuses)
        report.statuses = {{1, {target_health::down, "refused", 9, std::chrono::milliseconds(7), 0}}};
      if (question.about.topic == loops_topic::metadata)
        report.metadata = {{std::make_shared<const series::target_labels>(labels::of({{"instance", "1"}})),
                            std::make_shared<const series::metadata_table>(
                                series::metadata_table{{"up", exposition::metric_type::gauge, "Whether.", ""}})}};
      if (question.about.topic == loops_topic::samples)
        for (const auto& each : question.about.selectors)
          report.samples.push_back({"up", "up{match=\"" + each + "\"}", 1'700'000'000'000, series::to_bits(1)});
      return report;
    });
    coordinator.answer_with<get_cluster, cluster_view>([](const get_cluster&) {
      cluster_view view;
      view.role = "coordinator";
      return view;
    });
    options.handles->coordinator.set(coordinator.handle());
    start();
  }

  nlohmann::json json(const std::string& target) { return nlohmann::json::parse(get(target).body); }

  test::probe<cluster_coordinator_actor> coordinator = actors.spawn_probe<cluster_coordinator_actor>();
};

/// The web server of a worker.
struct worker_fixture : web_fixture {
  worker_fixture() {
    scrape.answer_with<get_targets, targets>([](const get_targets&) { return two_placed(); });
    options.handles->worker.set(worker.handle());
    options.handles->elsewhere.set(answerer_actor{worker.handle()});
    start();
  }

  void coordinator_answers(answer_begun answer) {
    worker.answer_with<get_answer, answer_begun>([answer](const get_answer&) { return answer; });
  }

  test::probe<cluster_worker_actor> worker = actors.spawn_probe<cluster_worker_actor>();
};

}  // namespace

TEST_CASE_METHOD(coordinator_fixture,
                 "a target of the cluster is shown with its owner, its last move and what its worker says") {
  auto answer = json("/api/v1/targets");
  const auto& active = answer["data"]["activeTargets"];
  REQUIRE(active.size() == 2);
  CHECK(active[0]["owner"] == "a");
  CHECK(active[0]["weight"] == 700);
  CHECK(active[0]["lastMove"]["from"] == "b");
  CHECK(active[0]["lastMove"]["why"] == "its owner is drained");
  CHECK(active[0]["health"] == "down");
  CHECK(active[0]["lastError"] == "refused");
  CHECK(active[0]["lastScrapeDuration"] == 0.007);
}

TEST_CASE_METHOD(coordinator_fixture,
                 "the health of targets whose worker does not answer is unknown, and a warning says so") {
  auto answer = json("/api/v1/targets");
  const auto& unheard = answer["data"]["activeTargets"][1];
  CHECK(unheard["owner"] == "b");
  CHECK(unheard["nextOwner"] == "c");
  CHECK(unheard["lastMove"].is_null());
  CHECK(unheard["health"] == "unknown");
  REQUIRE(answer["warnings"].size() == 1);
  CHECK(answer["warnings"][0].get<std::string>().find("\"b\"") != std::string::npos);
  CHECK(get("/targets").header("X-Rollcall-Warning").find("\"b\"") != std::string::npos);
}

TEST_CASE_METHOD(coordinator_fixture, "metadata and samples of a cluster are those of its workers") {
  CHECK(json("/api/v1/metadata")["data"]["up"][0]["help"] == "Whether.");
  CHECK(json("/api/v1/targets/metadata?metric=up")["data"][0]["target"]["instance"] == "1");
  auto federated = get("/federate?match[]=up&match[]=down");
  CHECK(federated.body.find("up{match=\"up\"} 1 1700000000000\n") != std::string::npos);
  CHECK(federated.body.find("up{match=\"down\"}") != std::string::npos);
}

TEST_CASE_METHOD(coordinator_fixture, "another node gets an answer in portions, and no page that is a process's own") {
  answerer_actor answerer = options.handles->answerer.get();
  auto begun = actors.ask<answer_begun>(answerer, get_answer{"/api/v1/cluster", {}});
  CHECK(begun.status == 200);
  CHECK(begun.size == begun.bytes.size());
  CHECK(nlohmann::json::parse(begun.bytes)["data"]["role"] == "coordinator");
  CHECK(actors.ask<answer_begun>(answerer, get_answer{"/api/v1/status/flags", {}}).status == 0);
  CHECK(actors.ask<answer_begun>(answerer, get_answer{"%zz", {}}).status == 0);
  targets many;
  many.pools = {two_placed().pools[0]};
  many.pools[0].active[0].url += std::string(3 << 20, 'x');
  scrape.answer_with<get_targets, targets>([many](const get_targets&) { return many; });
  begun = actors.ask<answer_begun>(answerer, get_answer{"/api/v1/targets", {}});
  auto body = begun.bytes;
  size_t portions = 1;
  for (; body.size() < begun.size; ++portions)
    body += actors.ask<answer_rest>(begun.rest, get_answer_rest{body.size()}).bytes;
  CHECK(portions > 3);
  CHECK(nlohmann::json::parse(body)["data"]["activeTargets"].size() == 2);
}

TEST_CASE_METHOD(worker_fixture, "a worker shows what its coordinator answers") {
  coordinator_answers({418, "application/json", {}, 2, "{}", {}});
  auto answer = get("/api/v1/targets?state=active");
  CHECK(answer.status == 418);
  CHECK(answer.body == "{}");
  REQUIRE(worker.received<get_answer>().size() == 1);
  CHECK(worker.received<get_answer>()[0].target == "/api/v1/targets?state=active");
  CHECK(get("/api/v1/status/flags").status == 200);
  CHECK(worker.received<get_answer>().size() == 1);
}

TEST_CASE_METHOD(coordinator_fixture, "a coordinator that does not lead shows what the leader answers, and itself") {
  auto line = actors.spawn_probe<leader_line_actor>();
  line.answer_with<get_answer, answer_begun>(
      [](const get_answer&) { return answer_begun{200, "text/plain", {}, 6, "leader", {}}; });
  options.handles->elsewhere.set(answerer_actor{line.handle()});
  CHECK(get("/api/v1/targets").body == "leader");
  CHECK(json("/api/v1/cluster")["data"]["role"] == "coordinator");
}

TEST_CASE_METHOD(worker_fixture, "a worker fetches what is left of an answer") {
  auto source = actors.spawn_probe<answer_source_actor>();
  source.answer_with<get_answer_rest, answer_rest>(
      [](const get_answer_rest& question) { return answer_rest{std::string(question.from, 'x')}; });
  coordinator_answers({200, "text/plain", {}, 4, "y", source.handle()});
  CHECK(get("/federate").body == "yxxx");
}

TEST_CASE_METHOD(worker_fixture, "a worker that is cut off answers for itself and says so") {
  coordinator_answers({});
  auto answer = nlohmann::json::parse(get("/api/v1/targets").body);
  CHECK(answer["data"]["activeTargets"].size() == 2);
  CHECK(answer["warnings"].size() == 1);
  worker.answer_with<get_cluster, cluster_view>([](const get_cluster&) {
    cluster_view view;
    view.role = "worker";
    return view;
  });
  CHECK(nlohmann::json::parse(get("/api/v1/cluster").body)["data"]["role"] == "worker");
}

}  // namespace rollcall
