#include "actors/discovery/request_sequence.hpp"

#include "actors/discovery/polling_discoverer.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

http::request_ptr request(const std::string& url) {
  auto result = std::make_shared<http::request>();
  result->url = url;
  return result;
}

http::response failed(const std::string& error) {
  http::response answer;
  answer.failure = http::failure::transport;
  answer.error = error;
  return answer;
}

/// Asks two servers for a word each; the target is both words. "nonsense" cannot be read.
request_plan two_words() {
  return {{request("http://first/"), request("http://second/")},
          [](std::span<const http::response> answers) -> result<std::vector<target_group>> {
            if (answers[1].body == "nonsense") return fail(errc::syntax, "not understood");
            target_group group;
            group.source = "s";
            group.targets.push_back(labels::of({{"__address__", answers[0].body + answers[1].body}}));
            return std::vector{group};
          },
          1000};
}

struct sequence_fixture : test::services_fixture {
  sequence_fixture() {
    polling_options options;
    options.mechanism = "fake";
    options.source = "http://sd";
    options.interval = 60s;
    options.begin_sequence = refresh_by(two_words());
    discoverer = adopt(spawn_polling_discoverer(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
  }

  std::vector<std::string> found() {
    std::vector<std::string> result;
    for (const auto& each : targets.take<update>()) {
      CHECK(each.complete);
      for (const auto& group : each.groups)
        for (const auto& target : group->targets) result.push_back(std::string(target.get("__address__")));
    }
    return result;
  }
  discoverer_status status() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }

  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  discoverer_actor discoverer;
};

using words = std::vector<std::string>;

}  // namespace

TEST_CASE("a sequence asks in order, and reads when all is there") {
  auto plan = std::make_shared<request_plan>(two_words());
  request_sequence sequence(plan);
  auto first = sequence.begin();
  REQUIRE(first.size() == 1);
  CHECK(first[0].request == plan->requests[0]);
  CHECK(first[0].body_bytes_max == 1000);
  auto second = sequence.take(0, test::services_fixture::ok("a"));
  REQUIRE(second);
  REQUIRE(second->size() == 1);
  CHECK(second->at(0).request == plan->requests[1]);
  auto last = sequence.take(0, test::services_fixture::ok("b"));
  REQUIRE(last);
  CHECK(last->empty());
  CHECK(sequence.groups().at(0).targets.at(0).get("__address__") == "ab");
}

TEST_CASE_METHOD(sequence_fixture, "questions follow each other, and the second has the time that is left") {
  auto first = asked();
  CHECK(first.request->url == "http://first/");
  CHECK(first.timeout == 60s);
  CHECK(first.body_bytes_max == 1000);
  advance(10s);
  answer(first, ok("a"));
  auto second = asked();
  CHECK(second.request->url == "http://second/");
  CHECK(second.timeout == 50s);
  answer(second, ok("b"));
  CHECK(found() == words{"ab"});
  CHECK(status().last_success == wall_clock());
  advance(49s);
  CHECK(http.received<fetch>().empty());
  advance(1s);
  CHECK(asked().request->url == "http://first/");
  CHECK(status().refreshes == 2);
}

TEST_CASE_METHOD(sequence_fixture, "a refresh fails as a whole, changes nothing, is counted, and says why") {
  answer(asked(), ok("a"));
  SECTION("when a server cannot be reached") {
    answer(asked(), failed("connection refused"));
    CHECK(status().last_error == "http://sd: connection refused");
  }
  SECTION("when the answers cannot be read") {
    answer(asked(), ok("nonsense"));
    CHECK(status().last_error == "http://sd: not understood");
  }
  CHECK(targets.received<update>().empty());
  CHECK(status().failures == 1);
  CHECK(metrics().refresh("fake", "j")->failures.Value() == 1);
  advance(60s);
  answer(asked(), ok("a"));
  answer(asked(), ok("c"));
  CHECK(found() == words{"ac"});
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(sequence_fixture, "an answer that comes as the next refresh falls due leaves no time for more") {
  auto first = asked();
  advance(60s);
  answer(first, ok("a"));
  CHECK(status().failures == 1);
  CHECK(status().last_error == "http://sd: the refresh takes longer than its interval");
  CHECK(asked().request->url == "http://first/");
}

TEST_CASE_METHOD(sequence_fixture, "a sequence whose client never answers is given up after two intervals") {
  auto lost = asked();
  advance(119s);
  CHECK(status().failures == 0);
  advance(1s);
  CHECK(status().last_error == "http://sd: the HTTP client did not answer");
  CHECK(http.take<cancel_fetch>() == std::vector{cancel_fetch{lost.tag, lost.sink}});
  auto again = asked();
  answer(lost, ok("late"));
  CHECK(http.received<fetch>().empty());
  answer(again, ok("a"));
  answer(asked(), ok("b"));
  CHECK(found() == words{"ab"});
}

TEST_CASE_METHOD(sequence_fixture, "a sequence whose client was lost is put to its successor and is no failure") {
  answer(asked(), ok("a"));
  auto lost = asked();
  auto said = GENERATE(true, false);
  if (said) {
    auto gone = failed("the HTTP client was stopped");
    gone.failure = http::failure::shutdown;
    answer(lost, gone);
  }
  auto successor = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {successor.handle()};
  tell(discoverer, use_services{changed});
  auto again = successor.take<fetch>();
  REQUIRE(again.size() == 1);
  CHECK(again[0].request->url == "http://second/");
  answer(lost, ok("late"));
  CHECK(found().empty());
  answer(again[0], ok("b"));
  CHECK(found() == words{"ab"});
  CHECK(status().failures == 0);
}

TEST_CASE_METHOD(sequence_fixture, "other services that change do not make a sequence ask again") {
  auto first = asked();
  auto changed = std::make_shared<services>(*announced);
  changed->sinks.clear();
  tell(discoverer, use_services{changed});
  CHECK(http.received<fetch>().empty());
}
