#include "lib/base/byte_format.hpp"
#include "lib/queue/noted_blocks.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using rollcall::queue::journal_contents;

void require(bool holds) {
  if (!holds) std::abort();
}

// Reading never goes past the end, and what was read reads the same again.
void check(std::string_view file) {
  journal_contents all, again;
  auto taken = all.read(file);
  require(taken <= file.size());
  require(again.read(file.substr(0, taken)) == taken);
  require(again.changes().size() == all.changes().size());
}

// What a list has lost is at most what it lists.
void check_list(std::string_view file, std::string_view notes) {
  auto list = rollcall::queue::noted_blocks::decode(file);
  if (!list) return;
  journal_contents left;
  left.read(notes);
  for (const auto& queue : list->queues()) list->missing(queue, left, 2);
  require(rollcall::queue::noted_blocks::decode(list->encode()).has_value());
}

std::string record(std::string_view magic, std::string_view content) {
  rollcall::byte_writer part(magic);
  part.raw(content);
  auto body = part.finish();
  rollcall::byte_writer head("RCH1");
  head.fixed64(body.size());
  return head.finish() + body;
}

}  // namespace

/// The bytes as they are, and as the content of a note with right checksums behind a whole one, and of a list.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  auto notes = rollcall::queue::encode("q", {}) + record("RCN1", bytes);
  check(notes);
  check_list(bytes, notes);
  check_list(record("RCL1", bytes), notes);
  return 0;
}
