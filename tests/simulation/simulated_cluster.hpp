#pragma once

#include "lib/cluster/coordinator_side.hpp"
#include "tests/simulation/simulated_time.hpp"
#include "tests/simulation/simulated_worker.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::test {

/// A part of the protocol that is broken on purpose.
enum class mutation : unsigned char {
  none,
  late_cut,       ///< The new owner is told of an earlier tick than the old one promised.
  lost_estate,    ///< What the old owner knew does not arrive.
  lost_copies,    ///< Copies of what owners know do not arrive.
  no_lease,       ///< Workers do not stop when their lease is over.
  hasty_takeover  ///< The coordinator gives targets away before the lease of a silent worker is over.
};

struct network {
  int64_t delay_max = 50;  ///< Milliseconds.
  double loss = 0;         ///< Of a message.
  double repetition = 0;
};

struct simulation_options {
  uint64_t seed = 1;
  network carrier;
  cluster::lease_policy policy = cluster::lease_policy::strict;
  mutation broken = mutation::none;
};

/// A cluster of one coordinator and any number of workers in virtual time: everything that happens follows from the
/// seed. Wall clocks are up to a second apart; a process that is paused gets its messages and its ticks when it goes
/// on.
class simulated_cluster : public simulated_time {
 public:
  static constexpr int64_t interval = 12'000;

  explicit simulated_cluster(simulation_options options);

  simulated_fleet& fleet() { return fleet_; }

  // -- targets
  void add_target(uint64_t key);
  void remove_target(uint64_t key);
  void renew_target(uint64_t key) { fleet_.renew(key); }

  // -- processes
  void add_worker(const std::string& name);
  void leave(const std::string& name);
  void drain(const std::string& name);
  void kill(const std::string& name);
  void pause(const std::string& name, int64_t length);
  void partition(const std::string& name, int64_t length);
  void restart_coordinator(int64_t down);
  /// Nothing is paused or cut off any more, and no message is lost.
  void heal();

  bool has_worker(const std::string& name) const { return workers_.contains(name); }
  std::vector<std::string> workers() const;
  /// Those that were not asked to leave or to give everything away.
  std::vector<std::string> staying() const;
  cluster::coordinator_side& coordinator() { return *coordinator_; }
  /// Whether every target that is there has an owner.
  bool is_everything_placed() const;

 private:
  struct process {
    std::unique_ptr<simulated_worker> worker;
    uint64_t incarnation = 0;
    bool is_connected = false;
    bool is_staying = true;
    int64_t paused_until = 0;
    int64_t cut_off_until = 0;
    int64_t armed_for = 0;
  };

  // Runs something in a worker's process, later if it is paused, never if it has ended.
  void in_process(const std::string& name, uint64_t incarnation, int64_t when, std::function<void(process&)> what);
  void carry(const std::string& name, std::function<void()> deliver);
  void beat(const std::string& name, uint64_t incarnation);
  void after_event(const std::string& name, process& which);
  void send_to_coordinator(const std::string& name, cluster::frame sent);
  void send_to_worker(const std::string& name, cluster::frame sent);
  void introduce(const std::string& name, process& which);
  void run_coordinator();
  void flush_coordinator();
  cluster::frame tampered(cluster::frame sent) const;
  void start_coordinator();
  cluster::loop_plan plan_of(uint64_t key) const;

  simulation_options options_;
  uint64_t last_incarnation_ = 0;
  simulated_fleet fleet_;
  std::set<uint64_t> targets_;
  std::map<std::string, process> workers_;
  std::unique_ptr<cluster::coordinator_side> coordinator_;
  uint64_t epoch_ = 0;
  int64_t coordinator_skew_ = 0;
};

}  // namespace rollcall::test
