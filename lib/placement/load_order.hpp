#pragma once

#include "lib/placement/holdings.hpp"

#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

namespace rollcall::placement {

/// The workers of each place that take targets, by relative load; of equal ones the one that joined first is first.
class load_order {
 public:
  using sequence = std::set<std::pair<double, worker_number>>;

  /// Puts the worker among those of everywhere, its zone and its node. A worker is taken out before its load changes,
  /// and put in again afterwards.
  void insert(worker_number number, const holder& worker) {
    for (auto place : places(worker)) {
      if (place != none) at_[place].emplace(worker.relative_load(), number);
    }
  }
  void erase(worker_number number, const holder& worker) {
    for (auto place : places(worker)) {
      if (place != none) at_[place].erase({worker.relative_load(), number});
    }
  }

  /// Nobody when there is no worker at the place.
  worker_number least_loaded(uint32_t place) const {
    const auto& all = at(place);
    return all.empty() ? nobody : all.begin()->second;
  }

  const sequence& at(uint32_t place) const {
    static const sequence empty;
    auto found = at_.find(place);
    return found == at_.end() ? empty : found->second;
  }

 private:
  static constexpr uint32_t none = UINT32_MAX;

  struct three {
    uint32_t values[3];
    const uint32_t* begin() const { return values; }
    const uint32_t* end() const { return values + 3; }
  };

  static three places(const holder& worker) {
    return {{0, worker.zone == 0 ? none : worker.zone, worker.node == 0 ? none : worker.node}};
  }

  std::unordered_map<uint32_t, sequence> at_;
};

}  // namespace rollcall::placement
