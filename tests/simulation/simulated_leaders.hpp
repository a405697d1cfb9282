#pragma once

#include "lib/cluster/coordinator_side.hpp"
#include "lib/cluster/leadership.hpp"
#include "tests/simulation/simulated_time.hpp"
#include "tests/simulation/simulated_worker.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rollcall::test {

/// A part of how leaders follow each other that is broken on purpose.
enum class leader_mutation : unsigned char {
  none,
  no_fence,  ///< A coordinator goes on until it is told that it leads no more, and workers obey whoever speaks.
  no_wait,   ///< A standby does not wait for the end of the leader's lease.
};

struct leaders_options {
  uint64_t seed = 1;
  int64_t delay_max = 50;  ///< Of a message, in milliseconds.
  double loss = 0;         ///< Of a message.
  cluster::lease_policy policy = cluster::lease_policy::available;
  leader_mutation broken = leader_mutation::none;
};

/// Several coordinators, an arbiter, and workers with targets, in virtual time: everything that happens follows from
/// the seed. Every process has a steady clock of its own, and wall clocks are up to a second apart.
class simulated_leaders : public simulated_time {
 public:
  static constexpr int64_t interval = 12'000;
  static constexpr int64_t lease = 3000;

  simulated_leaders(leaders_options options, size_t coordinators, size_t workers, uint64_t targets);

  simulated_fleet& fleet() { return fleet_; }

  // -- what happens to coordinators, for a while in milliseconds
  void kill(size_t which, int64_t down);
  void pause(size_t which, int64_t length);
  void cut_off_from_arbiter(size_t which, int64_t length);
  void cut_off_from_workers(size_t which, int64_t length);
  void resign(size_t which);
  void lose_arbiter(int64_t length) { arbiter_down_until_ = now() + length; }

  /// The one that leads now, if any.
  std::optional<size_t> leader() const;
  size_t coordinators() const { return coordinators_.size(); }
  bool is_everything_placed() const;
  /// The owner of a target, as the leader knows it.
  std::string owner_of(uint64_t key) const;
  size_t moves() const;

  // -- what must not be
  /// How often somebody assigned when another led already in the same epoch or a later one.
  size_t late_orders() const { return late_orders_; }
  /// How often a worker began something for a leader that is not the latest it has heard of.
  size_t obeyed_wrongly() const { return obeyed_wrongly_; }

 private:
  struct coordinator {
    uint64_t incarnation = 0;  // 0 while it is down
    int64_t steady_offset = 0;
    int64_t skew = 0;
    std::optional<cluster::leadership> leadership{};
    std::unique_ptr<cluster::coordinator_side> side{};
    std::map<uint64_t, std::string> members{};  // by session
    int64_t paused_until = 0;
    int64_t no_arbiter_until = 0;
    int64_t no_workers_until = 0;
  };

  struct worker {
    std::unique_ptr<simulated_worker> process;
    size_t joined = 0;  // of the coordinators, the one that it talks to
    bool is_member = false;
    int64_t heard = 0;
    int64_t armed_for = 0;
  };

  int64_t delay() { return 1 + static_cast<int64_t>(draw(static_cast<uint64_t>(options_.delay_max))); }
  bool is_lost() { return static_cast<double>(draw(1'000'000)) / 1e6 < options_.loss; }
  static std::string name_of(size_t index) { return "worker-" + std::to_string(index); }

  // Runs something in a coordinator's process, later if it is paused, never if it has ended.
  void in_coordinator(size_t which, uint64_t incarnation, std::function<void(coordinator&)> what);
  void start(size_t which);
  void look_after(size_t which, uint64_t incarnation);
  void proceed(size_t which);
  void ask_arbiter(size_t which, cluster::leadership::step step);
  bool is_leading(size_t which);
  void lead(size_t which, uint64_t epoch);
  void stand_by(size_t which);
  void flush(size_t which);

  // Messages between a coordinator and a worker.
  void to_coordinator(size_t from, size_t which, std::function<void(coordinator&)> what);
  void to_worker(size_t which, size_t to, std::function<void(worker&)> what);
  void beat(size_t index);
  void introduce(size_t index);
  void say(size_t index);
  static void lose_membership(worker& who, size_t at);
  void try_next(worker& who);
  void after_event(size_t index);

  leaders_options options_;
  uint64_t last_incarnation_ = 0;
  simulated_fleet fleet_;
  uint64_t targets_;
  cluster::register_content register_;
  uint64_t register_version_ = 0;
  int64_t arbiter_down_until_ = 0;
  std::vector<coordinator> coordinators_;
  std::vector<worker> workers_;
  std::map<uint64_t, uint64_t> led_by_;  // incarnation by epoch
  size_t late_orders_ = 0;
  size_t obeyed_wrongly_ = 0;
};

}  // namespace rollcall::test
