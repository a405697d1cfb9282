#include "actors/discovery/polling_discoverer.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

/// A discoverer whose server sends names of targets, one a line; "nonsense" cannot be read.
struct polling_fixture : test::services_fixture {
  polling_fixture() { start(); }

  void start() {
    auto request = std::make_shared<http::request>();
    request->url = "http://sd/list";
    polling_options options;
    options.mechanism = "fake";
    options.source = "http://sd";
    options.interval = 60s;
    options.question.request = request;
    options.question.timeout = 60s;
    options.read = [](const http::response& answer) -> result<std::vector<target_group>> {
      if (answer.body == "nonsense") return fail(errc::syntax, "not understood");
      target_group group;
      group.source = "s";
      std::istringstream lines(answer.body);
      for (std::string line; std::getline(lines, line);) group.targets.push_back(labels::of({{"__address__", line}}));
      return std::vector{group};
    };
    options.on_failure = [this] { ++failures; };
    discoverer = adopt(spawn_polling_discoverer(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
  }

  texts found() {
    texts result;
    for (const auto& each : targets.take<update>()) {
      CHECK(each.complete);
      for (const auto& group : each.groups)
        for (const auto& target : group->targets) result.push_back(std::string(target.get("__address__")));
    }
    return result;
  }
  discoverer_status status() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }

  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  size_t failures = 0;
  discoverer_actor discoverer;
};

}  // namespace

TEST_CASE_METHOD(polling_fixture, "it asks at once and then at every interval, and passes on all that there is") {
  auto first = asked();
  CHECK(first.request->url == "http://sd/list");
  CHECK(first.timeout == 60s);
  answer(first, ok("a:1\nb:1\n"));
  CHECK(found() == texts{"a:1", "b:1"});
  advance(59s);
  CHECK(http.received<fetch>().empty());
  advance(1s);
  answer(asked(), ok("b:1\n"));
  CHECK(found() == texts{"b:1"});
  auto now = status();
  CHECK(now.refreshes == 2);
  CHECK(now.failures == 0);
  CHECK(now.last_success == wall_clock());
  CHECK(now.last_error.empty());
}

TEST_CASE_METHOD(polling_fixture, "an empty answer is passed on too") {
  answer(asked(), ok(""));
  CHECK(targets.received<update>().size() == 1);
}

TEST_CASE_METHOD(polling_fixture, "a poll that failed changes nothing, is counted, and says why") {
  SECTION("when the server cannot be reached") {
    answer(asked(), broken(http::failure::transport, "connection refused"));
    CHECK(status().last_error == "http://sd: connection refused");
  }
  SECTION("when the time is over") {
    answer(asked(), broken(http::failure::timeout, "deadline exceeded"));
    CHECK(status().last_error == "http://sd: deadline exceeded");
  }
  SECTION("when the answer cannot be read") {
    answer(asked(), ok("nonsense"));
    CHECK(status().last_error == "http://sd: not understood");
  }
  CHECK(targets.received<update>().empty());
  CHECK(status().failures == 1);
  CHECK(status().last_success == 0);
  CHECK(failures == 1);
  CHECK(metrics().refresh("fake", "j")->failures.Value() == 1);
  advance(60s);
  answer(asked(), ok("a:1\n"));
  CHECK(found() == texts{"a:1"});
  CHECK(status().last_error.empty());
  CHECK(status().failures == 1);
}

TEST_CASE_METHOD(polling_fixture,
                 "a timeout that comes as the next poll falls due is counted, and the poll follows it") {
  auto first = asked();
  advance(60s);
  CHECK(http.received<fetch>().empty());
  answer(first, broken(http::failure::timeout, "deadline exceeded"));
  CHECK(status().failures == 1);
  CHECK(status().last_error == "http://sd: deadline exceeded");
  auto second = asked();
  CHECK(second.tag != first.tag);
  answer(second, ok("a:1\n"));
  CHECK(found() == texts{"a:1"});
  // The rhythm is kept.
  advance(59s);
  CHECK(http.received<fetch>().empty());
  advance(1s);
  asked();
}

TEST_CASE_METHOD(polling_fixture, "a client that never answers is given up after two intervals") {
  auto lost = asked();
  advance(119s);
  CHECK(status().failures == 0);
  advance(1s);
  CHECK(status().failures == 1);
  CHECK(status().last_error == "http://sd: the HTTP client did not answer");
  auto again = asked();
  answer(lost, ok("late:1\n"));
  CHECK(found().empty());
  answer(again, ok("a:1\n"));
  CHECK(found() == texts{"a:1"});
}

TEST_CASE_METHOD(polling_fixture, "a question whose client was lost is put to its successor and is no failure") {
  auto lost = asked();
  auto said = GENERATE(true, false);
  if (said) answer(lost, broken(http::failure::shutdown, "the HTTP client failed"));
  auto successor = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {successor.handle()};
  tell(discoverer, use_services{changed});
  auto again = successor.take<fetch>();
  REQUIRE(again.size() == 1);
  answer(lost, ok("late:1\n"));
  CHECK(found().empty());
  answer(again[0], ok("a:1\n"));
  CHECK(found() == texts{"a:1"});
  CHECK(status().refreshes == 1);
  CHECK(status().failures == 0);
  CHECK(failures == 0);
}

TEST_CASE_METHOD(polling_fixture, "other services that change do not make it ask again, and new clients are used") {
  answer(asked(), ok("a:1\n"));
  auto successor = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {successor.handle()};
  tell(discoverer, use_services{changed});
  CHECK(successor.received<fetch>().empty());
  advance(60s);
  CHECK(http.received<fetch>().empty());
  CHECK(successor.received<fetch>().size() == 1);
  auto other = std::make_shared<services>(*changed);
  other->sinks.clear();
  tell(discoverer, use_services{other});
  CHECK(successor.received<fetch>().size() == 1);
}

TEST_CASE_METHOD(polling_fixture, "an answer that comes twice is taken once") {
  auto question = asked();
  answer(question, ok("a:1\n"));
  answer(question, ok("b:1\n"));
  CHECK(found() == texts{"a:1"});
}
