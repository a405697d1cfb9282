#pragma once

#include "lib/cluster/copy_store.hpp"
#include "lib/cluster/mandate.hpp"
#include "lib/cluster/peer_link.hpp"
#include "lib/cluster/placement_wish.hpp"
#include "lib/placement/placement.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace rollcall::cluster {

/// A worker while it is a member; never used again.
using member_id = placement::worker_number;
inline constexpr member_id nobody = placement::nobody;

struct coordinator_options {
  uint64_t epoch = 1;  ///< Higher than that of every coordinator before, and below 2^32.
  /// How long a worker may be silent before others take over; shorter than any interval.
  milliseconds lease = std::chrono::seconds(4);
  /// How far any two nodes' wall clocks may be apart.
  milliseconds skew_max = std::chrono::seconds(1);
  /// How far ahead an owner gives a target up, beyond the skew: the new owner has heard of it by then.
  milliseconds handover_lead{500};
  /// How long after the start nothing is placed: whoever has a loop has said so by then, or has lost its lease.
  milliseconds settling = std::chrono::seconds(6);
  /// How long a loop that nobody asks for goes on after a restart, until discovery has found its target again.
  milliseconds orphan_grace = std::chrono::minutes(5);
  /// How long a target that is gone can still find an heir, in intervals.
  int heir_grace_intervals = 3;
  size_t handovers_max = 500;                   ///< At a time: so many, ...
  size_t handovers_per_mille = 10;              ///< ... or so many of a thousand targets, whichever is more.
  size_t copies_bytes_max = size_t{256} << 20;  ///< Of what owners know of their series; 0 keeps no copies.
  size_t moves_remembered = 100;
  size_t names_remembered = 1000;  ///< Of workers that have left, for those who ask where a target was.
  placement::placement_options placement;
};

/// A move, for those who want to know why a target is where it is.
struct move_record {
  int64_t when = 0;  ///< Milliseconds since the Unix epoch.
  uint64_t key = 0;
  std::string from;  ///< Empty for nobody, as the next.
  std::string to;
  placement::move_reason why = placement::move_reason::new_target;

  bool operator==(const move_record&) const = default;
};

struct member_status {
  std::string name;
  std::string zone;
  uint64_t session = 0;
  milliseconds silent_for{0};
  bool draining = false;
  size_t loops = 0;
  size_t items_waiting = 0;
  placement::worker_load load;
};

/// How the lot of a target stands.
struct target_place {
  std::string owner;  ///< Empty for nobody, as the next.
  std::string next_owner;
  placement::cost weight = 0;
  std::optional<move_record> last_move{};  ///< Of this coordinator's.

  bool operator==(const target_place&) const = default;
};

/// The coordinator's half of the protocol: who has which target, and how it changes hands. Targets come and go by
/// want() and its like; workers by introduce(), take() and silence. Knows no clock; see worker_side.
class coordinator_side {
 public:
  explicit coordinator_side(coordinator_options options, int64_t steady);

  // -- targets
  void define(uint64_t settings, const opaque& bytes) { settings_[settings] = bytes; }
  /// A target to be scraped. A loop of that key goes on as it is, or in the next one if it is about to end.
  void want(const loop_plan& plan, const placement_wish& wish, int64_t wall);
  void update(const loop_plan& plan);
  /// Its series go stale, unless it finds an heir within its grace.
  void unwant(uint64_t key, int64_t wall);
  /// The series of one target that is gone, or is about to go, go on in those of another.
  void succeed(uint64_t key, uint64_t heir, int64_t wall);
  /// Nobody asks for it at the moment: it goes on until somebody does, or the grace is over.
  void orphan(uint64_t key, int64_t steady);
  void configure(const opaque& bytes);

  // -- workers
  /// Errors: errc::closed when another process of that name is a member.
  result<acceptance> introduce(const placement::worker_description& worker, const introduction& words, int64_t steady,
                               int64_t wall);
  /// Errors: errc::syntax, errc::not_found for a session that is over: the worker has to introduce itself again.
  result<void> take(const frame& received, int64_t steady, int64_t wall);
  /// Whether there is such a worker.
  bool drain(const std::string& name);

  /// Looks after leases and moves; to be called several times in a lease.
  void run(int64_t steady, int64_t wall);

  /// What is to be sent now, by name of the worker.
  std::vector<std::pair<std::string, frame>> take_frames(int64_t steady);
  /// What workers have said of loops since the last time: key and bytes.
  std::vector<std::pair<uint64_t, std::string>> take_observed() { return std::exchange(observed_, {}); }
  void weigh(uint64_t key, placement::cost newest) { placement_.observe(key, newest); }

  std::vector<member_status> members(int64_t steady) const;
  target_place place_of(uint64_t key) const;
  const std::deque<move_record>& moves() const { return moves_; }
  size_t targets() const { return targets_.size(); }
  size_t handovers() const { return handovers_; }
  uint64_t epoch() const { return options_.epoch; }
  uint64_t takeovers() const { return takeovers_; }
  const copy_store& copies() const { return copies_; }

 private:
  struct target {
    loop_plan plan;  // without bytes while only its owner knows it
    uint64_t digest = 0;
    member_id owner = nobody;
    tenancy which = no_tenancy;
    int64_t first_tick = 0;                // of whoever gets it next: those before are somebody else's
    std::optional<member_id> successor{};  // while the owner is asked to yield; nobody if that one is gone
    tenancy before = no_tenancy;           // whose estate the next tenancy gets
    bool is_bereft = false;                // its owner was lost with what it knew, of which there may be a copy
    int64_t moved = 0;                     // when it got its owner, by the wall clock; 0 for before this coordinator
    member_id moved_from = nobody;
    placement::move_reason moved_why = placement::move_reason::new_target;
  };

  struct member {
    placement::worker_description description;
    uint64_t incarnation = 0;
    uint64_t attempt = 0;
    peer_link link;
    int64_t heard = 0;
    bool owes_answer = false;
    bool is_doubted = false;  // of what it has, somebody else may have more to say
    bool is_leaving = false;
    bool is_dismissed = false;
    std::set<uint64_t> defined{};
    std::unordered_set<tenancy> tenancies{};
  };

  /// A tenancy on a worker, until the worker is rid of it.
  struct lease_entry {
    member_id owner = nobody;
    uint64_t key = 0;
    uint64_t session = 0;  // in which the worker was told of it
  };

  /// What a tenancy leaves, on its way to another.
  struct legacy {
    tenancy beneficiary = no_tenancy;  ///< None while the target has no owner.
    std::optional<std::string> state;  ///< Once it has come.
  };

  /// A target that is gone, while it may still find an heir.
  struct departed {
    tenancy which = no_tenancy;  // which is to see to its series, if any
    int64_t until = 0;           // by the wall clock
    loop_plan plan;
    int64_t first_tick = 0;  // those before were somebody else's than the tenancy's
  };

  void on(member_id id, const yielding& item, int64_t wall);
  void on(member_id id, const yielded& item, int64_t wall);
  void on(member_id id, const observed& item, int64_t wall);
  void on(member_id id, const leaving& item, int64_t wall);
  void on(member_id id, const copied& item, int64_t wall);

  target* find_target(uint64_t key);
  bool is_wanted(uint64_t key) const { return !orphans_.contains(key); }
  member* find_member(member_id id);
  bool owns(member_id id, tenancy which) const;
  void push(member_id id, const directive& item);
  void tell_settings(member_id id, uint64_t settings);
  void begin_session(member& who);
  acceptance acceptance_of(const member& who) const;

  tenancy start(target& what, member_id owner, estate from_before = estate::none);
  void release(tenancy which);
  void resume(target& what, int64_t wall);
  void recall(target& what, tenancy which, member_id owner);
  void end_handover(target& what);
  void settle_estate(tenancy from, std::string state);
  void pass_on(lease_entry from, tenancy which, target& heir);
  void lay_to_rest(member_id id, const departed& gone, std::string state, int64_t wall);
  std::string copy_of(uint64_t key) const;
  void give_copies();
  void leave_copy(uint64_t key, target& heir);
  void mourn(uint64_t key, departed gone, int64_t wall);
  void mourn_departed(uint64_t key, tenancy which, int64_t wall);
  void lay_copies_to_rest(int64_t wall);
  void move(const placement::move& decided, int64_t wall);
  void remember(target& what, const placement::move& decided, int64_t wall);
  std::string name_of(member_id id) const;

  std::vector<bequeath> salvage(const peer_link& link, const std::vector<holding>& held);
  void adopt(member_id id, const holding& held, int64_t wall);
  void withdraw_older(const holding& held);
  bool adopt_unknown(member_id id, const holding& held, int64_t steady, int64_t wall);
  bool adopt_retired(member_id id, const holding& held, int64_t wall);
  void forget_missing(member_id id, const introduction& words, uint64_t last_session, int64_t wall);
  void lose(member_id id, int64_t wall);
  void lose_tenancy(tenancy which, int64_t wall);
  void take_away(tenancy which, int64_t first_tick);
  void enlist(const target& what, const placement_wish& wish);
  void start_those_who_joined(int64_t wall);
  void end_settling(int64_t wall);
  size_t handovers_left() const;
  void expire(int64_t steady, int64_t wall);
  void dismiss_idle();

  coordinator_options options_;
  int64_t settled_at_;
  bool is_settled_ = false;
  uint64_t last_tenancy_ = 0;
  uint64_t last_session_ = 0;
  size_t handovers_ = 0;
  uint64_t takeovers_ = 0;
  placement::placement placement_;
  std::map<uint64_t, opaque> settings_;
  opaque configuration_;
  std::unordered_map<uint64_t, target> targets_;
  std::vector<uint64_t> joined_;                   // targets that joined others which have an owner
  std::unordered_map<uint64_t, int64_t> orphans_;  // of targets_, those that nobody asks for, and since when
  std::map<member_id, member> members_;
  std::map<std::string, member_id> names_;
  std::map<member_id, std::string> former_names_;
  std::unordered_map<uint64_t, member_id> sessions_;
  std::unordered_map<tenancy, lease_entry> tenancies_;
  std::unordered_map<tenancy, legacy> estates_;
  std::unordered_map<uint64_t, departed> departed_;
  copy_store copies_;
  std::vector<tenancy> owed_;                          // whose loops wait for a copy
  std::unordered_map<uint64_t, departed> unattended_;  // gone, and whoever would have to mark their series, too
  std::deque<move_record> moves_;
  std::vector<std::pair<uint64_t, std::string>> observed_;
};

}  // namespace rollcall::cluster
