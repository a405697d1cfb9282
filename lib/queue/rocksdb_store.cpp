#include "lib/queue/rocksdb_store.hpp"

#include "lib/queue/recent_changes.hpp"
#include "lib/queue/rocksdb_database.hpp"
#include "lib/queue/store_key.hpp"

#include <rocksdb/convenience.h>

#include <algorithm>
#include <map>
#include <set>

namespace rollcall::queue {

namespace {

using rocksdb::Slice;
using rocksdb::Status;
using family = rocksdb_database::family;

// How many blocks are erased before their files are given back to the disk.
constexpr uint64_t erased_per_reclaim = 256;
// Of RocksDB's log format.
constexpr uint64_t log_block_bytes = 32 * 1024;
// What a block takes in a batch beside its bytes: its keys and its summary, or both erased.
constexpr uint64_t batch_entry_bytes = 256;

Slice slice(const store_key& key) { return {key.bytes().data(), key.bytes().size()}; }
std::string_view view(const Slice& bytes) { return {bytes.data(), bytes.size()}; }

class rocksdb_store : public block_store {
 public:
  explicit rocksdb_store(rocksdb_store_options options) : database_(std::move(options)) {}

  result<void> take_lock() { return database_.take_lock(); }

  result<std::vector<std::string>> queues() override;
  result<queue_contents> contents(const std::string& queue) override;
  result<void> change(const std::string& queue, const queue_changes& changes) override;
  result<uint64_t> last_appended(const std::string& queue) override;
  stored_block read(const std::string& queue, uint64_t sequence) override {
    return read_from(table::blocks, queue, sequence);
  }
  stored_block read_set_aside(const std::string& queue, uint64_t sequence) override {
    return read_from(table::set_aside, queue, sequence);
  }
  result<void> drop(const std::string& queue) override;
  result<void> sync() override;
  bool has_lost_changes() const override { return database_.has_lost_records(); }

 private:
  using visitor = std::function<void(uint64_t sequence, std::string_view value)>;

  Status visit(family of, table which, const visitor& call);
  result<void> try_change(const std::string& queue, const queue_changes& changes);
  result<void> put_last_appended(rocksdb::WriteBatch& batch, family of, const std::string& queue,
                                 const queue_changes& changes);
  void move_aside(rocksdb::WriteBatch& batch, family of, const set_aside_order& order);
  void reclaim(family of);
  stored_block read_from(table which, const std::string& queue, uint64_t sequence);

  rocksdb_database database_;
  // What is known of a queue that is written to.
  struct written_queue {
    recent_changes recent{log_block_bytes};
    uint64_t erased = 0;         // since files were given back
    uint64_t last_appended = 0;  // the highest of this process's changes
  };

  std::map<std::string, written_queue> written_;
  bool unsynced_ = false;
};

// Damage in the middle hides what is behind it, so that is approached from the other end.
Status rocksdb_store::visit(family of, table which, const visitor& call) {
  store_key first(which, 0);
  store_key last(which, UINT64_MAX);
  std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator({}, of));
  std::set<uint64_t> seen;
  auto take = [&] {
    auto sequence = sequence_of(view(at->key()));
    if (!sequence || !seen.insert(*sequence).second) return false;
    call(*sequence, view(at->value()));
    return true;
  };
  for (at->Seek(slice(first)); at->Valid() && at->key().compare(slice(last)) <= 0; at->Next()) take();
  if (at->status().ok() || !at->status().IsCorruption()) return at->status();
  database_.report("part of a queue cannot be read: " + at->status().ToString());
  at.reset(database_->NewIterator({}, of));
  for (at->SeekForPrev(slice(last)); at->Valid() && at->key().compare(slice(first)) >= 0 && take(); at->Prev()) {
  }
  return Status::OK();
}

result<std::vector<std::string>> rocksdb_store::queues() {
  if (auto ready = database_.make_ready(); !ready) return tl::unexpected(ready.error());
  std::vector<std::string> names;
  for (const auto& [name, queue] : database_.families()) names.push_back(name);
  return names;
}

result<queue_contents> rocksdb_store::contents(const std::string& queue) {
  if (auto ready = database_.make_ready(); !ready) return tl::unexpected(ready.error());
  queue_contents all;
  auto found = database_.families().find(queue);
  if (found == database_.families().end()) return all;
  auto status = visit(found->second, table::summaries, [&](uint64_t sequence, std::string_view value) {
    auto summary = decode_summary(value);
    if (summary && summary->sequence == sequence) {
      all.blocks.push_back(*summary);
    } else {
      all.damaged.push_back(sequence);
    }
  });
  if (!status.ok()) return database_.failed(status);
  status = visit(found->second, table::reasons, [&](uint64_t sequence, std::string_view value) {
    all.set_aside.push_back(decode_reason(sequence, value));
  });
  if (!status.ok()) return database_.failed(status);
  auto by_sequence = [](const auto& a, const auto& b) { return a.sequence < b.sequence; };
  auto last = last_appended(queue);
  if (!last) return tl::unexpected(last.error());
  all.last_appended = *last;
  std::sort(all.blocks.begin(), all.blocks.end(), by_sequence);
  std::sort(all.set_aside.begin(), all.set_aside.end(), by_sequence);
  return all;
}

result<uint64_t> rocksdb_store::last_appended(const std::string& queue) {
  if (auto ready = database_.make_ready(); !ready) return tl::unexpected(ready.error());
  auto found = database_.families().find(queue);
  if (found == database_.families().end()) return 0;
  rocksdb::PinnableSlice value;
  auto status = database_->Get({}, found->second, slice(store_key(table::last_appended, 0)), &value);
  if (status.IsNotFound() || status.IsCorruption()) return 0;
  if (!status.ok()) return database_.failed(status);
  return decode_last_appended(view(value));
}

// Blocks of a journal may be older than the last.
result<void> rocksdb_store::put_last_appended(rocksdb::WriteBatch& batch, family of, const std::string& queue,
                                              const queue_changes& changes) {
  auto& last = written_[queue].last_appended;
  if (last == 0) {
    auto before = last_appended(queue);
    if (!before) return tl::unexpected(before.error());
    last = *before;
  }
  for (const auto& each : changes.appended) last = std::max(last, each->sequence);
  batch.Put(of, slice(store_key(table::last_appended, 0)), encode_last_appended(last));
  return {};
}

void put_summary(rocksdb::WriteBatch& batch, family of, const block_summary& summary) {
  batch.Put(of, slice(store_key(table::summaries, summary.sequence)), encode(summary));
}

void erase_block(rocksdb::WriteBatch& batch, family of, uint64_t sequence) {
  batch.Delete(of, slice(store_key(table::blocks, sequence)));
  batch.Delete(of, slice(store_key(table::summaries, sequence)));
}

// Reserved at once: a batch that grows takes three times as much on its way.
uint64_t batch_bytes(const queue_changes& changes, size_t repeated) {
  auto bytes = batch_entry_bytes * (1 + changes.appended.size() + changes.erased.size() + repeated);
  for (const auto& each : changes.appended) bytes += encoded_bytes(*each);
  return bytes;
}

void rocksdb_store::move_aside(rocksdb::WriteBatch& batch, family of, const set_aside_order& order) {
  rocksdb::PinnableSlice value;
  auto status = database_->Get({}, of, slice(store_key(table::blocks, order.sequence)), &value);
  // Of a block whose bytes cannot be read at least the reason is kept.
  if (status.IsNotFound()) return;
  if (status.ok()) batch.Put(of, slice(store_key(table::set_aside, order.sequence)), value);
  batch.Put(of, slice(store_key(table::reasons, order.sequence)), encode_reason(order, value.size()));
  erase_block(batch, of, order.sequence);
}

// A write may fail because of what went wrong before, in the background; then the second try finds that mended.
result<void> rocksdb_store::change(const std::string& queue, const queue_changes& changes) {
  auto done = try_change(queue, changes);
  return done ? done : try_change(queue, changes);
}

result<void> rocksdb_store::try_change(const std::string& queue, const queue_changes& changes) {
  if (auto ready = database_.make_ready(); !ready) return ready;
  auto found = database_.find_or_make(queue);
  if (!found) return tl::unexpected(found.error());
  auto* of = *found;
  auto& written = written_[queue];
  const auto& repeated = written.recent.to_repeat();
  rocksdb::WriteBatch batch(batch_bytes(changes, repeated.size()));
  for (const auto& [sequence, fate] : repeated) {
    if (fate.appended) {
      put_summary(batch, of, *fate.appended);
    } else {
      erase_block(batch, of, sequence);
    }
  }
  for (const auto& each : changes.appended) {
    auto bytes = encode(*each);
    put_summary(batch, of, summary_of(*each));
    batch.Put(of, slice(store_key(table::blocks, each->sequence)), bytes);
  }
  if (!changes.appended.empty()) {
    if (auto put = put_last_appended(batch, of, queue, changes); !put) return put;
  }
  for (const auto& order : changes.set_aside) move_aside(batch, of, order);
  for (auto sequence : changes.erased) erase_block(batch, of, sequence);
  for (auto sequence : changes.set_aside_erased) {
    batch.Delete(of, slice(store_key(table::set_aside, sequence)));
    batch.Delete(of, slice(store_key(table::reasons, sequence)));
  }
  if (auto status = database_->Write({}, &batch); !status.ok()) return database_.failed(status);
  unsynced_ = true;
  written.recent.wrote(changes, batch.GetDataSize());
  written.erased += changes.erased.size() + changes.set_aside.size();
  if (written.erased >= erased_per_reclaim) {
    written.erased = 0;
    reclaim(of);
  }
  return {};
}

// Files in which nothing lives any more go at once; compaction would take its time, and its share of the disk. A
// failure costs nothing but space, and shows again with the next write.
void rocksdb_store::reclaim(family of) {
  std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator({}, of));
  at->Seek(slice(store_key(table::summaries, 0)));
  if (!at->status().ok()) return;
  uint64_t lowest = UINT64_MAX;
  if (at->Valid() && at->key()[0] == static_cast<char>(table::summaries)) lowest = *sequence_of(view(at->key()));
  if (lowest == 0) return;
  // A file that goes may hold what says that a block elsewhere is erased; this says so of all, and must be kept longer.
  rocksdb::WriteBatch batch;
  for (auto which : {table::blocks, table::summaries})
    batch.DeleteRange(of, slice(store_key(which, 0)), slice(store_key(which, lowest)));
  if (!database_->Write({}, &batch).ok() || !database_->SyncWAL().ok()) return;
  for (auto which : {table::blocks, table::summaries}) {
    store_key first(which, 0), end(which, lowest);
    Slice first_slice = slice(first), end_slice = slice(end);
    rocksdb::DeleteFilesInRange(&*database_, of, &first_slice, &end_slice, false).PermitUncheckedError();
  }
}

stored_block rocksdb_store::read_from(table which, const std::string& queue, uint64_t sequence) {
  if (auto ready = database_.make_ready(); !ready) return {sequence, tl::unexpected(ready.error())};
  auto found = database_.families().find(queue);
  if (found == database_.families().end()) return {sequence, fail(errc::not_found, "there is no such queue")};
  rocksdb::PinnableSlice value;
  auto status = database_->Get({}, found->second, slice(store_key(which, sequence)), &value);
  if (status.IsNotFound()) return {sequence, fail(errc::not_found, "there is no such block")};
  if (status.IsCorruption()) return {sequence, fail(errc::syntax, status.ToString())};
  if (!status.ok()) return {sequence, fail(errc::io, status.ToString())};
  auto block = decode_block(view(value));
  if (block && block->sequence != sequence)
    return {sequence, fail(errc::syntax, "the block has the number " + std::to_string(block->sequence))};
  return {sequence, std::move(block)};
}

result<void> rocksdb_store::drop(const std::string& queue) {
  if (auto ready = database_.make_ready(); !ready) return ready;
  written_.erase(queue);
  return database_.drop(queue);
}

result<void> rocksdb_store::sync() {
  if (!unsynced_) return {};
  if (auto ready = database_.make_ready(); !ready) return ready;
  if (auto status = database_->SyncWAL(); !status.ok()) return database_.failed(status);
  unsynced_ = false;
  return {};
}

}  // namespace

result<block_store_ptr> open_rocksdb_store(rocksdb_store_options options) {
  auto store = std::make_shared<rocksdb_store>(std::move(options));
  auto locked = store->take_lock();
  if (!locked && locked.error().code == errc::closed) return tl::unexpected(locked.error());
  return store;
}

}  // namespace rollcall::queue
