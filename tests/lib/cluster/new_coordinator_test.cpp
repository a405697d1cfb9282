#include "tests/lib/cluster/driven_coordinator.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::cluster;
using namespace rollcall::test;

namespace {

struct new_coordinator : driven_coordinator {
  new_coordinator() : driven_coordinator(coordinator_options{}) {}

  // Whether what it says to a worker renews that one's lease.
  bool grants_lease(const std::string& name) {
    now += 100;
    REQUIRE(side.take(links.at(name).make_frame(now), now, now));
    for (auto& [to, said] : side.take_frames(now))
      if (to == name) return said.echo == now;
    return false;
  }

  // Until all have come that will; what it says to some of them is lost.
  void settle(const std::vector<std::string>& all, const std::vector<std::string>& hearing) {
    for (int step = 0; step < 3; ++step) {
      now += 2000;
      for (const auto& name : all) REQUIRE(side.take(links.at(name).make_frame(now), now, now));
      side.run(now, now);
      listen(hearing);
    }
  }
};

}  // namespace

TEST_CASE("of several that have a target when a coordinator begins, who was given it last goes on") {
  new_coordinator coordinator;
  CHECK(coordinator.join("a", {{11, 1, 0, 0}}).disowned.empty());
  CHECK(coordinator.join("b", {{12, 1, 0, 0}}).disowned.empty());
  CHECK(coordinator.join("c", {{10, 1, 0, 0}}).disowned == std::vector<tenancy>{10});
  CHECK(coordinator.side.place_of(1).owner == "b");
  coordinator.run({"a", "b", "c"});
  CHECK(only<disown>(coordinator.heard["a"]) == std::vector{disown{11}});
  CHECK(only<disown>(coordinator.heard["b"]).empty());
}

TEST_CASE("a loop whose target was gone later than another worker was given it is seen to instead") {
  new_coordinator coordinator;
  coordinator.join("a", {{11, 1, 0, 0}});
  CHECK(coordinator.join("b", {{12, 1, 0, 0, true}}).disowned.empty());
  coordinator.run({"a", "b"});
  CHECK(only<disown>(coordinator.heard["a"]) == std::vector{disown{11}});
  CHECK(coordinator.side.targets() == 0);
}

TEST_CASE("who comes to a new coordinator without a lease gets none before all have come") {
  new_coordinator coordinator;
  coordinator.join("a", {{11, 1, 0, 0}});
  coordinator.join("b", {{12, 2, 0, 0}}, false);
  CHECK_FALSE(coordinator.grants_lease("a"));
  CHECK(coordinator.grants_lease("b"));
  coordinator.settle({"a", "b"}, {"a", "b"});
  CHECK(coordinator.grants_lease("a"));
  coordinator.join("late");
  CHECK(coordinator.grants_lease("late"));
}

TEST_CASE("who has not heard yet what is not its own any more gets no lease") {
  new_coordinator coordinator;
  coordinator.join("a", {{11, 1, 0, 0}});
  coordinator.join("b", {{12, 1, 0, 0}}, false);
  coordinator.settle({"a", "b"}, {"b"});
  CHECK_FALSE(coordinator.grants_lease("a"));
  coordinator.settle({"a", "b"}, {"a", "b"});
  CHECK(coordinator.grants_lease("a"));
}
