#include "lib/base/byte_format.hpp"
#include "lib/queue/block.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// What can be read is written as it was.
void check_block(std::string_view bytes) {
  auto read = rollcall::queue::decode_block(bytes);
  // A varint may have been written with more bytes than it needs.
  if (read) require(rollcall::queue::encode(*read).size() <= bytes.size());
}

void check_summary(std::string_view bytes) {
  auto read = rollcall::queue::decode_summary(bytes);
  if (read) require(rollcall::queue::encode(*read) == bytes);
}

}  // namespace

/// The bytes as they are, and as the content of a block and a summary with right checksums.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_block(bytes);
  check_summary(bytes);
  rollcall::byte_writer block("RCB2"), summary("RCS2");
  block.raw(bytes);
  check_block(block.finish());
  summary.raw(bytes);
  check_summary(summary.finish());
  return 0;
}
