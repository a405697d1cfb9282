#pragma once

#include "lib/base/duration.hpp"
#include "lib/placement/cost.hpp"
#include "lib/placement/move_budget.hpp"
#include "lib/placement/shelves.hpp"
#include "lib/placement/unit_table.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace rollcall::placement {

/// A worker as placement knows it: small, never used again after the worker has left.
using worker_number = uint32_t;

/// The owner of a target that nobody scrapes.
inline constexpr worker_number nobody = 0;

/// Where a target wants to be: with workers of one zone or on one node.
struct affinity {
  enum class scope : unsigned char { anywhere, zone, node };
  enum class strength : unsigned char { preferred, required };

  affinity::scope where = scope::anywhere;
  std::string name;  ///< Of the zone or node.
  affinity::strength how = strength::preferred;

  bool operator==(const affinity&) const = default;
};

struct worker_description {
  std::string name;  ///< Unique in the cluster.
  std::string zone;  ///< May be empty, as the next.
  std::string node;
  double capacity = 1;  ///< In relation to the others; positive.
};

struct target_description {
  uint64_t identity = 0;
  cost expected = 0;      ///< Until it is measured; 0 stands for the mean of all targets.
  uint64_t together = 0;  ///< Targets with the same value other than 0 have one owner, and the first one's affinity.
  affinity wants;
};

struct placement_options {
  double tolerance = 0.08;               ///< How far a load may be from the mean before targets move for it, ...
  double settled = 0.03;                 ///< ... and how near it has to come before that ends.
  double newest_weight = 0.25;           ///< Of the latest measurement in the average.
  uint32_t rebalancing_per_minute = 600;  ///< Moves for balance and for preferred affinities.
};

enum class move_reason : unsigned char {
  new_target,
  owner_left,   ///< Its owner is gone, so nobody hands it over.
  drained,      ///< Its owner is to be emptied.
  affinity,     ///< It can now be where it wants to be.
  overloaded,   ///< Its owner has too much.
  underloaded,  ///< Its new owner has too little: it has just joined, as a rule.
};

struct move {
  uint64_t target = 0;
  worker_number from = nobody;
  worker_number to = nobody;
  move_reason why = move_reason::new_target;

  bool operator==(const move&) const = default;
};

struct worker_load {
  uint64_t cost = 0;
  size_t targets = 0;
  double relative = 0;  ///< 1 is the mean of all workers that take targets, capacity considered.
};

/// Decides which worker owns which target. Sticky: a target moves when its owner leaves or is drained, or when the loads
/// differ by more than the tolerance, and then the fewest targets that will do. After enough calls of plan() no load is
/// above (1 + tolerance) times the mean, unless one target or required affinities alone make it so. A join moves no more
/// than the joiner's share.
///
/// What comes out follows from the calls alone: there is no chance and no clock. A change of one target takes constant
/// time; plan() takes a time in proportion to the number of workers, and log(workers) for each move. For one thread at
/// a time.
class placement {
 public:
  explicit placement(placement_options options = {});

  /// A worker that takes targets from now on. One of that name that is here already keeps its number and its targets,
  /// is described anew and is drained no longer.
  worker_number join(const worker_description& worker);
  /// Its targets have no owner any more.
  void leave(worker_number worker);
  /// It takes no targets any more and gives away those it has.
  void drain(worker_number worker);

  /// A target that has no owner until plan() says so. Nothing happens if it is here already.
  void add(const target_description& target);
  void remove(uint64_t identity);
  /// The target is known to run there, whatever was planned: a coordinator that starts learns this from the workers,
  /// one whose handover failed says where the target stayed. Of targets kept together all follow.
  void adopt(uint64_t identity, worker_number owner);
  /// A scrape's cost; see cost_of(). Unknown targets are ignored, as by the next.
  void observe(uint64_t identity, cost newest);
  /// A planned move is carried out. Until then the target is not moved for balance again.
  void settle(uint64_t identity);

  /// What has to move now, at most `moves_max`, but targets kept together are not torn apart. Most urgent first: what
  /// has no owner, then what is drained, then the rest within the budget. The new owners are the owners from now on.
  /// `now` may count from anywhere, and does not go back.
  std::vector<move> plan(milliseconds now, size_t moves_max);

  /// Nobody when it is unknown, or waits for a worker.
  worker_number owner(uint64_t identity) const;
  /// Nothing when it has left.
  const worker_description* worker(worker_number number) const;
  worker_load load(worker_number number) const;
  /// The targets of a worker, in no particular order; of nobody those that wait for one.
  std::vector<uint64_t> targets_of(worker_number number) const;
  size_t targets() const { return targets_; }
  /// Without those that left.
  std::vector<worker_number> workers() const;
};

}  // namespace rollcall::placement
