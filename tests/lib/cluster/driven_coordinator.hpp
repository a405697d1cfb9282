#pragma once

#include "lib/cluster/coordinator_side.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::test {

inline cluster::loop_plan plan_of(uint64_t key) {
  return {key, std::chrono::seconds(15), milliseconds(0), 1, std::make_shared<const std::string>("plan")};
}

inline cluster::coordinator_options at_once() {
  cluster::coordinator_options options;
  options.settling = milliseconds(0);
  return options;
}

/// A coordinator, and what it says to workers of which nothing is known but their sessions.
struct driven_coordinator {
  explicit driven_coordinator(cluster::coordinator_options options = at_once()) : side(options, 0) {}

  cluster::acceptance join(const std::string& name, std::vector<cluster::holding> held = {}, bool is_lapsed = true) {
    cluster::introduction words{++incarnations, 1, 0, 0, std::move(held), is_lapsed};
    auto answer = side.introduce({name, "", name, 1}, words, now, now);
    REQUIRE(answer);
    links.insert_or_assign(name, cluster::peer_link(answer->session, milliseconds(1000)));
    return *answer;
  }

  void say(const std::string& name, const cluster::notice& said) {
    std::string item;
    append(item, said);
    links.at(name).push(std::move(item));
    REQUIRE(side.take(links.at(name).make_frame(now), now, now));
    listen({name});
  }

  // Those that are silent hear nothing, and are gone after a while.
  void listen(const std::vector<std::string>& alive) {
    for (auto& [name, said] : side.take_frames(now)) {
      if (std::find(alive.begin(), alive.end(), name) == alive.end()) continue;
      auto items = links.at(name).take(said);
      if (!items) continue;
      auto said_now = cluster::decode_directives(*items);
      REQUIRE(said_now);
      heard[name].insert(heard[name].end(), said_now->begin(), said_now->end());
      REQUIRE(side.take(links.at(name).make_frame(now), now, now));
    }
  }

  void run(const std::vector<std::string>& alive) {
    for (const auto& name : alive) REQUIRE(side.take(links.at(name).make_frame(now), now, now));
    side.run(now, now);
    listen(alive);
  }

  cluster::coordinator_side side;
  std::map<std::string, cluster::peer_link> links;
  std::map<std::string, std::vector<cluster::directive>> heard;
  uint64_t incarnations = 0;
  int64_t now = 1000;
};

template <class Item>
std::vector<Item> only(const std::vector<cluster::directive>& all) {
  std::vector<Item> some;
  for (const auto& each : all)
    if (const auto* item = std::get_if<Item>(&each)) some.push_back(*item);
  return some;
}

}  // namespace rollcall::test
