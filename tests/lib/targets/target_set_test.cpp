#include "lib/targets/target_set.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace rollcall;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

// Drops targets with drop="1" and takes the label `zone` from __meta_zone.
target_set_options options_for_tests() {
  relabel::rule_config drop, zone;
  drop.action = relabel::action::drop;
  drop.source_labels = {"drop"};
  drop.regex = "1";
  zone.source_labels = {"__meta_zone"};
  zone.target_label = "zone";
  std::vector<relabel::rule_config> rules = {zone, drop};
  target_set_options options;
  options.settings.job = "node";
  options.settings.relabel = *relabel::program::compile(rules, name_validation::utf8);
  return options;
}

target_group_ptr group_of(std::string source, std::vector<pairs> targets, pairs common = {}) {
  auto group = std::make_shared<target_group>();
  group->source = std::move(source);
  group->common = labels::of(std::move(common));
  for (auto& own : targets) group->targets.push_back(labels::of(std::move(own)));
  return group;
}

pairs at(std::string address) { return {{"__address__", std::move(address)}}; }

target_group_ptr gone(std::string source) { return group_of(std::move(source), {}); }

target_delta change(target_set& set, target_group_ptr group) {
  std::vector<source_change> changes = {{1, std::move(group)}};
  return set.apply(changes);
}

std::vector<std::string> urls(const std::vector<target_ptr>& targets) {
  std::vector<std::string> out;
  for (const auto& each : targets) out.push_back(each->url);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> active_urls(const target_set& set) {
  std::vector<std::string> out;
  set.visit_active([&](const target_ptr& each, const labels&) { out.push_back(each->url); });
  return out;
}

std::string url(const std::string& address) { return "http://" + address + "/metrics"; }

// Everything that can be seen of a set, in one text.
std::string picture(const target_set& set) {
  std::string out;
  set.visit_active([&](const target_ptr& each, const labels& discovered) {
    out += "active " + each->all.to_string() + each->url + " from " + discovered.to_string() + "\n";
  });
  set.visit_dropped([&](const dropped_target& each) {
    out += "dropped " + std::to_string(static_cast<int>(each.why)) + " " + std::to_string(each.rule) + each.message +
           " from " + each.discovered.to_string() + "\n";
  });
  auto counts = set.counts();
  for (size_t n : {counts.active, counts.dropped_by_rule, counts.duplicates, counts.failed})
    out += std::to_string(n) + " ";
  return out;
}

}  // namespace

TEST_CASE("the targets of a new group start") {
  target_set set(options_for_tests());
  auto delta = change(set, group_of("a", {at("h1:1"), at("h2:1")}));
  CHECK(urls(delta.started) == std::vector{url("h1:1"), url("h2:1")});
  CHECK(delta.stopped.empty());
  CHECK(delta.unchanged == 0);
  CHECK(set.counts() == target_counts{2, 0, 0, 0});
  CHECK(set.contains(delta.started[0]->identity));
}

TEST_CASE("a changed group starts and stops only what changed") {
  target_set set(options_for_tests());
  change(set, group_of("a", {at("h1"), at("h2"), at("h3")}));
  change(set, group_of("b", {at("h9")}));
  auto delta = change(set, group_of("a", {at("h1"), at("h4"), at("h3")}));
  CHECK(urls(delta.started) == std::vector{url("h4")});
  CHECK(urls(delta.stopped) == std::vector{url("h2")});
  CHECK(delta.unchanged == 3);
  CHECK(active_urls(set) == std::vector{url("h1"), url("h4"), url("h3"), url("h9")});
}

TEST_CASE("a group without targets stops those of its source") {
  target_set set(options_for_tests());
  change(set, group_of("a", {at("h1")}));
  change(set, group_of("b", {at("h2")}));
  CHECK(urls(change(set, group_of("a", {})).stopped) == std::vector{url("h1")});
  CHECK(urls(change(set, gone("b")).stopped) == std::vector{url("h2")});
  auto again = change(set, gone("b"));
  CHECK(again.stopped.empty());
  CHECK(set.counts() == target_counts{});
}

TEST_CASE("sources of equal names are told apart by their providers, and come in the order of these") {
  target_set set(options_for_tests());
  std::vector<source_change> changes = {{10, group_of("a", {at("h1")})}, {2, group_of("a", {at("h2")})}};
  set.apply(changes);
  CHECK(active_urls(set) == std::vector{url("h2"), url("h1")});
  changes = {{2, gone("a")}};
  CHECK(urls(set.apply(changes).stopped) == std::vector{url("h2")});
}

TEST_CASE("when all sources are named, the others are gone, and what is as it was costs nothing") {
  target_set set(options_for_tests());
  auto unfit = group_of("unfit", {at("h1"), {{"zone", "no address"}}});
  std::vector<source_change> changes = {{1, unfit}, {1, group_of("b", {at("h2")})}, {2, group_of("b", {at("h3")})}};
  set.apply(changes);
  changes = {{1, unfit}, {2, group_of("b", {at("h4")})}, {3, group_of("c", {at("h2")})}};
  auto delta = set.apply(changes, sources_named::all);
  CHECK(urls(delta.started) == std::vector{url("h4")});
  CHECK(urls(delta.stopped) == std::vector{url("h3")});
  CHECK(delta.unchanged == 2);
  CHECK(delta.failed == 0);
  CHECK(active_urls(set) == std::vector{url("h1"), url("h4"), url("h2")});
  CHECK(urls(set.apply({}, sources_named::all).stopped) == std::vector{url("h1"), url("h2"), url("h4")});
  CHECK(set.counts() == target_counts{});
}

TEST_CASE("an equal group changes nothing, whether it is the same or a copy") {
  auto options = options_for_tests();
  target_set set(options);
  auto group = group_of("a", {at("h1"), {{"zone", "no address"}}});
  CHECK(change(set, group).failed == 1);
  for (const auto& equal : {group, group_of("a", {at("h1"), {{"zone", "no address"}}})}) {
    auto delta = change(set, equal);
    CHECK(delta.started.empty());
    CHECK(delta.stopped.empty());
    CHECK(delta.unchanged == 1);
    CHECK(delta.failed == 0);  // not looked at again
  }
}

TEST_CASE("an equal copy takes the place of the group held before") {
  target_set set(options_for_tests());
  auto first = group_of("a", {at("h1")});
  std::weak_ptr<const target_group> watch = first;
  change(set, std::move(first));
  change(set, group_of("a", {at("h1")}));
  CHECK(watch.expired());
}

TEST_CASE("a target keeps its object while its identity lasts") {
  target_set set(options_for_tests());
  auto started = change(set, group_of("a", {at("h1")})).started;
  REQUIRE(started.size() == 1);
  change(set, group_of("a", {at("h0"), at("h1"), at("h2")}));
  set.visit_active([&](const target_ptr& each, const labels&) {
    if (each->url == url("h1")) CHECK(each == started[0]);
  });
  CHECK(active_urls(set).size() == 3);
}

TEST_CASE("discovered labels are refreshed without a restart") {
  target_set set(options_for_tests());
  auto started = change(set, group_of("a", {{{"__address__", "h1"}, {"__meta_pod", "one"}}})).started;
  CHECK(set.discovered(started[0]->identity)->get("__meta_pod") == "one");
  auto delta = change(set, group_of("a", {{{"__address__", "h1"}, {"__meta_pod", "two"}}}));
  CHECK(delta.started.empty());
  CHECK(delta.stopped.empty());
  CHECK(delta.unchanged == 1);
  CHECK(set.discovered(started[0]->identity)->get("__meta_pod") == "two");
  CHECK(set.discovered(started[0]->identity)->get("job") == "node");
  CHECK_FALSE(set.discovered(started[0]->identity + 1).has_value());
}

TEST_CASE("changed group labels reach targets that are themselves the same") {
  target_set set(options_for_tests());
  change(set, group_of("a", {at("h1"), at("h2")}, {{"__meta_zone", "eu"}}));
  auto delta = change(set, group_of("a", {at("h1"), at("h2")}, {{"__meta_zone", "us"}}));
  CHECK(delta.started.size() == 2);
  CHECK(delta.stopped.size() == 2);
  CHECK(delta.started[0]->visible.get("zone") == "us");
}

TEST_CASE("equal targets of several groups are one, which lives as long as any of them") {
  target_set set(options_for_tests());
  CHECK(change(set, group_of("b", {at("h1"), at("h1")})).started.size() == 1);
  CHECK(change(set, group_of("a", {{{"__address__", "h1"}, {"__meta_from", "a"}}})).started.empty());
  CHECK(set.counts() == target_counts{1, 0, 2, 0});
  CHECK(active_urls(set) == std::vector{url("h1")});
  set.visit_active([&](const target_ptr&, const labels& discovered) { CHECK(discovered.get("__meta_from") == "a"); });
  size_t duplicates = 0;
  set.visit_dropped([&](const dropped_target& each) {
    CHECK(each.why == dropped_target::reason::duplicate);
    CHECK(each.discovered.get("__meta_from").empty());
    ++duplicates;
  });
  CHECK(duplicates == 2);
  CHECK(change(set, gone("a")).stopped.empty());
  CHECK(set.counts() == target_counts{1, 0, 1, 0});
  CHECK(change(set, group_of("b", {at("h1")})).stopped.empty());
  CHECK(set.counts() == target_counts{1, 0, 0, 0});
  CHECK(change(set, gone("b")).stopped.size() == 1);
}

TEST_CASE("a target that moves between groups in one call goes on") {
  target_set set(options_for_tests());
  change(set, group_of("a", {at("h1"), at("h2")}));
  std::vector<source_change> move = {{1, group_of("a", {at("h2")})}, {2, group_of("b", {at("h1")})}};
  auto delta = set.apply(move);
  CHECK(delta.started.empty());
  CHECK(delta.stopped.empty());
  CHECK(delta.unchanged == 2);
}

TEST_CASE("of several changes of one source in a call the last counts") {
  target_set set(options_for_tests());
  std::vector<source_change> changes = {{1, group_of("a", {at("h1")})},
                                        {1, gone("a")},
                                        {1, group_of("a", {at("h2")})},
                                        {1, group_of("b", {at("h3")})},
                                        {1, gone("b")}};
  auto delta = set.apply(changes);
  CHECK(urls(delta.started) == std::vector{url("h2")});
  CHECK(delta.stopped.empty());
  changes = {{1, gone("a")}, {1, group_of("a", {at("h2")})}};
  delta = set.apply(changes);
  CHECK(delta.started.empty());
  CHECK(delta.stopped.empty());
}

TEST_CASE("dropped targets show their rule and labels, up to the number kept") {
  auto options = options_for_tests();
  options.keep_dropped_targets = 2;
  target_set set(options);
  std::vector<pairs> targets;
  for (int i = 0; i < 5; ++i) targets.push_back({{"__address__", "h" + std::to_string(i)}, {"drop", "1"}});
  change(set, group_of("a", targets));
  CHECK(set.counts() == target_counts{0, 5, 0, 0});
  std::vector<std::string> shown;
  set.visit_dropped([&](const dropped_target& each) {
    CHECK(each.why == dropped_target::reason::rule);
    CHECK(each.rule == 1);
    shown.emplace_back(each.discovered.get("__address__"));
  });
  CHECK(shown == std::vector<std::string>{"h0", "h1"});
  options.keep_dropped_targets = 0;
  set.reconfigure(options);
  shown.clear();
  set.visit_dropped([&](const dropped_target& each) { shown.emplace_back(each.discovered.get("__address__")); });
  CHECK(shown.size() == 5);
}

TEST_CASE("unfit targets are counted and explained, and the others live") {
  target_set set(options_for_tests());
  auto delta = change(set, group_of("a", {at("h1"), {{"zone", "x"}}, at("http://h2")}));
  CHECK(delta.started.size() == 1);
  CHECK(delta.failed == 2);
  CHECK(delta.failures == std::vector<std::string>{"instance 1 in group a: no address",
                                                   "instance 2 in group a: \"http://h2\" is not a valid hostname"});
  CHECK(set.counts() == target_counts{1, 0, 0, 2});
  std::vector<std::string> messages;
  set.visit_dropped([&](const dropped_target& each) {
    CHECK(each.why == dropped_target::reason::failed);
    messages.push_back(each.message);
  });
  CHECK(messages == std::vector<std::string>{"no address", "\"http://h2\" is not a valid hostname"});
}

TEST_CASE("only the first failures are reported, all are counted") {
  target_set set(options_for_tests());
  auto delta = change(set, group_of("a", std::vector<pairs>(100, pairs{{"zone", "x"}})));
  CHECK(delta.failed == 100);
  CHECK(delta.failures.size() == failures_reported_max);
}

TEST_CASE("the target limit is crossed by active targets only") {
  auto options = options_for_tests();
  options.target_limit = 2;
  target_set set(options);
  change(set, group_of("a", {at("h1"), at("h2"), at("h2"), {{"__address__", "h3"}, {"drop", "1"}}}));
  CHECK_FALSE(set.limit_exceeded().has_value());
  change(set, group_of("b", {at("h4")}));
  REQUIRE(set.limit_exceeded().has_value());
  CHECK(set.limit_exceeded()->message == "target_limit exceeded (number of targets: 3, limit: 2)");
  CHECK(set.limit_exceeded()->code == errc::limit_exceeded);
  options.target_limit = 0;
  set.reconfigure(options);
  CHECK_FALSE(set.limit_exceeded().has_value());
}

TEST_CASE("other settings restart only the targets that they change") {
  auto options = options_for_tests();
  target_set set(options);
  change(set, group_of("a", {at("h1"), {{"__address__", "h2"}, {"__scrape_interval__", "30s"}}}));
  auto same = set.reconfigure(options);
  CHECK(same.started.empty());
  CHECK(same.stopped.empty());
  CHECK(same.unchanged == 2);
  options.settings.scrape_interval = milliseconds(20'000);
  auto delta = set.reconfigure(options);
  REQUIRE(delta.started.size() == 1);
  CHECK(delta.started[0]->url == url("h1"));
  CHECK(delta.started[0]->interval == milliseconds(20'000));
  CHECK(urls(delta.stopped) == std::vector{url("h1")});
  CHECK(delta.unchanged == 1);
  auto later = change(set, group_of("b", {at("h3")}));
  CHECK(later.started[0]->interval == milliseconds(20'000));
}

TEST_CASE("a set that was moved goes on") {
  target_set first(options_for_tests());
  change(first, group_of("a", {at("h1"), at("h1")}));
  target_set second(std::move(first));
  CHECK(second.counts() == target_counts{1, 0, 1, 0});
  CHECK(change(second, group_of("a", {at("h2")})).stopped.size() == 1);
}

TEST_CASE("step by step comes to the same as all at once, for any sequence of changes") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    auto pick = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };
    auto random_target = [&] {
      pairs own;
      if (pick(12) > 0) own.emplace_back("__address__", "h" + std::to_string(pick(12)));
      if (pick(6) == 0) own.emplace_back("drop", "1");
      if (pick(3) == 0) own.emplace_back("__meta_pod", std::to_string(pick(3)));
      return own;
    };
    auto options = options_for_tests();
    target_set set(options);
    std::map<std::string, target_group_ptr> groups;
    std::map<uint64_t, target_ptr> running;
    auto follow = [&](const target_delta& delta) {
      for (const auto& each : delta.stopped) REQUIRE(running.erase(each->identity) == 1);
      REQUIRE(delta.unchanged == running.size());
      for (const auto& each : delta.started) REQUIRE(running.emplace(each->identity, each).second);
    };
    for (int step = 0; step < 40; ++step) {
      INFO("seed " << seed << ", step " << step);
      if (pick(10) == 0) {
        options.settings.metrics_path = "/" + std::to_string(pick(2));
        follow(set.reconfigure(options));
      }
      std::vector<source_change> changes;
      for (unsigned i = pick(4); i-- > 0;) {
        std::string source = "s" + std::to_string(pick(6));
        auto group = std::make_shared<target_group>();
        if (auto old = groups.find(source); old != groups.end() && pick(2) == 0) *group = *old->second;
        group->source = source;
        if (pick(4) == 0) group->common = labels::of({{"__meta_zone", std::to_string(pick(2))}});
        size_t cut = pick(static_cast<unsigned>(group->targets.size()) + 1);
        if (!group->targets.empty() && pick(2) == 0)
          group->targets.erase(group->targets.begin() + static_cast<int>(cut / 2));
        for (unsigned n = pick(3); n-- > 0;) {
          group->targets.insert(group->targets.begin() + pick(static_cast<unsigned>(group->targets.size()) + 1),
                                labels::of(random_target()));
        }
        changes.push_back({1, pick(8) == 0 ? gone(source) : group});
        groups.erase(source);
        if (!changes.back().group->targets.empty()) groups[source] = group;
      }
      follow(set.apply(changes));
      REQUIRE(set.counts().active == running.size());
      target_set fresh(options);
      std::vector<source_change> all;
      for (const auto& [source, group] : groups) all.push_back({1, group});
      std::shuffle(all.begin(), all.end(), random);
      fresh.apply(all);
      REQUIRE(picture(set) == picture(fresh));
    }
  }
}
