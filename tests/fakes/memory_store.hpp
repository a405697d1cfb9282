#pragma once

#include "lib/queue/block_store.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::test {

/// A block store in memory, with the faults of a disk: writes that fail, a power cut that takes what was not synced,
/// bits that flip.
class memory_store : public queue::block_store {
 public:
  std::string write_fault;    ///< As long as it is not empty, every change fails with this.
  std::string read_fault;     ///< Likewise for what reads.
  bool lost_changes = false;  ///< What it says of itself.
  size_t changes = 0;         ///< That were made.
  size_t syncs = 0;

  /// The machine lost power: only what was synced is left.
  void cut_power() { written_ = synced_; }
  /// One bit of a stored block flips.
  void damage(const std::string& queue, uint64_t sequence, size_t byte) {
    auto& bytes = written_.at(queue).blocks.at(sequence);
    bytes[byte % bytes.size()] ^= 1;
  }
  void damage_summary(const std::string& queue, uint64_t sequence) {
    written_.at(queue).summaries.at(sequence)[5] ^= 1;
  }
  std::vector<uint64_t> sequences(const std::string& queue) const {
    std::vector<uint64_t> found;
    if (auto at = written_.find(queue); at != written_.end())
      for (const auto& [sequence, bytes] : at->second.blocks) found.push_back(sequence);
    return found;
  }

  result<std::vector<std::string>> queues() override {
    if (!read_fault.empty()) return fail(errc::io, read_fault);
    std::vector<std::string> names;
    for (const auto& [name, queue] : written_) names.push_back(name);
    return names;
  }

  result<queue::queue_contents> contents(const std::string& queue) override {
    if (!read_fault.empty()) return fail(errc::io, read_fault);
    queue::queue_contents all;
    for (const auto& [sequence, bytes] : written_[queue].summaries) {
      auto summary = queue::decode_summary(bytes);
      if (summary) {
        all.blocks.push_back(*summary);
      } else {
        all.damaged.push_back(sequence);
      }
    }
    for (const auto& [sequence, aside] : written_[queue].set_aside) all.set_aside.push_back(aside.first);
    all.last_appended = written_[queue].last_appended;
    return all;
  }

  result<void> change(const std::string& queue, const queue::queue_changes& wanted) override {
    if (!write_fault.empty()) return fail(errc::io, write_fault);
    ++changes;
    auto& at = written_[queue];
    for (const auto& block : wanted.appended) {
      at.last_appended = std::max(at.last_appended, block->sequence);
      auto bytes = queue::encode(*block);
      at.summaries[block->sequence] = queue::encode(queue::summary_of(*block));
      at.blocks[block->sequence] = std::move(bytes);
    }
    for (const auto& order : wanted.set_aside) {
      auto found = at.blocks.find(order.sequence);
      if (found == at.blocks.end()) continue;
      at.set_aside[order.sequence] = {{order.sequence, order.since, found->second.size(), order.reason}, found->second};
      at.summaries.erase(order.sequence);
      at.blocks.erase(found);
    }
    for (auto sequence : wanted.erased) {
      at.summaries.erase(sequence);
      at.blocks.erase(sequence);
    }
    for (auto sequence : wanted.set_aside_erased) at.set_aside.erase(sequence);
    return {};
  }

  result<uint64_t> last_appended(const std::string& queue) override {
    auto found = written_.find(queue);
    return found == written_.end() ? 0 : found->second.last_appended;
  }

  queue::stored_block read(const std::string& queue, uint64_t sequence) override {
    if (!read_fault.empty()) return {sequence, fail(errc::io, read_fault)};
    const auto& blocks = written_[queue].blocks;
    auto found = blocks.find(sequence);
    if (found == blocks.end()) return {sequence, fail(errc::not_found, "there is no such block")};
    return {sequence, queue::decode_block(found->second)};
  }

  queue::stored_block read_set_aside(const std::string& queue, uint64_t sequence) override {
    const auto& aside = written_[queue].set_aside;
    auto found = aside.find(sequence);
    if (found == aside.end()) return {sequence, fail(errc::not_found, "there is no such block")};
    return {sequence, queue::decode_block(found->second.second)};
  }

  result<void> drop(const std::string& queue) override {
    if (!write_fault.empty()) return fail(errc::io, write_fault);
    written_.erase(queue);
    return {};
  }

  result<void> sync() override {
    if (!write_fault.empty()) return fail(errc::io, write_fault);
    ++syncs;
    synced_ = written_;
    return {};
  }

  bool has_lost_changes() const override { return lost_changes; }

 private:
  struct one_queue {
    std::map<uint64_t, std::string> blocks;
    std::map<uint64_t, std::string> summaries;
    std::map<uint64_t, std::pair<queue::set_aside_block, std::string>> set_aside;
    uint64_t last_appended = 0;
  };

  std::map<std::string, one_queue> written_;
  std::map<std::string, one_queue> synced_;
};

}  // namespace rollcall::test
