#include "actors/write/outbox.hpp"

#include "tests/fakes/memory_store.hpp"
#include "tests/lib/remote_write/made_batch.hpp"

#include <catch2/catch.hpp>

/// When what has been begun is handed over to the journal. All times are the test's own.
namespace rollcall {

namespace {

using namespace std::chrono_literals;

constexpr int64_t wall_now = 1'700'000'000'000;

environment still_environment() {
  return {[] { return wall_now; }, [] { return 0.5; }, std::make_shared<telemetry>()};
}

// An outbox with a store that has been opened.
class outbox_fixture {
 public:
  outbox_fixture() : out(settings(), bounds(queue::durability::stored), process) { work(); }

  static write_settings_ptr settings() {
    write_settings made;
    made.config.name = "main";
    made.config.url = "http://receiver/write";
    made.config.queue_config.max_samples_per_send = 5'000;
    return std::make_shared<const write_settings>(std::move(made));
  }
  static outbox_bounds bounds(queue::durability durability) {
    outbox_bounds made;
    made.unnoted_max = 50ms;
    made.durable.durability = durability;
    return made;
  }

  void take(size_t samples, milliseconds now) { out.take(*test::plain_batch(1, wall_now, samples), now, wall_now); }
  // Does what the store is to do.
  void work() {
    while (auto wanted = out.queue().take_work(1h, wall_now)) {
      auto answer = queue::perform(store, out.queue_name(), *wanted);
      out.queue().work_done(answer, 1h, wall_now);
    }
  }
  queue::journal_note note() { return out.queue().take_note().value_or(queue::journal_note{}); }

  environment process = still_environment();
  test::memory_store store;
  outbox out;
};

uint64_t samples_of(const queue::journal_note& note) {
  uint64_t sum = 0;
  for (const auto& each : note.added) sum += each->request.samples;
  return sum;
}

}  // namespace

TEST_CASE_METHOD(outbox_fixture, "what has been begun is drafted a while after it came, and not before more comes") {
  CHECK_FALSE(out.draft_due());
  take(10, 1000ms);
  CHECK(out.draft_due() == 1050ms);
  take(10, 1040ms);
  CHECK(out.draft_due() == 1050ms);
  out.draft(wall_now);
  CHECK_FALSE(out.draft_due());
  take(10, 2000ms);
  CHECK(out.draft_due() == 2050ms);
}

TEST_CASE_METHOD(outbox_fixture, "the more has been begun, the longer it may wait, as all of it is drafted anew") {
  take(1'999, 0ms);
  CHECK(out.draft_due() == 50ms);
  out.draft(wall_now);
  take(1, 100ms);
  CHECK(out.draft_due() == 100ms + 2 * 50ms);
  out.draft(wall_now);
  take(2'500, 1000ms);
  CHECK(out.draft_due() == 1000ms + 3 * 50ms);
}

TEST_CASE_METHOD(outbox_fixture, "each draft has all that was begun, and takes the place of the one before") {
  take(10, 0ms);
  out.draft(wall_now);
  auto first = note();
  REQUIRE(first.added.size() == 1);
  CHECK(samples_of(first) == 10);
  CHECK(first.finished.empty());
  take(5, 100ms);
  out.draft(wall_now);
  auto second = note();
  REQUIRE(second.added.size() == 1);
  CHECK(samples_of(second) == 15);
  CHECK(second.finished == std::vector<uint64_t>{first.added[0]->sequence});
  CHECK(second.needed_from <= second.added[0]->sequence);
}

TEST_CASE_METHOD(outbox_fixture, "a request takes the place of its draft, and nothing is left to be drafted") {
  take(10, 0ms);
  out.draft(wall_now);
  auto drafted = note();
  take(5, 10ms);
  out.cut(wall_now);
  CHECK_FALSE(out.draft_due());
  auto cut = note();
  REQUIRE(cut.added.size() == 1);
  CHECK(samples_of(cut) == 15);
  CHECK(cut.finished == std::vector<uint64_t>{drafted.added.at(0)->sequence});
  out.draft(wall_now);
  CHECK(note().added.empty());
}

TEST_CASE_METHOD(outbox_fixture, "a request that became full needs no draft, what came behind it does") {
  take(4'000, 0ms);
  CHECK(out.draft_due() == 3 * 50ms);
  take(1'000, 10ms);
  CHECK_FALSE(out.draft_due());
  CHECK(samples_of(note()) == 5'000);
  take(6'000, 20ms);
  CHECK(out.draft_due() == 20ms + 50ms);
}

TEST_CASE("without a store nothing is drafted") {
  auto process = still_environment();
  outbox out(outbox_fixture::settings(), outbox_fixture::bounds(queue::durability::none), process);
  out.take(*test::plain_batch(1, wall_now, 10), 0ms, wall_now);
  CHECK_FALSE(out.draft_due());
}

TEST_CASE("until a store is open nothing is noted, and what was queued meanwhile is noted then") {
  auto process = still_environment();
  outbox out(outbox_fixture::settings(), outbox_fixture::bounds(queue::durability::stored), process);
  out.take(*test::plain_batch(1, wall_now, 10), 0ms, wall_now);
  out.draft(wall_now);
  out.cut(wall_now);
  CHECK_FALSE(out.queue().take_note());
  test::memory_store store;
  auto opening = out.queue().take_work(0ms, wall_now);
  REQUIRE(opening);
  auto answer = queue::perform(store, out.queue_name(), *opening);
  out.queue().work_done(answer, 0ms, wall_now);
  auto note = out.queue().take_note();
  REQUIRE(note);
  CHECK(samples_of(*note) == 10);
}

}  // namespace rollcall
