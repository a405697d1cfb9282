#include "lib/targets/debounce.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

const debounce::time_point start{1000s};

// Changes come every `gap`, sending takes no time. Gives the times between the sends.
std::vector<std::chrono::milliseconds> storm(debounce& subject, std::chrono::milliseconds gap,
                                             std::chrono::milliseconds length) {
  std::vector<std::chrono::milliseconds> gaps;
  std::optional<debounce::time_point> due;
  auto last = start;
  for (auto now = start; now < start + length; now += gap) {
    if (due && *due <= now) {
      gaps.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(*due - last));
      last = *due;
      subject.on_sent(*due);
      due.reset();
    }
    if (auto next = subject.on_change(now)) due = next;
  }
  return gaps;
}

}  // namespace

TEST_CASE("a lone change is sent almost at once") {
  debounce subject;
  CHECK(subject.on_change(start) == start + 10ms);
  CHECK(subject.pending());
  subject.on_sent(start + 10ms);
  CHECK_FALSE(subject.pending());
}

TEST_CASE("changes that come while one waits are sent with it") {
  debounce subject;
  CHECK(subject.on_change(start).has_value());
  CHECK_FALSE(subject.on_change(start + 1ms).has_value());
  CHECK_FALSE(subject.on_change(start + 9ms).has_value());
  subject.on_sent(start + 10ms);
  CHECK(subject.on_change(start + 11ms) == start + 26ms);
}

TEST_CASE("in a storm the delays grow up to the maximum") {
  debounce subject;
  auto gaps = storm(subject, 1ms, 20s);
  REQUIRE(gaps.size() > 15);
  for (size_t i = 1; i < gaps.size(); ++i) CHECK(gaps[i] >= gaps[i - 1]);
  for (auto gap : gaps) CHECK(gap <= 251ms);
  CHECK(gaps.front() < 20ms);
  CHECK(gaps.back() >= 250ms);
  CHECK(gaps.size() < 100);  // 20,000 changes
}

TEST_CASE("after a quiet time the delay is short again") {
  debounce subject;
  storm(subject, 1ms, 20s);
  subject.on_sent(start + 20s);
  CHECK(subject.on_change(start + 21s) == start + 21s + 250ms);
  subject.on_sent(start + 22s);
  CHECK(subject.on_change(start + 24s) == start + 24s + 10ms);
}

TEST_CASE("the options set the delays") {
  debounce subject({100ms, 150ms, 10.0, 1s});
  CHECK(subject.on_change(start) == start + 100ms);
  subject.on_sent(start + 100ms);
  CHECK(subject.on_change(start + 200ms) == start + 350ms);
}
