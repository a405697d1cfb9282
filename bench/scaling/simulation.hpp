#pragma once

#include "bench/scaling/simulated_worker.hpp"
#include "lib/cluster/coordinator_side.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::bench {

struct simulation_options {
  size_t targets = 100'000;
  uint32_t workers = 100;
  size_t plan_bytes = 400;    ///< What a loop needs, labels above all.
  size_t state_bytes = 2000;  ///< What a loop hands over.
  size_t status_bytes = 60;   ///< What is said of a scrape.
  size_t handovers_max = 500;
  uint64_t seed = 1;
};

/// What the coordinator did in a phase.
struct effort {
  double cpu_seconds = 0;
  double virtual_seconds = 0;
  uint64_t frames_out = 0;
  uint64_t frames_in = 0;
  uint64_t bytes_out = 0;
  uint64_t bytes_in = 0;
  uint64_t loops_started = 0;
};

/// The real coordinator and the real workers' half of the protocol on one virtual clock, without a network between
/// them: a frame takes one step.
class simulation {
 public:
  explicit simulation(simulation_options options);

  void start_coordinator();
  void add_workers(uint32_t count);
  void kill_worker(size_t index) { workers_[index]->is_dead = true; }
  void drain_worker(size_t index);
  /// Tells the coordinator of all targets, as discovery does at its start.
  void want_all();

  /// Each worker says of each of its loops how its last scrape went.
  void observe_all();
  /// How many such words the coordinator has taken, and weighed the targets by.
  size_t observations() const { return observations_; }

  /// Lets time pass until the condition holds, and returns what the coordinator did from the last call on. Gives up
  /// after `virtual_seconds_max`.
  effort run_until(const std::function<bool()>& condition, double virtual_seconds_max);
  /// Whether every target runs somewhere, and none is about to move.
  bool is_at_rest() const;
  size_t loops_of(size_t index) { return workers_[index]->side().loops(); }
  size_t workers() const { return workers_.size(); }

 private:
  void step();
  void introduce(simulated_worker& worker);
  void deliver_to_workers();
  void deliver_to_coordinator(bool everyone);
  int64_t wall() const;
  /// Runs what the coordinator has to do and counts its CPU.
  template <class Work>
  void coordinate(const Work& work);

  simulation_options options_;
  std::unique_ptr<cluster::coordinator_side> coordinator_;
  std::vector<std::unique_ptr<simulated_worker>> workers_;
  cluster::opaque plan_;
  int64_t now_ = 0;
  uint64_t epoch_ = 0;
  size_t observations_ = 0;
  effort effort_;
};

}  // namespace rollcall::bench
