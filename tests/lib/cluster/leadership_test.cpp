#include "lib/cluster/leadership.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;

namespace {

constexpr int64_t wall = 1'700'000'000'000;
constexpr int64_t lease = 4000;
constexpr int64_t valid_for = lease * 3 / 4;

leadership contender(const std::string& name) { return leadership({name, name + ":9096", milliseconds(lease)}); }

// An arbiter that answers at once.
struct honest_arbiter {
  register_content content;
  int version = 0;

  void answer(leadership& who, const leadership::step& step, int64_t steady) {
    const auto* asked = std::get_if<leadership::write>(&step);
    if (!asked) return who.on_content(content, steady);
    if (asked->expected != content.version) return who.on_outcome({}, steady);
    content = {std::to_string(++version), asked->wanted};
    who.on_outcome({true, content.version}, steady);
  }

  // All that it does at this moment.
  void serve(leadership& who, int64_t steady) {
    while (auto step = who.next(steady, wall)) answer(who, *step, steady);
  }
};

}  // namespace

TEST_CASE("the first one leads, in an epoch that is the time, and whoever comes later waits") {
  honest_arbiter arbiter;
  auto one = contender("one");
  auto other = contender("other");
  arbiter.serve(one, 0);
  arbiter.serve(other, 0);
  CHECK(one.epoch_led(1) == wall / 1000);
  CHECK_FALSE(other.epoch_led(1));
  CHECK(other.known()->address == "one:9096");
  for (int64_t now = 0; now < 10 * lease; now += 100) {
    arbiter.serve(one, now);
    arbiter.serve(other, now);
    CHECK(one.epoch_led(now) == wall / 1000);
  }
}

TEST_CASE("who is not renewed leads no more before another one does, and in a higher epoch") {
  honest_arbiter arbiter;
  auto gone = contender("gone");
  auto next = contender("next");
  arbiter.serve(gone, 0);
  int64_t now = 0;
  for (; !next.epoch_led(now); now += 100) arbiter.serve(next, now);
  CHECK(now >= lease);
  CHECK(now <= lease + lease / 4 + 200);
  CHECK(gone.epoch_led(valid_for - 1));
  CHECK_FALSE(gone.epoch_led(valid_for));
  CHECK(next.epoch_led(now) == wall / 1000 + 1);
  // It learns of that before anything else, and waits from then on.
  arbiter.serve(gone, now);
  CHECK_FALSE(gone.epoch_led(now));
  CHECK(gone.known()->holder == "next");
}

TEST_CASE("a renewal counts from when it was asked for, not from when the arbiter answered") {
  honest_arbiter arbiter;
  auto slow = contender("slow");
  auto first = *slow.next(0, wall);
  arbiter.answer(slow, first, 0);
  auto taking = *slow.next(0, wall);
  CHECK_FALSE(slow.next(900, wall));
  arbiter.answer(slow, taking, 900);
  CHECK(slow.epoch_led(valid_for - 1));
  CHECK_FALSE(slow.epoch_led(valid_for));
}

TEST_CASE("a renewal whose answer is lost is found out about, and costs no epoch") {
  honest_arbiter arbiter;
  auto leader = contender("leader");
  arbiter.serve(leader, 0);
  auto renewal = *leader.next(1000, wall);
  arbiter.content = {"lost", std::get<leadership::write>(renewal).wanted};
  leader.on_failure();
  arbiter.serve(leader, 2000);
  CHECK(leader.epoch_led(2000 + valid_for - 1) == wall / 1000);
  CHECK(arbiter.content.held->renewals == 2);
}

TEST_CASE("what an arbiter that was away says unchanged was so all the time") {
  honest_arbiter arbiter;
  auto gone = contender("gone");
  auto next = contender("next");
  arbiter.serve(gone, 0);
  arbiter.serve(next, 0);
  for (int64_t now = 1000; now < 2 * lease; now += 1000) {
    if (next.next(now, wall)) next.on_failure();
  }
  arbiter.serve(next, 2 * lease);
  CHECK(next.epoch_led(2 * lease));
}

TEST_CASE("a leader that was away for too long leads again in another epoch, even if nobody else did") {
  honest_arbiter arbiter;
  auto leader = contender("leader");
  arbiter.serve(leader, 0);
  CHECK_FALSE(leader.epoch_led(10 * lease));
  arbiter.serve(leader, 10 * lease);
  CHECK(leader.epoch_led(10 * lease) == wall / 1000 + 1);
}

TEST_CASE("who resigns is followed without a wait") {
  honest_arbiter arbiter;
  auto leader = contender("leader");
  auto next = contender("next");
  arbiter.serve(leader, 0);
  arbiter.serve(next, 0);
  leader.resign();
  CHECK(leader.is_resigning());
  CHECK_FALSE(leader.epoch_led(1));
  auto step = leader.next(1, wall);
  REQUIRE(step);
  arbiter.answer(leader, *step, 1);
  CHECK_FALSE(leader.is_resigning());
  arbiter.serve(next, 1000);
  CHECK(next.epoch_led(1000) == wall / 1000 + 1);
}

TEST_CASE("an epoch that a worker has heard of is surpassed") {
  honest_arbiter arbiter;
  auto leader = contender("leader");
  arbiter.serve(leader, 0);
  constexpr uint64_t heard = 2'000'000'000;
  leader.hear_of(heard);
  CHECK_FALSE(leader.epoch_led(1));
  // Nobody ever led in one that is out of bounds.
  leader.hear_of(epoch_max);
  arbiter.serve(leader, 1000);
  CHECK(leader.epoch_led(1000) == heard + 1);
}

TEST_CASE("of two who find the place free at the same time one gets it") {
  honest_arbiter arbiter;
  auto one = contender("one");
  auto other = contender("other");
  arbiter.answer(one, *one.next(0, wall), 0);
  arbiter.answer(other, *other.next(0, wall), 0);
  arbiter.answer(one, *one.next(0, wall), 0);
  arbiter.answer(other, *other.next(0, wall), 0);
  CHECK(one.epoch_led(0));
  CHECK_FALSE(other.epoch_led(0));
  arbiter.serve(other, 0);
  CHECK(other.known()->holder == "one");
}
