#include "tests/conformance/target_case.hpp"

#include "actors/scrape/pool_settings.hpp"
#include "lib/base/duration.hpp"
#include "lib/targets/target_set.hpp"
#include "tests/conformance/job_settings.hpp"
#include "tests/conformance/label_notation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rollcall::conformance {

namespace {

target_group_ptr parse_group(const field& stated, size_t index) {
  auto group = std::make_shared<target_group>();
  group->source = std::to_string(index);
  if (!stated.value.empty()) group->common = parse_labels(stated.value, stated);
  for (const auto& line : stated.block) group->targets.push_back(parse_labels(line, stated));
  if (group->targets.empty()) refuse(stated, "a group without targets");
  return group;
}

/// Everything that cases can ask about the targets, by the key of the field that asks.
struct target_facts {
  std::map<std::string, std::vector<std::string>> lines;
  std::string counts;
  std::optional<error> limit;
};

target_facts facts_of(const target_set& set, const target_delta& delta) {
  target_facts facts;
  for (auto key : {"targets", "internal", "times", "discovered", "sockets", "dropped", "failed"}) facts.lines[key];
  set.visit_active([&](const target_ptr& each, const labels& discovered) {
    facts.lines["targets"].push_back(each->url + ' ' + to_notation(each->visible));
    facts.lines["internal"].push_back(to_notation(each->all));
    facts.lines["times"].push_back(fmt::format("{} every {} within {}", each->url, format_duration(each->interval),
                                               format_duration(each->timeout)));
    facts.lines["discovered"].push_back(to_notation(discovered));
    if (!each->unix_socket.empty()) facts.lines["sockets"].push_back(each->unix_socket);
  });
  set.visit_dropped([&](const dropped_target& each) {
    if (each.why != dropped_target::reason::failed) facts.lines["dropped"].push_back(to_notation(each.discovered));
  });
  facts.lines["failed"] = delta.failures;
  auto counts = set.counts();
  facts.counts = fmt::format("active {}, dropped {}, duplicates {}, failed {}", counts.active, counts.dropped_by_rule,
                             counts.duplicates, counts.failed);
  facts.limit = set.limit_exceeded();
  return facts;
}

// The sets of labels in the lines may be written in any order.
std::vector<std::string> expected_lines(const field& stated) {
  bool are_sets = stated.key == "internal" || stated.key == "discovered" || stated.key == "dropped";
  if (!are_sets && stated.key != "targets") return stated.block;
  std::vector<std::string> lines;
  for (const auto& line : stated.block) {
    auto set_at = are_sets ? 0 : line.find(" {") + 1;
    lines.push_back(line.substr(0, set_at) + to_notation(parse_labels(line.substr(set_at), stated)));
  }
  return lines;
}

void compare_fact(const field& stated, const target_facts& facts, outcome& found) {
  if (stated.key == "counts") {
    found.compare(stated, stated.value, facts.counts);
  } else if (stated.key == "limit") {
    found.compare(stated, stated.value, facts.limit ? facts.limit->message : "");
  } else if (auto at = facts.lines.find(stated.key); at != facts.lines.end()) {
    found.compare(stated, expected_lines(stated), at->second);
  } else {
    refuse(stated, "unknown key");
  }
}

}  // namespace

outcome check_target_labels(const case_file& stated) {
  outcome found;
  field job{"job", "", {}, 0};
  std::vector<source_change> groups;
  auto next = stated.fields.begin();
  for (; next != stated.fields.end() && (next->key == "job" || next->key == "group"); ++next) {
    if (next->key == "job") {
      job = *next;
    } else {
      groups.push_back({groups.size(), parse_group(*next, groups.size())});
    }
  }
  if (groups.empty() || next == stated.fields.end()) refuse(stated.fields.back(), "a case has groups and expectations");
  auto settings = read_job(job);
  if (!settings) refuse(job, settings.error().message);
  target_set set(target_options_of(*settings));
  auto delta = set.apply(groups);
  auto facts = facts_of(set, delta);
  for (; next != stated.fields.end(); ++next) compare_fact(*next, facts, found);
  return found;
}

}  // namespace rollcall::conformance
