#include "lib/queue/journaled_store.hpp"

#include "lib/base/assert.hpp"

#include <utility>

namespace rollcall::queue {

namespace {

class journaled_store : public block_store {
 public:
  journaled_store(block_store_ptr store, journal_ptr notes) : store_(std::move(store)), notes_(std::move(notes)) {}

  result<std::vector<std::string>> queues() override {
    auto ready = recover();
    return ready ? store_->queues() : tl::unexpected(ready.error());
  }
  result<queue_contents> contents(const std::string& queue) override {
    if (auto ready = recover(); !ready) return tl::unexpected(ready.error());
    auto all = store_->contents(queue);
    if (all) all->lost += notes_->take_lost(queue);
    return all;
  }
  result<void> change(const std::string& queue, const queue_changes& changes) override {
    auto ready = recover();
    return ready ? store_->change(queue, changes) : ready;
  }
  result<uint64_t> last_appended(const std::string& queue) override {
    auto ready = recover();
    return ready ? store_->last_appended(queue) : tl::unexpected(ready.error());
  }
  stored_block read(const std::string& queue, uint64_t sequence) override {
    auto ready = recover();
    return ready ? store_->read(queue, sequence) : stored_block{sequence, tl::unexpected(ready.error())};
  }
  stored_block read_set_aside(const std::string& queue, uint64_t sequence) override {
    auto ready = recover();
    return ready ? store_->read_set_aside(queue, sequence) : stored_block{sequence, tl::unexpected(ready.error())};
  }
  result<void> drop(const std::string& queue) override {
    auto ready = recover();
    return ready ? store_->drop(queue) : ready;
  }
  result<void> sync() override { return recovered_ ? store_->sync() : result<void>(); }

 private:
  result<void> recover() {
    if (recovered_) return {};
    auto done = notes_->recover(*store_);
    recovered_ = done.has_value();
    return done;
  }

  block_store_ptr store_;
  journal_ptr notes_;
  bool recovered_ = false;
};

}  // namespace

block_store_ptr make_journaled_store(block_store_ptr store, journal_ptr notes) {
  ROLLCALL_ASSERT(store && notes);
  return std::make_shared<journaled_store>(std::move(store), std::move(notes));
}

}  // namespace rollcall::queue
