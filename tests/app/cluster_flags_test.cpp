#include "app/cluster_flags.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

TEST_CASE("what decides who leads is checked before a coordinator is started") {
  cluster_flags flags;
  flags.role = cluster_role::coordinator;
  CHECK(check(flags));
  flags.arbiter = "workers://a,b,c";
  CHECK(check(flags));
  flags.lease = 1h + 1ms;
  CHECK(check(flags).error().message.find("--cluster.lease") != std::string::npos);
  flags.lease = 4s;
  flags.arbiter = "workers://a,b,a";
  CHECK(check(flags).error().message == "--cluster.arbiter: a is named twice");
}

TEST_CASE("names of a node are texts that others can read") {
  cluster_flags flags;
  flags.role = cluster_role::coordinator;
  flags.node_name = "n\xc3\xb6rdlich";
  CHECK(check(flags));
  flags.node_name = "n\xf6rdlich";
  CHECK(check(flags).error().message == "--cluster.node-name: not UTF-8");
}
