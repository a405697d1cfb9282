#include "actors/web/fleet_view.hpp"

#include <algorithm>

namespace rollcall {

namespace {

template <class Targets, class Visit>
void each_placed(Targets& all, Visit visit) {
  for (auto& pool : all.pools)
    for (auto& target : pool.active)
      if (target.status.placed != 0) visit(target);
}

}  // namespace

std::vector<uint64_t> placed_keys(const targets& all) {
  std::vector<uint64_t> keys;
  each_placed(all, [&](const active_target& target) { keys.push_back(target.status.placed); });
  return keys;
}

std::vector<std::string> warnings_of(const fleet_report& report) {
  std::vector<std::string> warnings;
  for (const auto& each : report.unheard)
    warnings.push_back("worker \"" + each + "\" did not answer in time: what it knows of its targets is missing");
  return warnings;
}

fleet_view merge(targets& all, const places& found, fleet_report report) {
  fleet_view view;
  auto keys = placed_keys(all);
  for (size_t i = 0; i < std::min(keys.size(), found.targets.size()); ++i) view.places[keys[i]] = found.targets[i];
  std::unordered_map<uint64_t, loop_status> heard;
  // While a target changes hands two workers may have it: what was scraped last counts.
  for (auto& [key, status] : report.statuses) {
    auto& newest = heard[key];
    if (status.last_scrape >= newest.last_scrape) newest = std::move(status);
  }
  each_placed(all, [&](active_target& target) {
    auto key = target.status.placed;
    if (auto known = heard.find(key); known != heard.end()) {
      // A loop that has only just changed hands knows less than was heard of it before.
      if (known->second.last_scrape < target.status.last_scrape) return;
      target.status = std::move(known->second);
      target.status.placed = key;
      return;
    }
    auto place = view.places.find(key);
    bool is_unheard =
        place == view.places.end() || place->second.owner.empty() ||
        std::find(report.unheard.begin(), report.unheard.end(), place->second.owner) != report.unheard.end();
    if (is_unheard) target.status.health = target_health::unknown;
  });
  return view;
}

}  // namespace rollcall
