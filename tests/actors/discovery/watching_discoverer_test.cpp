#include "actors/discovery/watching_discoverer.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

/// A session that asks one question and, after an answer, again when its alarm goes off. Bodies become targets.
class echo_session : public watch_session {
 public:
  watch_actions begin(const watch_moment&) override { return ask(); }
  watch_actions answered(uint64_t tag, const http::response& response, const watch_moment& moment) override {
    heard.push_back("answer " + std::to_string(tag) + ' ' + response.body);
    chance = moment.random_unit;
    watch_actions actions;
    auto group = std::make_shared<target_group>();
    group->source = "s";
    group->targets.push_back(labels::of({{"__address__", response.body}}));
    actions.found = update{{group}, heard.size() == 1, 0};
    actions.refreshed = true;
    actions.alarms.push_back({7, 10s});
    wrong.clear();
    return actions;
  }
  watch_actions failed(uint64_t tag, const std::string& error, const watch_moment&) override {
    heard.push_back("failure " + std::to_string(tag) + ' ' + error);
    watch_actions actions;
    wrong = error;
    actions.failures.push_back(error);
    actions.alarms.push_back({7, 20s});
    return actions;
  }
  watch_actions due(uint64_t tag, const watch_moment&) override {
    heard.push_back("due " + std::to_string(tag));
    return ask();
  }
  std::string trouble() const override { return wrong; }

  static watch_actions ask() {
    auto request = std::make_shared<http::request>();
    request->url = "http://sd/watch";
    fetch question;
    question.request = request;
    question.timeout = 60s;
    question.tag = 42;
    watch_actions actions;
    actions.questions.push_back(question);
    return actions;
  }

  texts heard;
  std::string wrong;
  double chance = -1;
};

struct watching_fixture : test::services_fixture {
  watching_fixture() {
    watching_options options;
    options.mechanism = "fake";
    options.source = "http://sd";
    options.session = session;
    discoverer = adopt(spawn_watching_discoverer(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
  }

  discoverer_status status() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }

  std::shared_ptr<echo_session> session = std::make_shared<echo_session>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  discoverer_actor discoverer;
};

}  // namespace

TEST_CASE_METHOD(watching_fixture,
                 "it asks what the session wants, under the session's tags, and passes on what it found") {
  auto question = asked();
  CHECK(question.request->url == "http://sd/watch");
  CHECK(question.timeout == 60s);
  answer(question, ok("a:1"));
  CHECK(session->heard == texts{"answer 42 a:1"});
  CHECK(session->chance == 0.5);
  auto updates = targets.take<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].complete);
  CHECK(updates[0].groups.at(0)->targets.at(0).get("__address__") == "a:1");
  CHECK(status().last_success == wall_clock());
  advance(9s);
  CHECK(http.received<fetch>().empty());
  advance(1s);
  asked();
  CHECK(session->heard.back() == "due 7");
  CHECK(status().refreshes == 2);
}

TEST_CASE_METHOD(watching_fixture, "a failure is told to the session, counted, and shown as long as it lasts") {
  answer(asked(), broken(http::failure::transport, "connection refused"));
  CHECK(session->heard == texts{"failure 42 connection refused"});
  CHECK(targets.received<update>().empty());
  CHECK(status().failures == 1);
  CHECK(status().last_error == "http://sd: connection refused");
  advance(20s);
  answer(asked(), ok("a:1"));
  CHECK(status().last_error.empty());
  CHECK(status().failures == 1);
}

TEST_CASE_METHOD(watching_fixture, "a question whose client was lost is put to its successor, unknown to the session") {
  auto lost = asked();
  auto said = GENERATE(true, false);
  if (said) answer(lost, broken(http::failure::shutdown, "the HTTP client failed"));
  CHECK(http.received<fetch>().empty());
  auto successor = spawn_probe<http_client_actor>();
  auto changed = std::make_shared<services>(*announced);
  changed->http = {successor.handle()};
  tell(discoverer, use_services{changed});
  auto again = successor.take<fetch>();
  REQUIRE(again.size() == 1);
  answer(lost, ok("late:1"));
  CHECK(session->heard.empty());
  answer(again[0], ok("a:1"));
  CHECK(session->heard == texts{"answer 42 a:1"});
  CHECK(status().failures == 0);
}

TEST_CASE_METHOD(watching_fixture, "a client that says nothing at all is given up after the timeout and a grace") {
  auto forgotten = asked();
  advance(89s);
  CHECK(session->heard.empty());
  advance(1s);
  CHECK(session->heard == texts{"failure 42 the HTTP client did not answer"});
  answer(forgotten, ok("late:1"));
  CHECK(session->heard.size() == 1);
  advance(20s);
  answer(asked(), ok("a:1"));
  CHECK(targets.received<update>().size() == 1);
}

TEST_CASE_METHOD(watching_fixture, "a session hears once of an answer that comes twice") {
  auto question = asked();
  answer(question, ok("a:1"));
  answer(question, ok("b:1"));
  CHECK(session->heard == texts{"answer 42 a:1"});
}
