#include "lib/cluster/election.hpp"

#include "lib/cluster/voter.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;

namespace {

constexpr int64_t wall = 1'700'000'000'000;
constexpr uint64_t wall_epoch = wall / 1000;
constexpr int64_t lease = 4000;
constexpr int64_t valid_for = lease * 3 / 4;
constexpr int64_t patience = lease / 2;
constexpr int64_t now = 1'000'000;
using kind = reception::kind;

election candidate(const std::string& name, std::vector<std::string> voters = {"a", "b", "c"}) {
  return election({name, name + ":9096", milliseconds(lease), std::move(voters)});
}

// A voter that comes to a candidate, is asked, promises and says so at once.
struct honest_voter {
  std::string name;
  voter side{0};

  reception greet(election& who, int64_t steady) {
    auto answer = who.receive(name, side.say(steady), steady, wall, 0);
    if (answer.what != kind::wait || side.consider(*answer.asked, steady) == consent::refused) return answer;
    return who.receive(name, side.say(steady), steady, wall, 0);
  }
};

struct polling_station {
  honest_voter a{"a"}, b{"b"}, c{"c"};
};

}  // namespace

TEST_CASE_METHOD(polling_station, "who is promised by more than half leads, in an epoch that is the time") {
  auto one = candidate("one");
  CHECK(a.greet(one, now).what == kind::wait);
  CHECK_FALSE(one.epoch_led(now));
  CHECK(b.greet(one, now + 100).what == kind::join);
  CHECK(one.epoch_led(now + 100) == wall_epoch);
  CHECK(a.greet(one, now + 200).what == kind::join);
  CHECK(c.greet(one, now + 300).what == kind::join);
}

TEST_CASE("a majority is more than half, of however many") {
  for (size_t count = 1; count <= 6; ++count) {
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
    auto one = candidate("one", names);
    size_t promised = 0;
    while (!one.epoch_led(now)) {
      REQUIRE(promised < count);
      honest_voter{names[promised++]}.greet(one, now);
    }
    CAPTURE(count);
    CHECK(2 * promised > count);
    CHECK(2 * (promised - 1) <= count);
  }
}

TEST_CASE_METHOD(polling_station, "one voter that says it again and again is one voter") {
  auto one = candidate("one");
  for (int i = 0; i < 10; ++i) a.greet(one, now + i);
  CHECK_FALSE(one.epoch_led(now + 10));
}

TEST_CASE_METHOD(polling_station, "it leads for three quarters of a lease from when it asked those of a majority") {
  auto one = candidate("one");
  a.greet(one, now);
  b.greet(one, now + 100);
  c.greet(one, now + 200);
  CHECK(one.leads_until() == now + 100 + valid_for);
  CHECK(one.epoch_led(now + 100 + valid_for - 1));
  CHECK_FALSE(one.epoch_led(now + 100 + valid_for));
}

TEST_CASE_METHOD(polling_station, "answers to what it sent renew promises, and nothing from the future does") {
  auto one = candidate("one");
  a.greet(one, now);
  b.greet(one, now);
  one.renew("a", now + 1000, now + 1100);
  CHECK(one.leads_until() == now + valid_for);
  one.renew("b", now + 900, now + 1100);
  CHECK(one.leads_until() == now + 900 + valid_for);
  one.renew("b", now + 500'000, now + 1100);
  one.renew("nobody", now + 1100, now + 1100);
  CHECK(one.leads_until() == now + 900 + valid_for);
  one.renew("c", now + 1050, now + 1100);
  CHECK(one.leads_until() == now + 1000 + valid_for);
}

TEST_CASE_METHOD(polling_station, "an epoch that is over does not come back") {
  auto one = candidate("one");
  a.greet(one, now);
  b.greet(one, now);
  auto later = now + valid_for;
  one.renew("a", later - 1, later);
  one.renew("b", later - 1, later);
  CHECK_FALSE(one.epoch_led(later));
  a.greet(one, later);
  b.greet(one, later);
  CHECK(one.epoch_led(later) == wall_epoch + 1);
}

TEST_CASE_METHOD(polling_station, "who is bound to another is sent away, and tells who leads") {
  auto one = candidate("one");
  auto other = candidate("other");
  a.greet(one, now);
  CHECK(a.greet(other, now + 1).what == kind::go_away);
  CHECK_FALSE(other.known_leader());
  a.side.serve(wall_epoch, now + 2);
  a.greet(other, now + 3);
  REQUIRE(other.known_leader());
  CHECK(other.known_leader()->address == "one:9096");
  CHECK(a.greet(other, now + 2 + lease).what == kind::wait);
}

TEST_CASE_METHOD(polling_station, "a candidate goes above what voters have promised to others") {
  auto failed = candidate("failed");
  failed.hear_of(wall_epoch + 6);
  a.greet(failed, now);
  auto one = candidate("one");
  auto first = a.greet(one, now + lease);
  CHECK(first.asked->epoch == wall_epoch + 8);
  CHECK(b.greet(one, now + lease).what == kind::join);
  CHECK(one.epoch_led(now + lease) == wall_epoch + 8);
}

TEST_CASE_METHOD(polling_station, "a leader takes a voter that has promised a later epoch to somebody who failed") {
  auto one = candidate("one");
  auto other = candidate("other");
  a.greet(one, now);
  b.greet(one, now);
  other.hear_of(wall_epoch + 10);
  c.greet(other, now);
  a.greet(one, now + valid_for - 1);
  b.greet(one, now + valid_for - 1);
  one.renew("a", now + valid_for - 1, now + valid_for - 1);
  one.renew("b", now + valid_for - 1, now + valid_for - 1);
  CHECK(c.greet(one, now + lease).what == kind::join);
  CHECK(one.epoch_led(now + lease) == wall_epoch);
}

TEST_CASE_METHOD(polling_station, "a leader that hears of one of a later epoch leads no more") {
  auto one = candidate("one");
  a.greet(one, now);
  b.greet(one, now);
  one.hear_of(wall_epoch);
  CHECK(one.epoch_led(now));
  one.hear_of(wall_epoch + 5);
  CHECK_FALSE(one.epoch_led(now));
  a.greet(one, now);
  b.greet(one, now);
  CHECK(one.epoch_led(now) == wall_epoch + 6);
}

TEST_CASE_METHOD(polling_station, "a candidate gives back what it was promised when too few promise") {
  auto one = candidate("one");
  auto other = candidate("other");
  a.greet(one, now);
  b.greet(other, now);
  CHECK_FALSE(one.despair(now + patience - 1));
  auto given_back = one.despair(now + patience);
  REQUIRE(given_back);
  a.side.release(*given_back);
  CHECK_FALSE(one.despair(now + patience));
  // What was promised before does not count any more.
  CHECK(one.receive("a", {candidacy{wall_epoch, "one", "", milliseconds(lease), now, false}, false, wall_epoch},
                    now + patience, wall, 0)
            .what == kind::wait);
  other.hear_of(wall_epoch);
  a.greet(other, now + patience);
  b.greet(other, now + patience);
  CHECK(other.epoch_led(now + patience));
  CHECK_FALSE(other.despair(now + patience + 1));
}

TEST_CASE_METHOD(polling_station,
                 "a candidacy counts promises for three quarters of a lease, then they are given anew") {
  auto one = candidate("one");
  auto first = one.receive("a", {}, now, wall, 0);
  REQUIRE(first.asked);
  CHECK(one.receive("a", {}, now + valid_for - 1, wall, 0).asked->epoch == first.asked->epoch);
  vote late{first.asked, true, first.asked->epoch};
  auto second = one.receive("a", late, now + valid_for, wall, 0);
  REQUIRE(second.asked);
  CHECK(second.asked->epoch == first.asked->epoch + 1);
}

TEST_CASE_METHOD(polling_station, "who has resigned asks for nothing, and gives back all that it was promised") {
  auto one = candidate("one");
  auto other = candidate("other");
  a.greet(one, now);
  b.greet(one, now);
  auto given_back = one.resign();
  REQUIRE(given_back);
  CHECK_FALSE(one.epoch_led(now));
  CHECK(c.greet(one, now).what == kind::go_away);
  other.hear_of(wall_epoch);
  for (auto* each : {&a, &b}) {
    each->side.release(*given_back);
    each->greet(other, now);
  }
  CHECK(other.epoch_led(now) == wall_epoch + 1);
  CHECK_FALSE(candidate("third").resign());
}

TEST_CASE("an epoch beyond the last one is nobody's") {
  auto one = candidate("one", {"a"});
  one.hear_of(epoch_max);
  CHECK(one.receive("a", {}, now, wall, 0).what == kind::go_away);
  auto other = candidate("other", {"a"});
  other.hear_of(epoch_max + 1);
  CHECK(other.receive("a", {}, now, wall, 0).what == kind::wait);
}
