#include "lib/base/byte_format.hpp"
#include "lib/targets/group_snapshot.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

// What can be read is written so that it can be read again, and is not longer than it was.
void check(std::string_view bytes) {
  auto read = rollcall::decode_group_snapshot(bytes);
  if (!read) return;
  auto written = rollcall::encode(*read);
  auto again = rollcall::decode_group_snapshot(written);
  if (written.size() > bytes.size() || !again || !(*again == *read)) std::abort();
}

}  // namespace

/// The bytes as they are, and as the content of a snapshot with a right checksum.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  rollcall::byte_writer snapshot("RCG1");
  snapshot.raw(bytes);
  check(snapshot.finish());
  return 0;
}
