#include "lib/queue/store_ledger.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace rollcall::queue {

namespace {

template <class T>
void put_before(std::vector<T>& list, std::vector<T>& first) {
  first.insert(first.end(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  list = std::move(first);
}

}  // namespace

void store_ledger::append(block_ptr added) {
  ROLLCALL_ASSERT(added);
  for (auto& each : replaced_)
    if (each.by == 0) each.by = added->sequence;
  note_added(added);
  add_unstored({std::move(added)});
}

void store_ledger::add_unstored(appended added) {
  unstored_bytes_ += added.block->request.body->size();
  renewed_blocks_ += added.renewed;
  auto sequence = added.block->sequence;
  unstored_.emplace(sequence, std::move(added));
}

// It takes the place of what the store has of it or is given now.
void store_ledger::narrow(block_ptr rest) {
  ROLLCALL_ASSERT(rest);
  last_added_ = std::max(last_added_, rest->sequence);
  if (!unnote(rest->sequence)) noted_before_.insert(rest->sequence);
  note_.added.push_back(rest);
  appended narrowed{nullptr, true, true};
  if (auto before = unstored_.find(rest->sequence); before != unstored_.end()) {
    narrowed = before->second;
    drop_unstored(before);
  }
  narrowed.block = std::move(rest);
  add_unstored(std::move(narrowed));
}

void store_ledger::erase_set_aside(uint64_t sequence) {
  auto is_it = [sequence](const set_aside_order& order) { return order.sequence == sequence; };
  if (std::erase_if(set_aside_, is_it) > 0) {
    erase(sequence);
  } else {
    set_aside_erased_.push_back(sequence);
  }
}

void store_ledger::erase(uint64_t sequence) {
  if (forget(sequence)) erased_.push_back(sequence);
  note_finished(sequence);
}

// Whether the store may have it.
bool store_ledger::forget(uint64_t sequence) {
  auto found = unstored_.find(sequence);
  if (found == unstored_.end()) return true;
  bool may_be_there = found->second.begun;
  drop_unstored(found);
  return may_be_there;
}

void store_ledger::draft(block_ptr begun) {
  ROLLCALL_ASSERT(begun);
  end_draft();
  drafted_ = {begun->sequence, 0, begun->request};
  note_added(std::move(begun));
}

void store_ledger::replace(uint64_t sequence, const remote_write::item_counts& counts) {
  // What it replaced itself is in the next one, too.
  for (auto& each : replaced_)
    if (each.by == sequence) each.by = 0;
  if (forget(sequence)) replaced_.push_back({sequence, 0, table::blocks});
  note_finished(sequence);
  note_.replaced.push_back({sequence, 0, counts});
}

void store_ledger::end_draft() {
  if (!drafted_) return;
  auto ended = *std::exchange(drafted_, std::nullopt);
  if (last_added_ > ended.sequence) ended.by = last_added_;
  note_.replaced.push_back(ended);
  note_finished(ended.sequence);
}

void store_ledger::note_added(block_ptr added) {
  last_added_ = added->sequence;
  for (auto& each : note_.replaced)
    if (each.by == 0) each.by = last_added_;
  note_.added.push_back(std::move(added));
}

// Whether it was to be noted.
bool store_ledger::unnote(uint64_t sequence) {
  return std::erase_if(note_.added, [sequence](const block_ptr& each) { return each->sequence == sequence; }) > 0;
}

void store_ledger::note_finished(uint64_t sequence) {
  bool is_new = unnote(sequence) && !noted_before_.contains(sequence);
  if (!is_new) note_.finished.push_back(sequence);
}

std::optional<journal_note> store_ledger::take_note() {
  if (!has_note()) return std::nullopt;
  auto note = std::exchange(note_, {});
  noted_before_.clear();
  // A renewed block would have the journal keep all that came since.
  auto is_new = [](const auto& each) { return !each.second.renewed; };
  auto oldest = std::find_if(unstored_.begin(), unstored_.end(), is_new);
  note.needed_from = oldest == unstored_.end() ? last_added_ + 1 : oldest->first;
  if (drafted_) note.needed_from = std::min(note.needed_from, drafted_->sequence);
  return note;
}

void store_ledger::drop_unstored(std::map<uint64_t, appended>::iterator found) {
  unstored_bytes_ -= found->second.block->request.body->size();
  renewed_blocks_ -= found->second.renewed;
  unstored_.erase(found);
}

block_ptr store_ledger::unstored(uint64_t sequence) const {
  auto found = unstored_.find(sequence);
  return found == unstored_.end() ? nullptr : found->second.block;
}

std::vector<uint64_t> store_ledger::untaken_sequences() const {
  // It is given the oldest first.
  bool is_busy = under_way_ && !under_way_->changes.appended.empty();
  auto first = is_busy ? unstored_.upper_bound(under_way_->changes.appended.back()->sequence) : unstored_.begin();
  std::vector<uint64_t> sequences;
  for (auto at = first; at != unstored_.end(); ++at) sequences.push_back(at->first);
  return sequences;
}

bool store_ledger::idle() const {
  return unstored_.empty() && erased_.empty() && set_aside_.empty() && set_aside_erased_.empty() && replaced_.empty() &&
         wanted_set_aside_.empty();
}

bool store_ledger::has_gathered_enough() const { return has_backlog_ && unstored_bytes_ > options_.gathered_bytes_max; }

// What is renewed does not wait: until it is written a kill has what was accepted of it sent again.
milliseconds store_ledger::gathers_until() const {
  return has_gathered_enough() || renewed_blocks_ > 0 ? milliseconds(0) : gathered_at_;
}

// The newest block that is appended now: what came up while the others gathered is to have its time as well.
uint64_t store_ledger::ripe_until() const {
  bool all = has_gathered_enough() || options_.gathering.count() == 0;
  return all ? std::numeric_limits<uint64_t>::max() : gathered_until_;
}

void store_ledger::gather_anew(milliseconds now) {
  gathered_at_ = now + options_.gathering;
  gathered_until_ = last_added_;
}

// A block must be in the store before it can be set aside there.
std::vector<set_aside_order> store_ledger::take_set_aside(const std::vector<block_ptr>& beside) {
  auto must_wait = [&](const set_aside_order& order) {
    auto is_it = [&](const block_ptr& each) { return each->sequence == order.sequence; };
    return unstored_.contains(order.sequence) && std::none_of(beside.begin(), beside.end(), is_it);
  };
  auto waiting = std::stable_partition(set_aside_.begin(), set_aside_.end(), std::not_fn(must_wait));
  std::vector<set_aside_order> taken(std::make_move_iterator(set_aside_.begin()), std::make_move_iterator(waiting));
  set_aside_.erase(set_aside_.begin(), waiting);
  return taken;
}

void store_ledger::take_changes(store_work& work) {
  uint64_t bytes = 0;
  auto ripe = ripe_until();
  for (auto& [sequence, each] : unstored_) {
    if (bytes > options_.work_bytes_max) break;
    if (sequence > ripe && !each.renewed) continue;
    bytes += each.block->request.body->size();
    each.begun = true;
    work.changes.appended.push_back(each.block);
  }
  work.changes.set_aside = take_set_aside(work.changes.appended);
  work.changes.erased = std::exchange(erased_, {});
  work.changes.set_aside_erased = std::exchange(set_aside_erased_, {});
  take_replaced(work);
  work.wanted_set_aside = std::exchange(wanted_set_aside_, {});
}

// Those whose samples the store has elsewhere, or gets with this.
void store_ledger::take_replaced(store_work& work) {
  const auto& appended = work.changes.appended;
  auto is_safe = [&](const replacement& each) {
    auto is_it = [&](const block_ptr& block) { return block->sequence == each.by; };
    return each.by != 0 && (!unstored_.contains(each.by) || std::any_of(appended.begin(), appended.end(), is_it));
  };
  auto waiting = std::stable_partition(replaced_.begin(), replaced_.end(), is_safe);
  replacing_.assign(replaced_.begin(), waiting);
  replaced_.erase(replaced_.begin(), waiting);
  for (const auto& each : replacing_)
    (each.of == table::blocks ? work.changes.erased : work.changes.set_aside_erased).push_back(each.sequence);
}

std::optional<store_work> store_ledger::begin(store_work::kind what, std::vector<uint64_t> wanted, milliseconds now) {
  ROLLCALL_ASSERT(!under_way_);
  store_work work;
  work.what = what;
  if (what == store_work::kind::change) {
    bool is_ready = !idle() && now >= gathers_until();
    if (is_ready) {
      take_changes(work);
      gather_anew(now);
    }
    work.wanted = std::move(wanted);
    bool is_nothing = work.changes.empty() && work.wanted.empty() && work.wanted_set_aside.empty();
    if (is_nothing) return std::nullopt;
  }
  work.tag = ++last_tag_;
  under_way_ = work;
  return work;
}

void store_ledger::give_back(store_work& work) {
  for (const auto& each : replacing_)
    std::erase(each.of == table::blocks ? work.changes.erased : work.changes.set_aside_erased, each.sequence);
  put_before(replaced_, replacing_);
  replacing_.clear();
  put_before(erased_, work.changes.erased);
  put_before(set_aside_, work.changes.set_aside);
  put_before(set_aside_erased_, work.changes.set_aside_erased);
}

std::optional<store_work> store_ledger::finish(const store_answer& answer, milliseconds now) {
  if (!under_way_ || under_way_->tag != answer.tag) return std::nullopt;
  auto work = std::move(*under_way_);
  under_way_.reset();
  if (answer.failure) {
    give_back(work);
    pause(now);
    ++failures_;
    last_error_ = answer.failure->message;
    return work;
  }
  last_error_.clear();
  replacing_.clear();
  if (!work.changes.empty()) gather_anew(now);
  for (const auto& each : work.changes.appended) {
    // What is left of it since is yet to be written.
    if (auto found = unstored_.find(each->sequence); found != unstored_.end() && found->second.block == each)
      drop_unstored(found);
  }
  // Or a journal would bring back to life what is out of the way.
  for (const auto& order : work.changes.set_aside) note_finished(order.sequence);
  return work;
}

void store_ledger::lose() {
  if (!under_way_) return;
  auto work = std::move(*under_way_);
  under_way_.reset();
  give_back(work);
  put_before(wanted_set_aside_, work.wanted_set_aside);
}

std::optional<milliseconds> store_ledger::next_due() const {
  if (under_way_ || idle()) return std::nullopt;
  return std::max(opens_at_, gathers_until());
}

}  // namespace rollcall::queue
