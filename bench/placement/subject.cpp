#include "bench/placement/subject.hpp"

#include <malloc.h>

#include <algorithm>
#include <unordered_map>

namespace rollcall::bench {

double allocated_bytes() {
  auto info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

subject::subject(const std::vector<sized_target>& targets)
    : targets_(targets), placement_({.rebalancing_per_minute = 100'000'000, .placements_max = SIZE_MAX}) {}

void subject::join_workers(uint32_t count) {
  while (count-- > 0) placement_.join({"worker-" + std::to_string(++workers_), "", "", 1});
}

void subject::place() {
  for (const auto& each : targets_) placement_.add({each.identity, 0, 0, {}});
  for (const auto& each : placement_.plan(now_, SIZE_MAX)) placement_.settle(each.target);
}

void subject::observe() {
  for (const auto& each : targets_) placement_.observe(each.identity, each.expense);
}

std::vector<placement::move> subject::converge() {
  std::vector<placement::move> all;
  for (;;) {
    now_ += std::chrono::seconds(1);
    auto moves = placement_.plan(now_, SIZE_MAX);
    if (moves.empty()) return all;
    for (const auto& each : moves) placement_.settle(each.target);
    all.insert(all.end(), moves.begin(), moves.end());
  }
}

double subject::max_to_mean() const {
  double most = 0;
  double sum = 0;
  auto workers = placement_.workers();
  for (auto number : workers) {
    auto load = static_cast<double>(placement_.load(number).expense);
    most = std::max(most, load);
    sum += load;
  }
  return most * static_cast<double>(workers.size()) / sum;
}

double subject::share(const std::vector<placement::move>& moves) const {
  std::unordered_map<uint64_t, double> expenses;
  for (const auto& each : moves) expenses[each.target] = 0;
  double moved = 0;
  double sum = 0;
  for (const auto& each : targets_) {
    sum += each.expense;
    auto found = expenses.find(each.identity);
    if (found != expenses.end()) found->second = each.expense;
  }
  for (const auto& each : moves) moved += expenses[each.target];
  return moved / sum;
}

}  // namespace rollcall::bench
