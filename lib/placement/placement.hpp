#pragma once

#include "lib/base/duration.hpp"
#include "lib/placement/cost.hpp"
#include "lib/placement/holdings.hpp"
#include "lib/placement/move.hpp"
#include "lib/placement/move_budget.hpp"
#include "lib/placement/options.hpp"
#include "lib/placement/place_table.hpp"
#include "lib/placement/worker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace rollcall::placement {

/// Where a target wants to be: anywhere, or with workers of one zone or on one node.
struct affinity {
  enum class scope : unsigned char { anywhere, zone, node };
  enum class strength : unsigned char { preferred, required };

  affinity::scope where = scope::anywhere;
  std::string name;  ///< Of the zone or node; the empty name is anywhere.
  affinity::strength how = strength::preferred;

  bool operator==(const affinity&) const = default;
};

struct target_description {
  uint64_t identity = 0;
  cost expected = 0;      ///< Until it is measured; 0 stands for the mean of all targets.
  uint64_t together = 0;  ///< Targets with the same value other than 0 have one owner, and the first one's affinity.
  affinity wants;
};

struct worker_load {
  uint64_t expense = 0;  ///< The sum of what its targets cost.
  size_t targets = 0;

  bool operator==(const worker_load&) const = default;
};

/// Decides which worker owns which target. Sticky: a target moves when its owner leaves or is drained, or when the
/// loads differ by more than the tolerance, and then the fewest targets that will do. After enough calls of plan() no
/// load is above (1 + tolerance) times the mean, unless single targets, groups or affinities make it so. A join moves
/// no more than the joiner's share of the load.
///
/// What comes out follows from the calls alone: there is no chance and no clock. A change of one target takes constant
/// time; plan() takes a time in proportion to the number of workers, and to its logarithm for each move. For one thread
/// at a time.
class placement {
 public:
  explicit placement(placement_options options = {});

  /// A worker that takes targets from now on. One of that name that is here already keeps its number and its targets,
  /// is described anew and is drained no longer.
  worker_number join(const worker_description& worker);
  /// Its targets have no owner any more. Nothing happens if it has left before, as in the next.
  void leave(worker_number worker);
  /// It takes no targets any more and gives away those it has.
  void drain(worker_number worker);

  /// A target that has no owner until plan() says so. Nothing happens if it is here already.
  void add(const target_description& target);
  /// Unknown targets are ignored, here and below.
  void remove(uint64_t identity);
  /// The target is known to run there, whatever was planned: a coordinator that starts learns this from the workers,
  /// one whose handover failed says where the target stayed. Of targets kept together all follow. A worker that has
  /// left, or nobody, means that it runs nowhere.
  void adopt(uint64_t identity, worker_number owner);
  /// A planned move is carried out. Until then plan() leaves the target where it put it, unless the new owner leaves.
  /// Of targets kept together it is enough to say it of the last.
  void settle(uint64_t identity);
  /// What a scrape cost; see cost_of().
  void observe(uint64_t identity, cost newest);

  /// What has to move now: targets without an owner, up to placements_max of the options, and at most `handovers_max`
  /// others, though those kept together are not torn apart. The most urgent come first: what has no owner, then what is
  /// drained, then the rest within the budget. The new owners are the owners from now on. `now` may count from
  /// anywhere, and does not go back.
  std::vector<move> plan(milliseconds now, size_t handovers_max);

  /// Nobody when it is unknown, or waits for a worker.
  worker_number owner(uint64_t identity) const;
  /// What is reckoned with; 0 when it is unknown.
  cost expense(uint64_t identity) const;
  /// Null when it has left.
  const worker_description* worker(worker_number number) const;
  bool is_draining(worker_number number) const;
  /// Of nobody: what waits for an owner.
  worker_load load(worker_number number) const;
  /// In no particular order.
  std::vector<uint64_t> targets_of(worker_number number) const;
  /// Without those that have left.
  std::vector<worker_number> workers() const;
  size_t targets() const { return targets_; }

 private:
  uint32_t wanted_shelf(const affinity& wants);
  void describe(holder& worker, const worker_description& as);
  cost mean_expense() const;

  placement_options options_;
  holdings state_;
  place_table places_;
  move_budget budget_;
  std::map<std::string, worker_number, std::less<>> numbers_;
  size_t targets_ = 0;
  uint64_t expense_ = 0;  // of all targets
};

}  // namespace rollcall::placement
