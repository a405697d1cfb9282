#pragma once

#include "lib/base/duration.hpp"
#include "lib/queue/journal_note.hpp"
#include "lib/queue/store_work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rollcall::queue {

struct store_ledger_options {
  uint64_t work_bytes_max = 16 * 1024 * 1024;            ///< Of the blocks that are appended at once.
  milliseconds failure_pause = std::chrono::seconds(1);  ///< Before a store that failed is asked again.
  /// How long work gathers behind the last. A block is appended when it has been there for one such time at least and
  /// for two at most: what is finished before never reaches the store. Reading does not wait.
  milliseconds gathering{0};
  uint64_t gathered_bytes_max = 128 * 1024;  ///< Of blocks, behind a backlog.
};

/// What one queue has told its store, and what it has yet to. One piece of work is under way at a time; what comes up
/// meanwhile gathers for the next. Nothing is forgotten before the store has said that it is done. Times are of any one
/// clock that does not go backward.
class store_ledger {
 public:
  explicit store_ledger(store_ledger_options options) : options_(options) {}

  void append(block_ptr added);
  /// Of an unfinished block only this is left, of the same sequence.
  void narrow(block_ptr rest);
  /// Of samples that will be in a block that is yet to be appended: for the journal alone. Takes the last one's place.
  void draft(block_ptr begun);
  /// There is none any more: its samples are in blocks that were appended.
  void end_draft();
  void erase(uint64_t sequence);
  /// Likewise of a block whose samples are in the one that is appended next: not before the store has that.
  void replace(uint64_t sequence, const remote_write::item_counts& counts);
  /// Also of a block that is yet to be appended.
  void set_aside(set_aside_order order) { set_aside_.push_back(std::move(order)); }
  void erase_set_aside(uint64_t sequence);
  /// Likewise of what was set aside and whose samples are in the block that is appended next.
  void replace_set_aside(uint64_t sequence) { replaced_.push_back({sequence, 0, table::set_aside}); }
  void want_set_aside(uint64_t sequence) { wanted_set_aside_.push_back(sequence); }

  /// A block that the store is not known to have; null for all others.
  block_ptr unstored(uint64_t sequence) const;
  uint64_t unstored_bytes() const { return unstored_bytes_; }
  /// The sequences of those blocks that the store is not busy with, in order.
  std::vector<uint64_t> untaken_sequences() const;

  /// Behind a backlog nothing is finished soon, so there is less to gather for.
  void set_backlog(bool is_there) { has_backlog_ = is_there; }

  bool may_begin(milliseconds now) const { return !under_way_ && now >= opens_at_; }
  /// There must be none under way. What is wanted is read at once; what has come up goes along if it has gathered for
  /// long enough. Nothing when neither is.
  std::optional<store_work> begin(store_work::kind what, std::vector<uint64_t> wanted, milliseconds now);
  /// Gives the work that the answer is of; nothing when it is not that which is under way.
  std::optional<store_work> finish(const store_answer& answer, milliseconds now);
  /// Nobody will answer: the work is to be done again.
  void lose();
  /// Do not begin before the pause is over.
  void pause(milliseconds now) { opens_at_ = now + options_.failure_pause; }
  /// When something may be begun; nothing while an answer is waited for.
  std::optional<milliseconds> opens_at() const { return under_way_ ? std::nullopt : std::optional(opens_at_); }
  /// When to begin; nothing when there is nothing to do, or an answer is waited for.
  std::optional<milliseconds> next_due() const;

  bool has_note() const { return !note_.added.empty() || !note_.finished.empty(); }
  /// What came up since the last call, for a journal; nothing when nothing did. What is over meanwhile is left out.
  std::optional<journal_note> take_note();

  /// Whether there is nothing to tell and nothing under way, or the store cannot be told.
  bool is_settled() const { return (idle() && !under_way_) || !last_error_.empty(); }

  const std::string& last_error() const { return last_error_; }  ///< Empty after a success.
  uint64_t failures() const { return failures_; }

 private:
  struct appended {
    block_ptr block;
    bool begun = false;    // the store may have it, or more of it
    bool renewed = false;  // the store does have more of it
  };
  struct replacement {
    uint64_t sequence = 0;
    uint64_t by = 0;  // 0 when that is yet to come
    enum class table : unsigned char { blocks, set_aside } of = table::blocks;
  };
  using table = replacement::table;

  bool idle() const;
  bool has_gathered_enough() const;
  milliseconds gathers_until() const;
  uint64_t ripe_until() const;
  void gather_anew(milliseconds now);
  void take_changes(store_work& work);
  std::vector<set_aside_order> take_set_aside(const std::vector<block_ptr>& beside);
  void give_back(store_work& work);
  void note_added(block_ptr added);
  bool unnote(uint64_t sequence);
  void note_finished(uint64_t sequence);
  void add_unstored(appended added);
  bool forget(uint64_t sequence);
  void take_replaced(store_work& work);
  void drop_unstored(std::map<uint64_t, appended>::iterator found);

  store_ledger_options options_;
  std::map<uint64_t, appended> unstored_;
  uint64_t unstored_bytes_ = 0;
  size_t renewed_blocks_ = 0;  // how many of them are renewed
  std::vector<uint64_t> erased_, set_aside_erased_, wanted_set_aside_;
  std::vector<set_aside_order> set_aside_;
  std::vector<replacement> replaced_, replacing_;  // to be erased when the store has others; with what is under way
  std::optional<store_work> under_way_;
  journal_note note_;
  std::set<uint64_t> noted_before_;        // those of its blocks that the journal has in an earlier form
  std::optional<replaced_block> drafted_;  // as what comes after it will replace it
  uint64_t last_added_ = 0;
  uint64_t last_tag_ = 0;
  milliseconds opens_at_{0};
  milliseconds gathered_at_{0};
  uint64_t gathered_until_ = 0;  // the newest block that was there when gathering began
  bool has_backlog_ = false;
  std::string last_error_;
  uint64_t failures_ = 0;
};

}  // namespace rollcall::queue
