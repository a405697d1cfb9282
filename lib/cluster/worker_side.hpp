#pragma once

#include "lib/base/timer_wheel.hpp"
#include "lib/cluster/peer_link.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace rollcall::cluster {

/// What a worker that hears nothing of its coordinator does when its lease is over.
enum class lease_policy : unsigned char {
  available,  ///< It goes on with what it has.
  strict,     ///< It stops scraping until it is heard again: no target has two owners at a time.
};

/// Carries out what a worker_side decides. A loop is started before anything else is said of it.
class loop_host {
 public:
  virtual ~loop_host() = default;

  virtual void define(uint64_t settings, const opaque& bytes) = 0;
  virtual void start(const run& order) = 0;
  virtual void change(tenancy which, const loop_plan& plan) = 0;
  /// The loop's tick has come. One that was retired gets its ticks until it has ended.
  virtual void tick(tenancy which, int64_t scheduled) = 0;
  /// There are no more ticks: end the loop, and call collected() with what it knew.
  virtual void collect(tenancy which) = 0;
  virtual void inherit(tenancy which, const std::string& state) = 0;
  /// The target is gone; call ended() when the loop has settled that.
  virtual void retire(tenancy which, tenancy heir) = 0;
  /// End the loop at once, and say nothing of its series.
  virtual void drop(tenancy which) = 0;
  virtual void configure(const opaque& bytes) = 0;
  virtual void dismissed() = 0;
};

struct worker_options {
  uint64_t incarnation = 0;  ///< Not 0, and another one for each process.
  lease_policy policy = lease_policy::available;
  /// How far the wall clock may go ahead of or behind the steady one at once; what is more is a step.
  milliseconds clock_step_max = std::chrono::seconds(2);
};

/// The worker's half of the protocol: which of its ticks are its own, what it promises, and what it still has to say.
/// Knows no clock: `steady` and `wall` are the milliseconds of the process's steady and wall clock. The host must
/// outlive it.
class worker_side {
 public:
  worker_side(worker_options options, loop_host& host) : options_(options), host_(host) {}

  /// What to say on a new connection, and again until it is accepted. Nothing else is listened to until then.
  introduction introduce(int64_t steady);
  /// False when it answers an earlier introduction, or the coordinator was replaced by another.
  bool accept(const acceptance& answer);
  /// Somebody leads in this epoch: who leads in an earlier one is not obeyed any more.
  void hear_of(uint64_t epoch) { epoch_ = std::max(epoch_, epoch); }
  /// Returns whether an answer is due. Errors: errc::syntax.
  result<bool> take(const frame& received, int64_t steady, int64_t wall);
  /// Nothing before the first acceptance.
  std::optional<frame> make_frame(int64_t steady);
  bool has_work(int64_t steady) const { return is_accepted_ && link_->has_work(steady); }

  /// Passes the ticks that have come on to the host.
  void run_ticks(int64_t steady, int64_t wall);
  /// When to call run_ticks(), by the wall clock; nothing without loops.
  std::optional<int64_t> next_tick() const { return wheel_.next_due(); }

  /// The answer to collect().
  void collected(tenancy which, std::string state);
  /// A retired loop is over, or any other has failed for good.
  void ended(tenancy which);
  void observe(tenancy which, std::string bytes);
  /// Whether copies of what loops know would be kept, and do not pile up here. Each session wants all of them anew.
  bool wants_copies() const { return is_accepted_ && keeps_copies_ && link_->bytes_waiting() < frame_bytes_wanted; }
  uint64_t session() const { return link_ ? link_->session() : 0; }
  /// What a loop knows by now: what it was sent before is replaced.
  void copy(tenancy which, std::string state);
  /// Asks to be relieved of everything.
  void leave();

  /// Whether it may scrape.
  bool holds_lease(int64_t steady) const;
  milliseconds lease() const { return lease_; }
  uint64_t epoch() const { return epoch_; }
  size_t loops() const { return loops_.size(); }

 private:
  struct loop {
    enum class phase : unsigned char { running, collecting, retired };

    loop_plan plan;
    uint64_t digest = 0;
    int64_t first_tick = 0;
    std::optional<int64_t> cut;
    std::optional<int64_t> last_tick;
    int64_t next_tick = 0;
    loop::phase now = phase::running;
  };

  void on(const define& order, int64_t wall);
  void on(const run& order, int64_t wall);
  void on(const change& order, int64_t wall);
  void on(const yield& order, int64_t wall);
  void on(const bequeath& order, int64_t wall);
  void on(const retire& order, int64_t wall);
  void on(const disown& order, int64_t wall);
  void on(const configure& order, int64_t wall);
  void on(const dismiss& order, int64_t wall);

  // Whether nobody else can have been given what is here.
  bool is_member(int64_t steady) const;
  loop* find(tenancy which);
  void forget(tenancy which);
  void push(const notice& item);
  void set_next(tenancy which, loop& entry, int64_t after);
  void reset_after_clock_step(int64_t steady, int64_t wall);
  void deliver(tenancy which, int64_t scheduled, int64_t steady, int64_t wall);

  worker_options options_;
  loop_host& host_;
  std::optional<peer_link> link_;
  uint64_t epoch_ = 0;
  uint64_t attempt_ = 0;
  bool is_accepted_ = false;
  bool keeps_copies_ = false;
  milliseconds lease_{0};
  std::optional<int64_t> lease_from_;
  bool leaving_ = false;
  std::unordered_map<tenancy, loop> loops_;
  timer_wheel wheel_;
  std::optional<int64_t> clock_offset_;
};

}  // namespace rollcall::cluster
