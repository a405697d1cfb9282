#include "actors/io/dns_resolver.hpp"

#include "tests/support/actor_system.hpp"
#include "tests/support/dns_server.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace rollcall;
using namespace std::chrono_literals;
using dns::record_type;
using test::dns_question;
using test::dns_reply;

namespace {

using texts = std::vector<std::string>;

dns_reply addresses(const texts& hosts) {
  dns_reply reply;
  for (const auto& host : hosts) {
    ++reply.answers;
    reply.records += test::dns_server::record(1, host);
  }
  return reply;
}

const std::string ten_one("\x0a\0\0\x01", 4);

dns_reply no_such_name() { return {.code = 3}; }
dns_reply nothing() { return {}; }
dns_reply refused() { return {.code = 5}; }

struct resolver_fixture {
  ~resolver_fixture() { std::filesystem::remove(options.resolv_conf); }

  /// Has the resolver know these servers, of which the first is the test's own, on its port.
  void start(const std::string& conf) {
    options.resolv_conf =
        (std::filesystem::temp_directory_path() / ("rollcall-resolv-" + std::to_string(::getpid()))).string();
    options.port = server.port();
    configure(conf);
    resolver = system.adopt(spawn_dns_resolver(system.system(), options));
  }
  void configure(const std::string& conf) const { std::ofstream(options.resolv_conf) << conf; }

  void ask(const std::string& name, record_type type = record_type::a) {
    act::tell(resolver, look_up{name, type, ++asked, sink.handle()});
  }
  looked_up look(const std::string& name, record_type type = record_type::a) {
    ask(name, type);
    REQUIRE(sink.wait_for<looked_up>(asked));
    auto answer = sink.received<looked_up>().back();
    REQUIRE(answer.tag == asked);
    return answer;
  }
  texts names_asked() const {
    texts names;
    for (const auto& each : server.questions()) names.push_back(each.name);
    return names;
  }

  std::function<dns_reply(const dns_question&)> play = [](const dns_question&) { return addresses({ten_one}); };
  std::mutex mutex;
  test::dns_server server{[this](const dns_question& question) {
    std::lock_guard lock(mutex);
    return play(question);
  }};
  dns_options options;
  test::threaded_system system;
  test::probe<lookup_sink_actor> sink = system.spawn_probe<lookup_sink_actor>();
  dns_resolver_actor resolver;
  uint64_t asked = 0;
};

const std::string alone = "nameserver 127.0.0.1\n";

}  // namespace

TEST_CASE_METHOD(resolver_fixture, "the records of a name are found, asked for once over UDP with EDNS0") {
  start(alone);
  auto answer = look("host.example");
  CHECK(answer.error.empty());
  CHECK(answer.records == std::vector<dns::record>{{record_type::a, "10.0.0.1", 0}});
  auto questions = server.questions();
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].name == "host.example.");
  CHECK(questions[0].type == 1);
  CHECK(questions[0].has_edns);
  CHECK_FALSE(questions[0].over_tcp);
}

TEST_CASE_METHOD(resolver_fixture, "every type is asked for by its number") {
  play = [](const dns_question&) { return nothing(); };
  start(alone);
  for (auto type : {record_type::a, record_type::aaaa, record_type::srv, record_type::mx, record_type::ns}) {
    look("n", type);
    CHECK(server.questions().back().type == static_cast<uint16_t>(type));
  }
}

TEST_CASE_METHOD(resolver_fixture, "a truncated answer is asked for again over TCP") {
  play = [](const dns_question& question) -> dns_reply {
    if (!question.over_tcp) return {.truncated = true};
    return addresses(texts(1000, ten_one));
  };
  start(alone);
  CHECK(look("host.example").records.size() == 1000);
  CHECK(server.questions().size() == 2);
}

TEST_CASE_METHOD(resolver_fixture, "that there is no such name, or that it has no such records, is an answer") {
  auto reply = GENERATE(no_such_name(), nothing());
  play = [&](const dns_question&) { return reply; };
  start(alone);
  auto answer = look("host.example");
  CHECK(answer.error.empty());
  CHECK(answer.records.empty());
}

TEST_CASE_METHOD(resolver_fixture, "a server that refuses, fails or makes no sense is no answer") {
  auto reply = GENERATE(refused(), dns_reply{.code = 2}, dns_reply{.answers = 1, .records = "nonsense"});
  play = [&](const dns_question&) { return reply; };
  start(alone);
  CHECK_THAT(look("host.example").error,
             Catch::StartsWith("could not resolve \"host.example\": all servers responded with errors"));
}

TEST_CASE_METHOD(resolver_fixture, "the search list is gone through until a name is there") {
  play = [](const dns_question& question) {
    return question.name == "host.b.example." ? addresses({ten_one}) : no_such_name();
  };
  start(alone + "search a.example b.example c.example\n");
  CHECK(look("host").records.size() == 1);
  CHECK(names_asked() == texts{"host.a.example.", "host.b.example."});
}

TEST_CASE_METHOD(resolver_fixture, "a name that is there without records ends the search") {
  play = [](const dns_question& question) { return question.name == "host." ? addresses({ten_one}) : nothing(); };
  start(alone + "search a.example\n");
  CHECK(look("host").records.empty());
  CHECK(names_asked() == texts{"host.a.example."});
}

TEST_CASE_METHOD(resolver_fixture, "a name of the search list that nobody knows about leaves it open what there is") {
  play = [](const dns_question& question) { return question.name == "host." ? no_such_name() : refused(); };
  start(alone + "search a.example\n");
  CHECK_FALSE(look("host").error.empty());
  CHECK(names_asked() == texts{"host.a.example.", "host."});
}

TEST_CASE_METHOD(resolver_fixture, "a server that is not there, refuses or is silent passes the question on") {
  options.attempt_timeout = 50ms;
  auto reply = GENERATE(refused(), dns_reply{.silent = true});
  test::dns_server first([&](const dns_question&) { return reply; }, "127.0.0.2", server.port());
  start("nameserver 127.0.0.3\nnameserver 127.0.0.2\nnameserver 127.0.0.1\n");
  CHECK(look("host.example").records.size() == 1);
  CHECK(first.questions().size() == 1);
}

TEST_CASE_METHOD(resolver_fixture, "a server that knows of no such name is believed, and no other is asked") {
  test::dns_server first([](const dns_question&) { return no_such_name(); }, "127.0.0.2", server.port());
  start("nameserver 127.0.0.2\nnameserver 127.0.0.1\n");
  auto answer = look("host.example");
  CHECK(answer.error.empty());
  CHECK(answer.records.empty());
  CHECK(server.questions().empty());
}

TEST_CASE_METHOD(resolver_fixture, "silence is an error when the time is over") {
  options.attempt_timeout = 50ms;
  play = [](const dns_question&) { return dns_reply{.silent = true}; };
  start(alone);
  CHECK_THAT(look("host.example").error, Catch::Contains("Timeout"));
  CHECK(server.questions().size() == 1);
}

TEST_CASE_METHOD(resolver_fixture, "a name that is none is an error, and nobody is asked") {
  start(alone);
  CHECK_FALSE(look("a..b").error.empty());
  CHECK_FALSE(look(std::string(64, 'x')).error.empty());
  CHECK(server.questions().empty());
}

TEST_CASE_METHOD(resolver_fixture, "resolv.conf is read again for every lookup") {
  start("nameserver nonsense\n");
  CHECK_THAT(look("host.example").error, Catch::Contains("names no server"));
  configure(alone);
  CHECK(look("host.example").error.empty());
  std::filesystem::remove(options.resolv_conf);
  CHECK_THAT(look("host.example").error, Catch::Contains("could not load"));
}

TEST_CASE_METHOD(resolver_fixture, "more lookups than may go on at the same time are all answered") {
  options.in_flight_max = 3;
  start(alone);
  for (int i = 0; i < 100; ++i) ask("host" + std::to_string(i) + ".example");
  REQUIRE(sink.wait_for<looked_up>(100));
  std::set<uint64_t> tags;
  for (const auto& each : sink.received<looked_up>()) {
    CHECK(each.records.size() == 1);
    tags.insert(each.tag);
  }
  CHECK(tags.size() == 100);
}

TEST_CASE_METHOD(resolver_fixture, "what is not answered when it ends is answered with an error") {
  play = [](const dns_question&) { return dns_reply{.silent = true}; };
  options.in_flight_max = 1;
  options.attempt_timeout = 1h;
  start(alone);
  ask("one.example");
  ask("two.example");
  act::stop(resolver);
  REQUIRE(sink.wait_for<looked_up>(2));
  for (const auto& each : sink.received<looked_up>()) CHECK(each.error == "the DNS resolver was stopped");
}

TEST_CASE_METHOD(resolver_fixture, "a thread that fails answers what it had, and takes the actor along") {
  std::atomic<bool> strike{false};
  options.before_round = [&] {
    if (strike) throw std::runtime_error("struck");
  };
  play = [](const dns_question&) { return dns_reply{.silent = true}; };
  options.attempt_timeout = 1h;
  start(alone);
  auto end = system.watch(resolver);
  strike = true;
  ask("one.example");
  REQUIRE(sink.wait_for<looked_up>(1));
  CHECK(sink.received<looked_up>()[0].error == "the DNS resolver failed: struck");
  REQUIRE(end.wait());
  CHECK_THAT(end.error(), Catch::Contains("struck"));
}
