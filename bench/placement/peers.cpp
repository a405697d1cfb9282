#include "bench/placement/peers.hpp"

#include <xxhash.h>

#include <algorithm>

namespace rollcall::bench {

owners hash_sharding(const std::vector<sized_target>& targets, uint32_t workers) {
  owners all;
  all.reserve(targets.size());
  for (const auto& each : targets) {
    all.push_back(static_cast<uint32_t>(XXH64(&each.identity, sizeof each.identity, 0) % workers));
  }
  return all;
}

owners rendezvous_hashing(const std::vector<sized_target>& targets, uint32_t workers) {
  std::vector<uint64_t> salts;
  for (uint64_t worker = 0; worker < workers; ++worker) salts.push_back(scrambled(worker));
  owners all;
  all.reserve(targets.size());
  for (const auto& each : targets) {
    uint32_t best = 0;
    uint64_t best_score = 0;
    for (uint32_t worker = 0; worker < workers; ++worker) {
      uint64_t score = scrambled(each.identity ^ salts[worker]);
      if (score < best_score) continue;
      best = worker;
      best_score = score;
    }
    all.push_back(best);
  }
  return all;
}

double max_to_mean(const std::vector<sized_target>& targets, const owners& of, uint32_t workers) {
  std::vector<double> loads(workers);
  double sum = 0;
  for (size_t i = 0; i < targets.size(); ++i) {
    loads[of[i]] += targets[i].expense;
    sum += targets[i].expense;
  }
  return *std::max_element(loads.begin(), loads.end()) * workers / sum;
}

double moved_share(const std::vector<sized_target>& targets, const owners& before, const owners& after) {
  double moved = 0;
  double sum = 0;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (before[i] != after[i]) moved += targets[i].expense;
    sum += targets[i].expense;
  }
  return moved / sum;
}

}  // namespace rollcall::bench
