#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;
using test::actor_fixture;

namespace {

struct repeater_state : act::state_base {
  static inline const char* name = "repeater";
};

struct nudge {
  int64_t count = 0;
};

}  // namespace

ACT_PRIVATE_MESSAGE(nudge)

namespace {

using repeater_actor = act::handle<void(nudge)>;

/// Tells its sink how often it woke, every ten seconds.
repeater_actor::behavior_type repeater(act::self_ptr<repeater_actor, repeater_state> self, tick_sink_actor sink) {
  act::tell_self_after(self, 10s, nudge{1});
  return {[=](const nudge& due) {
    if (due.count == 4) throw std::runtime_error("four is too much");
    act::tell(sink, tick{due.count});
    act::tell_self_after(self, 10s, nudge{due.count + 1});
  }};
}

}  // namespace

TEST_CASE_METHOD(actor_fixture, "timers that are set by timers fire within one advance, each at its moment") {
  auto sink = spawn_probe<tick_sink_actor>();
  auto actor = adopt(system().spawn(repeater, sink.handle()));
  advance(9s);
  CHECK(sink.received<tick>().empty());
  advance(1s);
  CHECK(sink.received<tick>() == std::vector<tick>{{1}});
  const auto before = wall_clock();
  advance(25s);
  CHECK(wall_clock() == before + 25'000);
  CHECK(sink.take<tick>() == std::vector<tick>{{1}, {2}, {3}});
  CHECK(sink.received<tick>().empty());
}

TEST_CASE_METHOD(actor_fixture, "the end of an actor can be watched") {
  auto sink = spawn_probe<tick_sink_actor>();
  auto crashing = adopt(system().spawn(repeater, sink.handle()));
  auto stopped = adopt(system().spawn(repeater, sink.handle()));
  auto crash = watch(crashing);
  auto end = watch(stopped);
  stop(stopped);
  CHECK(end.ended());
  CHECK(end.error().empty());
  CHECK_FALSE(crash.ended());
}

TEST_CASE_METHOD(actor_fixture, "a probe notes questions and gives scripted answers") {
  auto client = spawn_probe<http_client_actor>();
  CHECK(ask<http_client_status>(client.handle(), get_http_client_status{}) == http_client_status{});
  client.answer_with<get_http_client_status, http_client_status>(
      [](const get_http_client_status&) { return http_client_status{7, 1, 2, 3}; });
  CHECK(ask<http_client_status>(client.handle(), get_http_client_status{}).requests == 7);
  CHECK(client.received<get_http_client_status>().size() == 2);
  tell(client.handle(), fetch{});
  CHECK(client.received<fetch>().size() == 1);
}

TEST_CASE_METHOD(actor_fixture, "asking an actor that ended is an error") {
  auto client = spawn_probe<http_client_actor>();
  stop(client.handle());
  CHECK_THROWS(ask<http_client_status>(client.handle(), get_http_client_status{}));
}
