#include "lib/cluster/voter.hpp"

#include "lib/cluster/mandate.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;

namespace {

constexpr int64_t lease = 4000;
// A voter that was started long ago.
constexpr int64_t now = 1'000'000;

candidacy of(const std::string& holder, uint64_t epoch) {
  return {epoch, holder, holder + ":9096", milliseconds(lease), 17, false};
}

candidacy of_leader(const std::string& holder, uint64_t epoch) {
  auto asked = of(holder, epoch);
  asked.is_elected = true;
  return asked;
}

}  // namespace

TEST_CASE("a voter that was just started promises nothing for one and a half leases") {
  voter who(now);
  CHECK(who.say(now) == vote{});
  CHECK(who.consider(of("one", 10), now + lease * 3 / 2 - 1) == consent::refused);
  CHECK(who.consider(of("one", 10), now + lease * 3 / 2) == consent::given);
}

TEST_CASE("a promise is for one candidate until a lease is over, and is echoed as it was asked for") {
  voter who(0);
  CHECK(who.consider(of("one", 10), now) == consent::given);
  CHECK(who.say(now) == vote{of("one", 10), true, 10});
  CHECK(who.consider(of("other", 11), now + lease - 1) == consent::refused);
  CHECK(who.say(now + lease) == vote{of("one", 10), false, 10});
  CHECK(who.consider(of("other", 11), now + lease) == consent::given);
  CHECK(who.say(now + lease) == vote{of("other", 11), true, 11});
}

TEST_CASE("the same candidate may ask again, in the same epoch or a later one") {
  voter who(0);
  who.consider(of("one", 10), now);
  CHECK(who.consider(of("one", 10), now + 100) == consent::renewed);
  CHECK(who.say(now + lease + 99).is_binding);
  CHECK_FALSE(who.say(now + lease + 100).is_binding);
  CHECK(who.consider(of("one", 10), now + 2 * lease) == consent::given);
  CHECK(who.consider(of("one", 12), now + 2 * lease) == consent::given);
  CHECK(who.consider(of("one", 11), now + 2 * lease) == consent::refused);
}

TEST_CASE("nobody is promised an epoch that was promised before, or an earlier one") {
  voter who(0);
  who.consider(of("one", 10), now);
  CHECK(who.consider(of("other", 10), now + lease) == consent::refused);
  CHECK(who.consider(of("other", 9), now + lease) == consent::refused);
  CHECK(who.say(now + lease).heard == 10);
}

TEST_CASE("a leader that goes on leading is promised an earlier epoch than that of a candidate that failed") {
  voter who(0);
  who.consider(of("candidate", 12), now);
  CHECK(who.consider(of_leader("leader", 10), now + lease - 1) == consent::refused);
  CHECK(who.consider(of_leader("leader", 10), now + lease) == consent::given);
  CHECK(who.say(now + lease).heard == 12);
  SECTION("but not one that is earlier than that of another leader") {
    who.serve(10, now + lease);
    CHECK(who.consider(of_leader("stale", 9), now + 3 * lease) == consent::refused);
  }
}

TEST_CASE("serving a leader makes its promise last, and nobody else's") {
  voter who(0);
  who.consider(of("one", 10), now);
  who.serve(9, now + 100);
  CHECK_FALSE(who.say(now + lease).is_binding);
  who.serve(10, now + 200);
  CHECK(who.say(now + lease + 199).is_binding);
  CHECK(who.say(now + lease).promised->is_elected);
  CHECK_FALSE(who.say(now + lease + 200).is_binding);
}

TEST_CASE("what is given back binds no more, but later promises do") {
  voter who(0);
  who.consider(of("one", 10), now);
  who.release(of("other", 20));
  CHECK(who.say(now).is_binding);
  who.release(of("one", 10));
  CHECK_FALSE(who.say(now).is_binding);
  CHECK(who.consider(of("one", 12), now) == consent::given);
  who.release(of("one", 11));
  CHECK(who.say(now).is_binding);
  CHECK(who.consider(of("other", 13), now) == consent::refused);
}

TEST_CASE("what voters and candidates say is read as it was written, and nothing else is") {
  auto asked = of_leader("one", epoch_max);
  asked.stamp = -1;
  CHECK(decode_candidacy(encode(asked)) == asked);
  for (const auto& said : {vote{}, vote{asked, true, 7}, vote{asked, false, epoch_max}})
    CHECK(decode_vote(encode(said)) == said);
  CHECK_FALSE(decode_candidacy(""));
  CHECK_FALSE(decode_candidacy(encode(asked) + "?"));
  auto is_refused = [](auto break_it) {
    auto broken = of("one", 10);
    break_it(broken);
    return !decode_candidacy(encode(broken));
  };
  CHECK(is_refused([](candidacy& each) { each.epoch = 0; }));
  CHECK(is_refused([](candidacy& each) { each.epoch = epoch_max + 1; }));
  CHECK(is_refused([](candidacy& each) { each.holder.clear(); }));
  CHECK(is_refused([](candidacy& each) { each.address.assign(candidate_text_bytes_max + 1, 'a'); }));
  CHECK(is_refused([](candidacy& each) { each.lease = milliseconds(0); }));
  CHECK(is_refused([](candidacy& each) { each.lease = promise_max + milliseconds(1); }));
  CHECK_FALSE(decode_vote(encode(vote{std::nullopt, true, 0})));
  CHECK_FALSE(decode_vote(encode(vote{asked, true, epoch_max + 1})));
}
