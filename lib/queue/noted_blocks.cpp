#include "lib/queue/noted_blocks.hpp"

#include "lib/queue/record.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rollcall::queue {

namespace {

constexpr std::string_view magic = "RCL1";

// Not below zero.
remote_write::item_counts difference(const remote_write::item_counts& from, const remote_write::item_counts& what) {
  auto minus = [](uint64_t from, uint64_t what) { return from - std::min(from, what); };
  return {minus(from.samples, what.samples), minus(from.histograms, what.histograms),
          minus(from.exemplars, what.exemplars)};
}

}  // namespace

void noted_blocks::take(const std::string& queue, const journal_note& note) {
  auto& known = queues_[queue];
  for (const auto& each : note.added) known[each->sequence] = {each->request, 0};
  for (auto sequence : note.finished) known.erase(sequence);
  for (const auto& each : note.replaced) known[each.sequence] = {each.counts, each.by};
  forget_stored(known, note.needed_from);
  if (known.empty()) queues_.erase(queue);
}

// The store may still have what is replaced by a block that it does not have yet. What is replaced by one that is gone
// stands for nothing, but looking for it among all that the store waits for would take long.
void noted_blocks::forget_stored(blocks& known, uint64_t needed_from) {
  for (auto at = known.lower_bound(needed_from); at != known.begin();) {
    --at;
    auto by = at->second.replaced_by;
    bool is_needed = by != 0 && known.contains(by);
    if (!is_needed) at = known.erase(at);
  }
}

std::string noted_blocks::encode() const {
  byte_writer body;
  auto part = body.begin(magic);
  body.varint(queues_.size());
  for (const auto& [name, blocks] : queues_) {
    auto count = std::min(blocks.size(), written_max);
    body.varint(name.size());
    body.raw(name);
    body.varint(count);
    for (auto each = std::prev(blocks.end(), static_cast<std::ptrdiff_t>(count)); each != blocks.end(); ++each) {
      const auto& [sequence, block] = *each;
      body.fixed64(sequence);
      body.fixed64(block.replaced_by);
      for (auto value : {block.counts.samples, block.counts.histograms, block.counts.exemplars}) body.varint(value);
    }
  }
  body.end(part);
  byte_writer out;
  begin_record(out, body.size());
  out.raw(body.take());
  return out.take();
}

std::optional<noted_blocks> noted_blocks::decode(std::string_view bytes) {
  auto content = first_record(bytes);
  if (!content) return std::nullopt;
  byte_reader in(magic, *content);
  noted_blocks read;
  for (auto queues = in.varint(); queues > 0 && in.good(); --queues) {
    auto name = std::string(in.raw(in.varint()));
    auto& blocks = read.queues_[name];
    for (auto count = in.varint(); count > 0 && in.good(); --count) {
      auto& block = blocks[in.fixed64()];
      block.replaced_by = in.fixed64();
      block.counts.samples = in.varint();
      block.counts.histograms = in.varint();
      block.counts.exemplars = in.varint();
    }
  }
  if (!in.finished()) return std::nullopt;
  return read;
}

remote_write::item_counts noted_blocks::missing(const std::string& queue, const journal_contents& left,
                                                uint64_t last_appended) const {
  remote_write::item_counts gone;
  auto found = queues_.find(queue);
  if (found == queues_.end()) return gone;
  // From the oldest on: what is there of each block, and of those that it replaced.
  std::map<uint64_t, remote_write::item_counts> predecessors;
  for (const auto& [sequence, block] : found->second) {
    using state = journal_contents::state;
    auto now = left.state_of(queue, sequence);
    bool is_there =
        now == state::waiting || now == state::stored || (now == state::unknown && sequence <= last_appended);
    auto there = is_there ? block.counts : predecessors[sequence];
    if (block.replaced_by != 0) {
      predecessors[block.replaced_by] += there;
    } else if (now != state::finished) {
      gone += difference(block.counts, there);
    }
  }
  return gone;
}

std::vector<std::string> noted_blocks::queues() const {
  std::vector<std::string> names;
  for (const auto& [name, blocks] : queues_) names.push_back(name);
  return names;
}

}  // namespace rollcall::queue
