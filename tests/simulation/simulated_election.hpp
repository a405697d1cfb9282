#pragma once

#include "lib/cluster/election.hpp"
#include "lib/cluster/voter.hpp"
#include "tests/simulation/simulated_time.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rollcall::test {

/// A rule of elections that is broken on purpose.
enum class broken_rule : unsigned char {
  none,
  no_silence,     ///< A worker that was started anew promises at once.
  faithless,      ///< A worker that turns to another coordinator forgets what it has promised.
  counted_twice,  ///< A promise counts for two.
  slow_clocks,    ///< Those of coordinators count two seconds of five.
};

struct election_world {
  uint64_t seed = 1;
  size_t coordinators = 3;
  size_t voters = 5;
  size_t others = 2;       ///< Workers that do not vote.
  int64_t delay_max = 50;  ///< Of a message, in milliseconds.
  double loss = 0;         ///< Of a message.
  broken_rule broken = broken_rule::none;
};

/// Coordinators and workers that elect one of them, in virtual time: everything that happens follows from the seed.
/// Every process has a steady clock of its own that is up to a hundredth too fast or too slow; wall clocks are up to a
/// second apart.
class simulated_election : public simulated_time {
 public:
  static constexpr int64_t lease = 4000;

  explicit simulated_election(election_world world);

  // -- what happens, for a while in milliseconds
  void kill_coordinator(size_t which, int64_t down);
  void pause_coordinator(size_t which, int64_t length) { coordinators_[which].paused_until = now() + length; }
  void resign(size_t which, int64_t down);
  void kill_worker(size_t which, int64_t down);
  void pause_worker(size_t which, int64_t length) { workers_[which].paused_until = now() + length; }
  /// Nothing gets from one to the other; the worker notices at once, or when it has heard nothing for long.
  void cut(size_t coordinator, size_t worker, int64_t length);
  /// Nothing is cut off, stopped or down any more.
  void heal();

  /// The one that leads now, if any; whether it is stopped or not.
  std::optional<size_t> leader() const;
  size_t coordinators() const { return coordinators_.size(); }
  size_t workers() const { return workers_.size(); }
  /// How many workers the leader has.
  size_t members() const;

  // -- what must not be
  /// How often two led at a time.
  size_t rivals() const { return rivals_; }
  /// How often somebody began to lead in an epoch that is not higher than all before.
  size_t epochs_out_of_order() const { return epochs_out_of_order_; }

 private:
  // What all processes have: a clock, and a life that others do not share.
  struct process {
    uint64_t life = 0;  // 0 while it is down
    int64_t offset = 0;
    double rate = 1;
    int64_t skew = 0;
    int64_t paused_until = 0;
  };
  struct coordinator : process {
    std::optional<cluster::election> side{};
    std::optional<uint64_t> epoch{};  // in which it takes itself for the leader
    std::set<size_t> members{};
    std::set<size_t> waiting{};
  };
  struct worker : process {
    std::optional<cluster::voter> side{};
    size_t joined = 0;
    uint64_t contact = 0;  // grows with each coordinator that it turns to
    std::optional<uint64_t> session{};
    int64_t echo = 0;
    int64_t heard = 0;
  };

  static std::string name_of(size_t index) { return "worker-" + std::to_string(index); }
  void after(int64_t wait, std::function<void()> what) { at(now() + wait, std::move(what)); }
  int64_t steady(const process& who) const;
  int64_t wall_of(const process& who) const { return wall() + who.skew; }
  double chance() { return static_cast<double>(draw(1000)) / 1000; }
  void be_born(process& who);
  // Runs something in a process, later if it is stopped, never if it has ended.
  template <class Process>
  void in(std::vector<Process>& all, size_t which, uint64_t life, std::function<void(Process&)> what);

  void start_coordinator(size_t which);
  void start_worker(size_t which);
  void look_after(size_t which, uint64_t life);
  void see(size_t which);
  void look() override;

  void to_coordinator(size_t index, std::function<void(coordinator&)> what);
  void to_worker(size_t which, size_t index, std::function<void(worker&)> what);
  void beat(size_t index, uint64_t life);
  void say_hello(size_t index);
  void say_words(size_t index);
  void receive(size_t which, size_t index, const cluster::vote& said);
  void consider(size_t which, size_t index, const cluster::candidacy& asked);
  void send_away(size_t which, size_t index, const std::optional<cluster::candidacy>& given_back);
  void end_session(size_t which, size_t index, std::optional<uint64_t> session);
  void try_next(worker& who);

  election_world world_;
  uint64_t last_life_ = 0;
  std::vector<coordinator> coordinators_;
  std::vector<worker> workers_;
  std::vector<std::vector<int64_t>> cut_until_;  // by coordinator and worker
  uint64_t epoch_led_ = 0;                       // the highest
  uint64_t led_by_ = 0;                          // its life
  size_t rivals_ = 0;
  size_t epochs_out_of_order_ = 0;
};

}  // namespace rollcall::test
