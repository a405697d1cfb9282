#pragma once

#include "lib/cluster/worker_side.hpp"

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>

namespace rollcall::bench {

/// A worker that scrapes nothing: its half of the protocol is the real one, and its loops are gone as soon as they are
/// asked for what they know.
class simulated_worker : public cluster::loop_host {
 public:
  simulated_worker(std::string name, uint64_t incarnation, size_t state_bytes)
      : name_(std::move(name)), state_(state_bytes, 's'), side_({.incarnation = incarnation}, *this) {}

  const std::string& name() const { return name_; }
  cluster::worker_side& side() { return side_; }
  /// Says something of each of its loops.
  void observe_all(size_t bytes) {
    for (auto which : running_) side_.observe(which, std::string(bytes, 'o'));
  }
  /// Loops started since the last time.
  size_t take_started() { return std::exchange(started_, 0); }

  void define(uint64_t, const cluster::opaque&) override {}
  void start(const cluster::run& order) override {
    ++started_;
    running_.insert(order.which);
  }
  void change(cluster::tenancy, const cluster::loop_plan&) override {}
  void tick(cluster::tenancy, int64_t) override {}
  void collect(cluster::tenancy which) override {
    running_.erase(which);
    side_.collected(which, state_);
  }
  void inherit(cluster::tenancy, const std::string&) override {}
  void retire(cluster::tenancy which, cluster::tenancy) override {
    running_.erase(which);
    side_.ended(which);
  }
  void drop(cluster::tenancy which) override { running_.erase(which); }
  void configure(const cluster::opaque&) override {}
  void dismissed() override {}

  bool is_connected = false;
  bool is_dead = false;

 private:
  std::string name_;
  std::string state_;
  size_t started_ = 0;
  std::unordered_set<cluster::tenancy> running_;
  cluster::worker_side side_;
};

}  // namespace rollcall::bench
