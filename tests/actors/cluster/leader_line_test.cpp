#include "actors/cluster/leader_line.hpp"

#include "tests/support/actor_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace rollcall {

namespace {

struct line_fixture : test::actor_fixture {
  line_fixture() {
    leader_line_options options;
    options.spawn_link = [this](caf::actor_system&, coordinator_sink_actor sink, const std::string& address) {
      sinks.push_back(std::move(sink));
      addresses.push_back(address);
      links.push_back(spawn_probe<node_link_actor>());
      return links.back().handle();
    };
    line = adopt(spawn_leader_line(system(), std::move(options)));
  }

  uint32_t status() { return ask<answer_begun>(line, get_answer{"/targets", {}}).status; }

  std::vector<coordinator_sink_actor> sinks;
  std::vector<std::string> addresses;
  std::vector<test::probe<node_link_actor>> links;
  leader_line_actor line;
};

}  // namespace

TEST_CASE_METHOD(line_fixture, "a leader line asks the leader that it is connected to, and nobody else") {
  auto leader = spawn_probe<coordinator_port_actor>();
  leader.answer_with<get_answer, answer_begun>([](const get_answer&) { return answer_begun{200, {}, {}, 0, {}, {}}; });
  CHECK(status() == 0);
  tell(line, follow_leader{"one:9096"});
  CHECK(status() == 0);
  tell(sinks.at(0), coordinator_found{leader.handle()});
  CHECK(status() == 200);
  tell(line, follow_leader{"one:9096"});
  CHECK(status() == 200);
  tell(sinks.at(0), coordinator_lost{"gone"});
  CHECK(status() == 0);
  tell(sinks.at(0), coordinator_found{leader.handle()});
  tell(line, follow_leader{"two:9096"});
  CHECK(status() == 0);
  tell(line, follow_leader{});
  CHECK(status() == 0);
  CHECK(addresses == std::vector<std::string>{"one:9096", "two:9096"});
}

TEST_CASE_METHOD(line_fixture, "a leader line that does not know who leads asks one after the other") {
  auto other = spawn_probe<coordinator_port_actor>();
  other.answer_with<get_answer, answer_begun>([](const get_answer&) { return answer_begun(); });
  tell(line, follow_leader{""});
  tell(sinks.at(0), coordinator_found{other.handle()});
  CHECK(status() == 0);
  CHECK(links.at(0).received<leave_coordinator>().size() == 1);
  CHECK(status() == 0);
  CHECK(other.received<get_answer>().size() == 1);
}

}  // namespace rollcall
