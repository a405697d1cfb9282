#include "lib/cluster/protocol.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;

namespace {

opaque bytes(const char* text) { return std::make_shared<const std::string>(text); }

loop_plan plan() { return {7, milliseconds(15'000), milliseconds(300), 9, bytes("what the loop needs")}; }

std::vector<directive> every_directive() {
  return {define{9, bytes("settings")},
          run{1, 1'700'000'000'300, estate::awaited, plan()},
          change{1, plan()},
          yield{1, milliseconds(1500)},
          bequeath{1, std::string("\0\xff", 2)},
          retire{1, 2},
          disown{3},
          configure{bytes("where to deliver")},
          dismiss{}};
}

std::vector<notice> every_notice() {
  return {yielding{1, 1'700'000'015'300}, yielded{1, "what it knew"}, observed{1, "status"}, leaving{},
          copied{2, "what it knows"}};
}

template <class Item>
std::string encoded(const std::vector<Item>& items) {
  std::string all;
  for (const auto& each : items) append(all, each);
  return all;
}

}  // namespace

TEST_CASE("directives and notices come back as they were sent") {
  CHECK(decode_directives(encoded(every_directive())) == every_directive());
  CHECK(decode_notices(encoded(every_notice())) == every_notice());
  CHECK(decode_notices("")->empty());
}

TEST_CASE("introductions and acceptances come back as they were sent") {
  introduction words{11,  3, 5, 8, {{1, 7, digest(plan()), 0}, {2, 8, 99, 1'700'000'000'000}, {3, 9, 98, 0, true}},
                     true};
  CHECK(decode_introduction(encode(words)) == words);
  acceptance answer{3, 5, 9, milliseconds(4000), {1, 2}, true};
  CHECK(decode_acceptance(encode(answer)) == answer);
}

TEST_CASE("nothing is taken of items that are cut off") {
  auto whole = encoded(every_directive());
  auto last = encoded(std::vector<directive>{dismiss{}});
  for (size_t size = 0; size < whole.size() - last.size(); ++size) {
    auto read = decode_directives(whole.substr(0, size));
    CHECK((!read || read->size() < every_directive().size() - 1));
  }
}

TEST_CASE("a loop whose ticks cannot be is refused") {
  auto never = plan();
  never.interval = milliseconds(0);
  CHECK_FALSE(decode_directives(encoded(std::vector<directive>{run{1, 0, estate::none, never}})));
  auto beyond = plan();
  beyond.phase = beyond.interval;
  CHECK_FALSE(decode_directives(encoded(std::vector<directive>{change{1, beyond}})));
}

TEST_CASE("plans that differ anywhere have other digests") {
  auto other = plan();
  CHECK(digest(other) == digest(plan()));
  other.phase = milliseconds(301);
  CHECK(digest(other) != digest(plan()));
}
