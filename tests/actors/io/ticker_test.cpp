#include "actors/io/ticker.hpp"

#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

struct ticker_fixture : test::actor_fixture {
  ticker_fixture() { settle(); }

  ticker_actor ticker = adopt(spawn_ticker(system(), {process()}));

  static std::vector<int64_t> times(const std::vector<tick>& ticks) {
    std::vector<int64_t> result;
    for (const auto& each : ticks) result.push_back(each.scheduled);
    return result;
  }
};

}  // namespace

TEST_CASE_METHOD(ticker_fixture, "a sink hears a tick at every multiple of its interval plus its phase") {
  auto sink = spawn_probe<tick_sink_actor>();
  wall_clock_base += 100;
  tell(ticker, schedule{sink, 15s, 2s});
  advance(30s);
  int64_t start = 1'700'000'000'000;  // a multiple of 5 s, 5 s after one of 15 s
  CHECK(times(sink.take<tick>()) == std::vector<int64_t>{start + 12'000, start + 27'000});
  advance(15s);
  CHECK(times(sink.take<tick>()) == std::vector<int64_t>{start + 42'000});
}

TEST_CASE_METHOD(ticker_fixture, "a sink that is not scheduled any more, or has ended, hears nothing") {
  auto first = spawn_probe<tick_sink_actor>();
  auto second = spawn_probe<tick_sink_actor>();
  auto third = spawn_probe<tick_sink_actor>();
  tell(ticker, schedule{first, 1s, 0s});
  tell(ticker, schedule{second, 1s, 0s});
  tell(ticker, schedule{third, 1s, 500ms});
  advance(1s);
  CHECK(first.take<tick>().size() == 1);
  tell(ticker, unschedule{first});
  stop(second.handle());
  advance(10s);
  CHECK(first.take<tick>().empty());
  CHECK(second.take<tick>().size() == 1);
  CHECK(third.take<tick>().size() == 11);
}

TEST_CASE_METHOD(ticker_fixture, "a new schedule replaces the old one") {
  auto sink = spawn_probe<tick_sink_actor>();
  tell(ticker, schedule{sink, 10s, 0s});
  tell(ticker, schedule{sink, 1s, 0s});
  advance(10s);
  CHECK(sink.take<tick>().size() == 10);
}

TEST_CASE_METHOD(ticker_fixture, "an earlier schedule does not wait for a later one that came first") {
  auto late = spawn_probe<tick_sink_actor>();
  auto early = spawn_probe<tick_sink_actor>();
  tell(ticker, schedule{late, 1h, 0s});
  tell(ticker, schedule{early, 100ms, 0s});
  advance(1s);
  CHECK(early.take<tick>().size() == 10);
  CHECK(late.take<tick>().empty());
}

TEST_CASE_METHOD(ticker_fixture, "ticks that were missed while the clock jumped ahead are skipped") {
  auto sink = spawn_probe<tick_sink_actor>();
  tell(ticker, schedule{sink, 1s, 0s});
  advance(2s);
  sink.take<tick>();
  wall_clock_base += 3'600'000;
  advance(3s);
  CHECK(sink.take<tick>().size() <= 4);
}

TEST_CASE_METHOD(ticker_fixture, "ticks go on when the wall clock is set back") {
  auto sink = spawn_probe<tick_sink_actor>();
  tell(ticker, schedule{sink, 1s, 0s});
  advance(2s);
  sink.take<tick>();
  wall_clock_base -= 3'600'000;
  advance(5s);
  CHECK(sink.take<tick>().size() >= 4);
}
