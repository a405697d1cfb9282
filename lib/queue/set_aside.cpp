#include "lib/queue/set_aside.hpp"

#include <algorithm>
#include <memory>

namespace rollcall::queue {

namespace {

// Sequences of blocks that are set aside are not used again either.
uint64_t highest_sequence(const queue_contents& contents) {
  uint64_t highest = 0;
  for (const auto& each : contents.blocks) highest = std::max(highest, each.sequence);
  for (const auto& each : contents.set_aside) highest = std::max(highest, each.sequence);
  for (auto sequence : contents.damaged) highest = std::max(highest, sequence);
  return highest;
}

bool is_there(const queue_contents& contents, uint64_t sequence) {
  return std::any_of(contents.set_aside.begin(), contents.set_aside.end(),
                     [&](const set_aside_block& each) { return each.sequence == sequence; });
}

}  // namespace

result<void> release_set_aside(block_store& store, const std::string& queue, uint64_t sequence) {
  auto contents = store.contents(queue);
  if (!contents) return tl::unexpected(contents.error());
  auto read = store.read_set_aside(queue, sequence).content;
  if (!read) return tl::unexpected(read.error());
  read->sequence = read->request.sequence = highest_sequence(*contents) + 1;
  queue_changes changes;
  changes.appended = {std::make_shared<const block>(std::move(*read))};
  changes.set_aside_erased = {sequence};
  return store.change(queue, changes);
}

result<void> discard_set_aside(block_store& store, const std::string& queue, uint64_t sequence) {
  auto contents = store.contents(queue);
  if (!contents) return tl::unexpected(contents.error());
  if (!is_there(*contents, sequence)) return fail(errc::not_found, "there is no such block");
  return store.change(queue, {.set_aside_erased = {sequence}});
}

}  // namespace rollcall::queue
