#include "lib/remote_write/rewrite.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// What can be rewritten as version 1 can be joined with itself, and then says everything twice.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  auto once = rollcall::remote_write::as_version_1(message);
  auto joined = rollcall::remote_write::join_version_2(message, message);
  if (!once || !joined) return 0;
  auto twice = rollcall::remote_write::as_version_1(*joined);
  require(twice && twice->bytes == once->bytes + once->bytes);
  require(twice->custom_buckets == 2 * once->custom_buckets);
  return 0;
}
