#pragma once

#include "bench/placement/sizes.hpp"

#include <cstdint>
#include <vector>

namespace rollcall::bench {

/// The owners of targets, in their order, as numbers below the count of workers.
using owners = std::vector<uint32_t>;

/// As vmagent's -promscrape.cluster.membersCount does: the hash modulo the number of members.
owners hash_sharding(const std::vector<sized_target>& targets, uint32_t workers);

/// The worker with the highest hash of target and worker.
owners rendezvous_hashing(const std::vector<sized_target>& targets, uint32_t workers);

/// The load of the most loaded worker in relation to the mean.
double max_to_mean(const std::vector<sized_target>& targets, const owners& of, uint32_t workers);

/// The share of the load whose owner differs.
double moved_share(const std::vector<sized_target>& targets, const owners& before, const owners& after);

}  // namespace rollcall::bench
