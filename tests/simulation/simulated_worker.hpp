#pragma once

#include "lib/cluster/worker_side.hpp"
#include "tests/simulation/simulated_fleet.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::test {

/// A worker process of a simulation: the real protocol, with loops that know nothing but which series they saw.
class simulated_worker : public cluster::loop_host {
 public:
  /// Runs something after so many milliseconds, unless the process has ended by then.
  using timer = std::function<void(int64_t, std::function<void()>)>;

  simulated_worker(std::string name, cluster::worker_options options, int64_t skew, simulated_fleet& fleet, timer after)
      : name_(std::move(name)), skew_(skew), fleet_(fleet), after_(std::move(after)), side_(options, *this) {}

  const std::string& name() const { return name_; }
  int64_t skew() const { return skew_; }
  cluster::worker_side& side() { return side_; }
  bool is_dismissed() const { return is_dismissed_; }

  void define(uint64_t, const cluster::opaque&) override {}
  void start(const cluster::run& order) override;
  void change(cluster::tenancy which, const cluster::loop_plan& plan) override { loops_.at(which).key = plan.key; }
  void tick(cluster::tenancy which, int64_t scheduled) override;
  void collect(cluster::tenancy which) override;
  void inherit(cluster::tenancy which, const std::string& state) override;
  void retire(cluster::tenancy which, cluster::tenancy heir) override;
  void drop(cluster::tenancy which) override { loops_.erase(which); }
  void configure(const cluster::opaque&) override {}
  void dismissed() override { is_dismissed_ = true; }

 private:
  using series = simulated_fleet::series;

  struct loop {
    uint64_t key = 0;
    bool awaits = false;
    series known;
    std::vector<series> predecessors;
    bool is_collecting = false;
    std::optional<cluster::tenancy> heir;  // while retired
    int farewell_ticks = 0;
    std::optional<std::pair<uint64_t, series>> copied{};  // in which session
  };

  void mark_all(uint64_t key, const series& gone, const series& alive);
  void hand_over(cluster::tenancy which);
  void copy_soon(cluster::tenancy which);
  static series all_of(const loop& from);

  std::string name_;
  int64_t skew_;
  simulated_fleet& fleet_;
  timer after_;
  bool is_dismissed_ = false;
  std::map<cluster::tenancy, loop> loops_;
  cluster::worker_side side_;
};

}  // namespace rollcall::test
