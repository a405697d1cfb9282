#pragma once

#include "lib/base/duration.hpp"
#include "lib/queue/drain_rate.hpp"
#include "lib/queue/store_ledger.hpp"
#include "lib/queue/store_work.hpp"
#include "lib/remote_write/send_queue.hpp"

#include <boost/container/deque.hpp>
#include <boost/container/flat_map.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rollcall::queue {

/// Whether requests are kept in a store until they are finished.
enum class durability : unsigned char { none, stored };

/// What goes first when there is a backlog.
enum class delivery_order : unsigned char {
  strict,      ///< The older: for receivers that accept a series' samples in order only.
  live_first,  ///< What comes in goes at once, the backlog beside it: for receivers that accept samples out of order.
};

struct durable_queue_options {
  remote_write::send_queue_options send;  ///< Its bounds on samples and bytes hold where there is no store.
  queue::durability durability = durability::none;
  delivery_order order = delivery_order::strict;
  uint64_t lane_bytes_max = 256 * 1024;             ///< Of bodies in memory on their way out; twice with live_first.
  uint64_t unstored_bytes_max = 256 * 1024 * 1024;  ///< Of bodies that the store has not taken yet.
  uint64_t disk_bytes_max = 10ull << 30;            ///< Beyond it the oldest blocks are dropped.
  milliseconds age_max = std::chrono::hours(48);    ///< Likewise; 0 means none is too old.
  uint64_t drain_bytes_per_second = 0;              ///< Of what is read back from the store; 0 means as fast as can be.
  uint64_t merged_samples_max = 2000;               ///< Of small requests that are held and become one.
  uint64_t set_aside_bytes_max = 256 * 1024 * 1024;  ///< Beyond it the oldest of what was set aside is erased.
  store_ledger_options store;
};

/// Samples that a durable queue lost, by reason, and how much it has.
struct durable_queue_figures {
  uint64_t blocks = 0;
  uint64_t bytes = 0;              ///< As they are on disk.
  int64_t oldest_created = 0;      ///< Milliseconds since the Unix epoch; 0 when there is none.
  uint64_t unstored_bytes = 0;     ///< Of bodies that the store is not known to have.
  uint64_t dropped_disk_full = 0;  ///< Samples beyond disk_bytes_max, or that the store did not take in time.
  uint64_t dropped_too_old = 0;    ///< Samples beyond age_max.
  uint64_t dropped_damaged = 0;    ///< Samples of blocks that could not be read back.
  uint64_t store_failures = 0;
  uint64_t set_aside_blocks = 0;
  uint64_t set_aside_bytes = 0;

  bool operator==(const durable_queue_figures&) const = default;
};

/// How it fares besides.
struct durable_queue_status : durable_queue_figures {
  std::string store_error;  ///< Empty when the store is well.
  std::vector<set_aside_block> set_aside;

  bool operator==(const durable_queue_status&) const = default;
};

/// The requests of one endpoint from when they are cut until they are finished: some in memory on their way out, all of
/// them in a store, so that neither an outage nor a crash loses any. Does nothing itself: it says what the store is to
/// do and is told what came of it. Where there is no store, or it cannot be opened, it is a send_queue. `now` is of any
/// one clock that does not go backward, `wall_now` in milliseconds since the Unix epoch.
class durable_queue {
 public:
  explicit durable_queue(durable_queue_options options);

  /// Takes a request, the newest, whose batches are numbered from when this object was made.
  void push(remote_write::request added, int64_t wall_now);
  /// Likewise, but where there is a store it is not sent before this time, nor as long as it would have to wait for an
  /// older one; meanwhile it is merged with those that come after it, up to the bound on samples.
  void push_held(remote_write::request added, int64_t wall_now, milliseconds until);
  /// What will be pushed next is to begin with these samples: where there is a store, its journal keeps them until
  /// then.
  void draft(remote_write::request begun, int64_t wall_now);
  /// Has what is held go at once.
  void release_held();

  // As send_queue has them.
  std::vector<remote_write::attempt> take_due(milliseconds now, int64_t oldest);
  const remote_write::request* under_way(uint64_t tag) const;
  bool delivered(uint64_t tag, const std::optional<remote_write::item_counts>& written = std::nullopt);
  /// The block is set aside, or what is refused of it, with these words of its receiver.
  bool refused(uint64_t tag, int64_t wall_now, const std::string& why, const remote_write::item_counts& written = {},
               remote_write::blame about = remote_write::blame::request);
  bool failed(uint64_t tag, milliseconds now, std::optional<milliseconds> hold_off);
  void fail_all(milliseconds now);
  bool would_wait(std::span<const remote_write::source_span> sources) const;
  uint64_t samples() const { return counts().samples; }
  /// What waits or is under way.
  remote_write::item_counts counts() const;
  size_t in_flight() const { return lanes_[0].in_flight() + lanes_[1].in_flight(); }
  uint64_t window() const { return lanes_[new_lane()].window(); }
  remote_write::send_totals totals() const;
  /// Puts other options in force, but for durability and order.
  void reconfigure(const durable_queue_options& options);

  /// What the store is to do now, if anything. To be called after everything that changes the queue.
  std::optional<store_work> take_work(milliseconds now, int64_t wall_now);
  /// What the store's journal is to be told now, if anything. To be called likewise, before take_work().
  std::optional<journal_note> take_note();
  bool has_note() const { return opened_ && ledger_.has_note(); }
  void work_done(store_answer& answer, milliseconds now, int64_t wall_now);
  /// Nobody will answer what was asked of the store.
  void work_lost() { ledger_.lose(); }
  /// When take_due() should be called, and when take_work(), if nothing happens before.
  std::optional<milliseconds> next_due() const;
  std::optional<milliseconds> next_work_due() const;
  /// Whether the store knows all there is to know, or cannot be told, and its journal was told, too.
  bool is_settled() const { return !opened_ || (ledger_.is_settled() && !ledger_.has_note()); }

  // Of what is set aside; whether there is such a block.
  /// Has it sent again, as the newest.
  bool release(uint64_t sequence);
  bool discard(uint64_t sequence);

  bool is_durable() const { return options_.durability == durability::stored; }
  /// Why the store does not take what it is given; empty when it does.
  const std::string& store_error() const { return ledger_.last_error(); }
  durable_queue_figures figures() const;
  durable_queue_status status() const { return {figures(), store_error(), set_aside_}; }

 private:
  // A long backlog has very many, so each is small. A value that does not fit, which no block of ours comes near, is
  // kept as the largest that does.
  class entry {
   public:
    entry(uint64_t bytes, const remote_write::item_counts& counts, int64_t created);

    int64_t created() const { return created_; }
    uint64_t bytes() const { return bytes_; }
    remote_write::item_counts counts() const { return {samples_, histograms_, exemplars_}; }
    void resize(uint64_t bytes, const remote_write::item_counts& counts);
    /// In the store: in no lane, nor held.
    bool rests() const { return rests_; }
    void set_rests(bool rests) { rests_ = rests; }

   private:
    static constexpr int created_bits = 43, bytes_bits = 26, samples_bits = 20, histograms_bits = 18,
                         exemplars_bits = 20;

    uint64_t created_ : created_bits;
    uint64_t rests_ : 1 = 0;
    uint64_t exemplars_ : exemplars_bits = 0;
    uint64_t bytes_ : bytes_bits = 0;
    uint64_t samples_ : samples_bits = 0;
    uint64_t histograms_ : histograms_bits = 0;
  };
  static_assert(sizeof(entry) == 16);
  struct held_request {
    remote_write::request request;
    milliseconds until{0};
  };
  struct refusal {
    int64_t since = 0;
    std::string why;
  };
  // Sequences grow, and blocks are finished close to either end. What is kept of a backlog is allocated in large
  // pieces: small ones would lie scattered among what is short-lived, and keep a page each.
  using entry_list =
      boost::container::deque<std::pair<uint64_t, entry>, void,
                              boost::container::deque_options_t<boost::container::block_bytes<16 * 1024>>>;
  using entries = boost::container::flat_map<uint64_t, entry, std::less<>, entry_list>;

  size_t new_lane() const { return options_.order == delivery_order::live_first ? 1 : 0; }
  void number_batches(remote_write::request& added) const;
  block_ptr make_block(remote_write::request& added, int64_t wall_now);
  entries::iterator admit(remote_write::request& added, int64_t wall_now);
  entries::iterator enter(uint64_t sequence, const entry& added);
  std::optional<milliseconds> merge_with_held(remote_write::request& added);
  void place(entries::iterator at, remote_write::request added);
  void enter_lane(entries::iterator at, remote_write::request request, size_t lane);
  void rest(entries::iterator at);
  void end_rest(entry& rested);
  bool withdraw(uint64_t sequence);
  bool make_room_in_live_lane(uint64_t bytes);
  void take_narrowed(size_t lane);
  void take_finished(size_t lane);
  entries::iterator forget(entries::iterator at);
  bool drop(entries::iterator at, remote_write::item_counts& reason);
  void enforce_bounds(int64_t wall_now);
  void bound_unstored();
  bool has_backlog(int64_t wall_now) const;
  void bound_set_aside();
  std::vector<uint64_t> choose_wanted(milliseconds now);
  void opened(const queue_contents& contents, int64_t wall_now);
  void go_without_store();
  std::deque<remote_write::request> take_early();
  void push_early(remote_write::request added);
  void apply_lane_options();
  void take_read(std::vector<stored_block>& read, milliseconds now, int64_t wall_now);
  void take_released(std::vector<stored_block>& read, int64_t wall_now);
  bool forget_set_aside(uint64_t sequence);
  void set_aside(uint64_t sequence, uint64_t bytes, int64_t wall_now, const std::string& why);

  durable_queue_options options_;
  std::array<remote_write::send_queue, 2>
      lanes_;  // what is new and strict order's all; with live_first the second is new
  store_ledger ledger_;
  drain_rate drain_;
  bool opened_ = false;
  bool store_failed_to_open_ = false;
  std::deque<remote_write::request> early_;  // until the store says what it has
  remote_write::item_counts early_counts_;
  uint64_t early_bytes_ = 0;
  uint64_t batch_base_ = 0;  // batches of this life are numbered from here
  uint64_t last_sequence_ = 0;
  entries entries_;  // by sequence: what is unfinished
  uint64_t bytes_ = 0;
  std::optional<held_request> held_;  // the newest, in no lane yet
  uint64_t resting_ = 0;              // how many of them rest
  remote_write::item_counts resting_counts_;
  uint64_t rests_from_ = 0;                               // none before it rests
  std::array<std::map<uint64_t, uint64_t>, 2> in_lanes_;  // of each lane, the names there by sequence
  std::optional<milliseconds> load_due_;                  // when more may be read back, if only time is in the way
  std::map<uint64_t, refusal> refusals_;                  // the last words for what is refused, until it is finished
  std::vector<set_aside_block> set_aside_;
  uint64_t set_aside_bytes_ = 0;
  remote_write::item_counts dropped_disk_full_, dropped_too_old_, dropped_damaged_;
};

}  // namespace rollcall::queue
