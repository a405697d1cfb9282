#include "actors/discovery/consul_sd/consul_session.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

/// A session with its server played by the test: questions by what they ask for, "agent", "catalog" or a service.
class session_fixture {
 public:
  session_fixture() {
    options.configuration.datacenter = "dc1";
    options.metrics = std::make_shared<telemetry>();
  }

  void start() {
    session = std::make_unique<consul_session>(options);
    take(session->begin(moment()));
  }

  void answer(const std::string& what, const std::string& body, const std::string& index, int status = 200) {
    http::response response;
    response.status = status;
    response.reason = status == 200 ? "OK" : "Internal Server Error";
    response.body = body;
    if (!index.empty()) response.headers.push_back({"x-consul-index", index});
    take(session->answered(close(what), response, moment()));
  }
  /// An answer with one instance at each of the addresses.
  void answer_instances(const std::string& what, const texts& addresses, const std::string& index) {
    std::string body = "[";
    for (const auto& address : addresses) {
      if (body.size() > 1) body += ',';
      body += R"({"Node": {"Address": ")" + address + R"("}, "Service": {"Port": 80}})";
    }
    answer(what, body + "]", index);
  }
  void fail(const std::string& what) { take(session->failed(close(what), "connection refused", moment())); }

  void advance(milliseconds duration) {
    now += duration.count();
    auto due = std::move(alarms_);
    alarms_.clear();
    for (auto& [when, tag] : due) {
      if (when > now)
        alarms_.emplace_back(when, tag);
      else
        take(session->due(tag, moment()));
    }
  }

  /// What is being asked at present.
  texts open() const {
    texts all;
    for (const auto& [what, question] : questions_) all.push_back(what);
    return all;
  }
  bool asks(const std::string& what) const { return questions_.contains(what); }
  std::string parameter(const std::string& what, const std::string& name) const {
    const auto& url = questions_.at(what).request->url;
    auto at = url.find(name + '=');
    if (at == std::string::npos) return "";
    auto value = url.substr(at + name.size() + 1);
    return value.substr(0, value.find('&'));
  }
  milliseconds timeout(const std::string& what) const { return questions_.at(what).timeout; }

  /// What was passed on since the last call, each as "all" or "some" with "source:targets" in order.
  texts found() {
    texts all;
    for (const auto& each : updates_) {
      std::string text = each.complete ? "all" : "some";
      for (const auto& group : each.groups) text += ' ' + group->source + ':' + std::to_string(group->targets.size());
      all.push_back(text);
    }
    updates_.clear();
    return all;
  }

  consul_session_options options;
  std::unique_ptr<consul_session> session;
  size_t failures = 0;
  int64_t now = 1'700'000'000'000;

 private:
  watch_moment moment() const { return {now, 0}; }

  static std::string what_of(const fetch& question) {
    auto path = question.request->url.substr(0, question.request->url.find('?'));
    auto last = path.substr(path.rfind('/') + 1);
    return last == "self" ? "agent" : last == "services" ? "catalog" : last;
  }

  uint64_t close(const std::string& what) {
    REQUIRE(questions_.contains(what));
    auto tag = questions_.at(what).tag;
    questions_.erase(what);
    return tag;
  }

  void take(watch_actions actions) {
    for (auto& question : actions.questions) {
      auto what = what_of(question);
      REQUIRE_FALSE(questions_.contains(what));
      questions_.emplace(what, std::move(question));
    }
    for (const auto& alarm : actions.alarms) alarms_.emplace_back(now + alarm.delay.count(), alarm.tag);
    if (actions.found) updates_.push_back(*actions.found);
    failures += actions.failures.size();
  }

  std::map<std::string, fetch> questions_;
  std::vector<std::pair<int64_t, uint64_t>> alarms_;
  std::vector<update> updates_;
};

}  // namespace

TEST_CASE_METHOD(session_fixture, "the datacenter comes first, unless it is configured") {
  SECTION("configured") {
    start();
    CHECK(open() == texts{"catalog"});
    CHECK(parameter("catalog", "dc") == "dc1");
  }
  SECTION("asked for") {
    options.configuration.datacenter.clear();
    start();
    CHECK(open() == texts{"agent"});
    fail("agent");
    CHECK(failures == 1);
    CHECK(session->trouble() == "connection refused");
    advance(999ms);
    CHECK(open().empty());
    advance(1ms);
    answer("agent", R"({"Config": {"Datacenter": "dc9"}})", "");
    CHECK(session->trouble().empty());
    CHECK(open() == texts{"catalog"});
    CHECK(parameter("catalog", "dc").empty());
  }
}

TEST_CASE_METHOD(session_fixture, "nothing is passed on before every service has answered") {
  start();
  answer("catalog", R"({"a": [], "b": []})", "10");
  CHECK(open() == texts{"a", "b"});
  CHECK(found().empty());
  answer_instances("a", {"1", "2"}, "10");
  CHECK(found().empty());
  answer_instances("b", {"3"}, "10");
  CHECK(found() == texts{"all a:2 b:1"});
}

TEST_CASE_METHOD(session_fixture, "an empty catalog is complete at once") {
  start();
  answer("catalog", "{}", "10");
  CHECK(found() == texts{"all"});
}

TEST_CASE_METHOD(session_fixture, "a service that fails at first holds the others up only until then") {
  start();
  answer("catalog", R"({"a": [], "b": []})", "10");
  answer_instances("a", {"1"}, "10");
  fail("b");
  CHECK(found() == texts{"some a:1"});
  CHECK(session->trouble() == "service b: connection refused");
  advance(1s);
  answer_instances("b", {"2"}, "10");
  CHECK(found() == texts{"all a:1 b:1"});
  CHECK(session->trouble().empty());
}

TEST_CASE_METHOD(session_fixture, "named services are watched without a catalog") {
  options.configuration.services = {"b", "a", "b"};
  start();
  CHECK(open() == texts{"a", "b"});
  answer_instances("a", {}, "3");
  answer_instances("b", {"1"}, "3");
  CHECK(found() == texts{"all a:0 b:1"});
}

TEST_CASE_METHOD(session_fixture, "tags and names choose among the catalog") {
  options.configuration.services = {"a", "b"};
  options.configuration.tags = {"x"};
  start();
  answer("catalog", R"({"a": ["x"], "b": [], "c": ["x"]})", "10");
  CHECK(open() == texts{"a"});
}

TEST_CASE_METHOD(session_fixture, "a question is asked again after an interval, and then waits for a change") {
  options.configuration.services = {"a"};
  start();
  CHECK(parameter("a", "index").empty());
  CHECK(timeout("a") == 30s);
  answer_instances("a", {"1"}, "7");
  found();
  advance(29s);
  CHECK(open().empty());
  advance(1s);
  CHECK(parameter("a", "index") == "7");
  CHECK(parameter("a", "wait") == "120000ms");
  CHECK(timeout("a") > 120s + 7500ms);
  advance(90s);
  answer_instances("a", {"1", "2"}, "8");
  CHECK(found() == texts{"some a:2"});
  // The interval is over already.
  advance(0s);
  CHECK(parameter("a", "index") == "8");
}

TEST_CASE_METHOD(session_fixture, "an answer with the index that was known says nothing") {
  options.configuration.services = {"a"};
  start();
  answer_instances("a", {"1"}, "7");
  found();
  advance(30s);
  answer("a", "this is not even read", "7");
  CHECK(found().empty());
  CHECK(failures == 0);
}

TEST_CASE_METHOD(session_fixture, "a higher index with the same instances passes nothing on") {
  options.configuration.services = {"a"};
  start();
  answer_instances("a", {"1"}, "7");
  found();
  advance(30s);
  answer_instances("a", {"1"}, "9");
  CHECK(found().empty());
  advance(30s);
  CHECK(parameter("a", "index") == "9");
}

TEST_CASE_METHOD(session_fixture, "an index that goes backwards begins the watch anew, without losing the answer") {
  options.configuration.services = {"a"};
  start();
  answer_instances("a", {"1"}, "100");
  found();
  advance(30s);
  answer_instances("a", {"1", "2"}, "4");
  CHECK(found() == texts{"some a:2"});
  advance(30s);
  CHECK(parameter("a", "index").empty());
  answer_instances("a", {"1", "2"}, "4");
  advance(30s);
  CHECK(parameter("a", "index") == "4");
}

TEST_CASE_METHOD(session_fixture, "index 0 does not make a busy loop, and no index makes a poll") {
  options.configuration.services = {"a", "b"};
  start();
  answer_instances("a", {"1"}, "0");
  answer_instances("b", {"1"}, "");
  found();
  advance(30s);
  CHECK(parameter("a", "index") == "1");
  CHECK(parameter("b", "index").empty());
  answer_instances("b", {}, "");
  CHECK(found() == texts{"some b:0"});
}

TEST_CASE_METHOD(session_fixture, "services come and go with the catalog") {
  start();
  answer("catalog", R"({"a": [], "b": []})", "10");
  answer_instances("a", {"1"}, "10");
  answer_instances("b", {"2"}, "10");
  found();
  advance(30s);
  CHECK(open() == texts{"a", "b", "catalog"});
  answer("catalog", R"({"b": [], "c": []})", "11");
  CHECK(found() == texts{"some a:0"});
  CHECK(asks("c"));
  answer_instances("c", {"3"}, "11");
  CHECK(found() == texts{"some c:1"});
  // What was still asked about the service that is gone means nothing.
  answer_instances("a", {"1", "2"}, "12");
  CHECK(found().empty());
  advance(10min);
  CHECK_FALSE(asks("a"));
}

TEST_CASE_METHOD(session_fixture, "failures change nothing, and are retried later and later without waiting") {
  options.configuration.services = {"a"};
  start();
  answer_instances("a", {"1"}, "7");
  found();
  advance(30s);
  SECTION("no connection") { fail("a"); }
  SECTION("a status") { answer("a", "oops", "8", 500); }
  SECTION("nonsense") { answer("a", "[{", "8"); }
  SECTION("an index that is none") { answer("a", "[]", "x"); }
  CHECK(found().empty());
  CHECK(failures == 1);
  CHECK(options.metrics->consul.rpc_failures.Value() == 1);
  CHECK_FALSE(session->trouble().empty());
  for (auto delay : {1s, 2s, 4s, 8s, 15s, 15s}) {
    advance(delay - 1ms);
    CHECK_FALSE(asks("a"));
    advance(1ms);
    CHECK(parameter("a", "index").empty());
    fail("a");
  }
  advance(15s);
  answer_instances("a", {"1"}, "9");
  CHECK(session->trouble().empty());
  CHECK(found().empty());
  advance(30s);
  fail("a");
  advance(1s);
  CHECK(asks("a"));
}

TEST_CASE_METHOD(session_fixture,
                 "a service that changes all the time costs one answer per interval, and no other its wait") {
  options.configuration.services = {"calm", "wild"};
  start();
  answer_instances("calm", {"1"}, "7");
  answer_instances("wild", {"1"}, "7");
  found();
  size_t answers = 0;
  for (int second = 0; second < 300; ++second) {
    advance(1s);
    if (!asks("wild")) continue;
    ++answers;
    answer_instances("wild", texts(1 + answers % 2, "1"), std::to_string(100 + answers));
  }
  CHECK(answers == 10);
  CHECK(found().size() == 10);
  CHECK(asks("calm"));
  CHECK(parameter("calm", "index") == "7");
}

TEST_CASE_METHOD(session_fixture, "more services than may be asked at a time take turns that are short") {
  options.services_asked_max = 10;
  for (int i = 0; i < 30; ++i) options.configuration.services.push_back("s" + std::to_string(100 + i));
  start();
  CHECK(open().size() == 10);
  size_t answered = 0;
  while (!open().empty()) {
    answer_instances(open().front(), {"1"}, "7");
    ++answered;
  }
  CHECK(answered == 30);
  REQUIRE(found().size() == 1);
  advance(30s);
  CHECK(open().size() == 10);
  CHECK(parameter(open().front(), "wait") == "10000ms");
  // All have had their turn before anyone has the second.
  std::set<std::string> served;
  for (int i = 0; i < 30; ++i) {
    auto what = open().front();
    CHECK(served.insert(what).second);
    answer_instances(what, {"1"}, "7");
    advance(1s);
  }
}

TEST_CASE_METHOD(session_fixture, "a wall clock that is put back does not stop the watch") {
  options.configuration.services = {"a"};
  start();
  now -= 3'600'000;
  answer_instances("a", {"1"}, "7");
  advance(30s);
  CHECK(asks("a"));
}

TEST_CASE_METHOD(session_fixture, "durations are observed by call") {
  start();
  answer("catalog", R"({"a": []})", "10");
  answer_instances("a", {"1"}, "10");
  auto text = options.metrics->render();
  for (const char* call : {"service", "services"})
    CHECK_THAT(text, Catch::Contains("prometheus_sd_consul_rpc_duration_seconds_count{call=\"" + std::string(call) +
                                     "\",endpoint=\"catalog\"} 1"));
}
