#include "lib/targets/group_table.hpp"

#include <algorithm>
#include <utility>

namespace rollcall {

group_table::place group_table::place_of(std::string_view source) const {
  // The first run that ends with this source or behind it; what is behind everything goes to the last.
  auto in =
      std::partition_point(runs_.begin(), runs_.end(), [&](const run& each) { return each.back()->source < source; });
  if (in == runs_.end()) {
    if (runs_.empty()) return {};
    return {runs_.size() - 1, runs_.back().size(), false};
  }
  auto at =
      std::partition_point(in->begin(), in->end(), [&](const target_group_ptr& each) { return each->source < source; });
  return {static_cast<size_t>(in - runs_.begin()), static_cast<size_t>(at - in->begin()), (*at)->source == source};
}

target_group_ptr group_table::find(std::string_view source) const {
  auto place = place_of(source);
  return place.is_taken ? runs_[place.run][place.index] : nullptr;
}

target_group_ptr group_table::put(target_group_ptr group) {
  auto place = place_of(group->source);
  if (place.is_taken) return std::exchange(runs_[place.run][place.index], std::move(group));
  if (runs_.empty()) runs_.emplace_back();
  auto& in = runs_[place.run];
  in.insert(in.begin() + static_cast<std::ptrdiff_t>(place.index), std::move(group));
  if (in.size() > run_groups_max) split(place.run);
  return nullptr;
}

target_group_ptr group_table::take(std::string_view source) {
  auto place = place_of(source);
  if (!place.is_taken) return nullptr;
  auto& in = runs_[place.run];
  auto taken = std::move(in[place.index]);
  in.erase(in.begin() + static_cast<std::ptrdiff_t>(place.index));
  if (in.empty())
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(place.run));
  else
    join(place.run);
  return taken;
}

size_t group_table::size() const {
  size_t count = 0;
  for (const auto& run : runs_) count += run.size();
  return count;
}

// Sources mostly come in order: the last run is left full, others in halves.
void group_table::split(size_t run) {
  const bool is_last = run + 1 == runs_.size();
  auto& whole = runs_[run];
  const auto cut = whole.begin() + static_cast<std::ptrdiff_t>(is_last ? run_groups_max : run_groups_max / 2);
  group_table::run rest(std::make_move_iterator(cut), std::make_move_iterator(whole.end()));
  whole.erase(cut, whole.end());
  whole.shrink_to_fit();
  runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(run) + 1, std::move(rest));
}

// Joins a run with the next when both are short, so that few groups are not in many runs.
void group_table::join(size_t run) {
  if (run + 1 == runs_.size() || runs_[run].size() + runs_[run + 1].size() > run_groups_max / 2) return;
  auto& next = runs_[run + 1];
  runs_[run].insert(runs_[run].end(), std::make_move_iterator(next.begin()), std::make_move_iterator(next.end()));
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(run) + 1);
}

}  // namespace rollcall
