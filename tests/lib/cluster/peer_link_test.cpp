#include "lib/cluster/peer_link.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;

namespace {

constexpr milliseconds retry{1000};

}  // namespace

TEST_CASE("items arrive once and in order, one frame at a time") {
  peer_link here(1, retry), there(1, retry);
  here.push("a");
  here.push("b");
  auto first = here.make_frame(10);
  here.push("c");
  CHECK_FALSE(here.has_work(11));
  CHECK(there.take(first) == "ab");
  CHECK(there.take(first) == std::nullopt);

  here.take(there.make_frame(12));
  CHECK(here.has_work(13));
  CHECK(there.take(here.make_frame(13)) == "c");
}

TEST_CASE("what is not acknowledged is sent again when its time is over, and not before") {
  peer_link here(1, retry), there(1, retry);
  here.push("a");
  auto lost = here.make_frame(0);
  CHECK(here.make_frame(999).items.empty());
  auto again = here.make_frame(1000);
  CHECK(there.take(again) == "a");
  CHECK(there.take(lost) == std::nullopt);
}

TEST_CASE("what waits is counted until it is acknowledged") {
  peer_link here(1, milliseconds(100)), there(1, milliseconds(100));
  here.push("one");
  CHECK(here.bytes_waiting() == 3);
  there.take(here.make_frame(0));
  here.push("four");
  CHECK(here.bytes_waiting() == 7);
  here.take(there.make_frame(0));
  CHECK(here.bytes_waiting() == 4);
}

TEST_CASE("frames of another session mean nothing") {
  peer_link here(1, retry), there(2, retry);
  here.push("a");
  CHECK(there.take(here.make_frame(0)) == std::nullopt);
  CHECK(there.make_frame(1).acknowledged == 0);
}

TEST_CASE("an echo is the newest stamp of the other side") {
  peer_link here(1, retry), there(1, retry);
  auto early = here.make_frame(5);
  auto late = here.make_frame(7);
  there.take(late);
  there.take(early);
  here.take(there.make_frame(100));
  CHECK(here.echoed() == 7);
}
