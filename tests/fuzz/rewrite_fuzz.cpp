#include "lib/remote_write/rewrite.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// What can be rewritten as version 1 and joined with itself can be rewritten then, too, and says at least as much.
/// That it says everything twice holds for messages that were made here, whose fields have the types they should have.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  auto once = rollcall::remote_write::as_version_1(message);
  auto joined = rollcall::remote_write::join_version_2(message, message);
  if (!once || !joined) return 0;
  auto twice = rollcall::remote_write::as_version_1(*joined);
  require(twice.has_value());
  require(twice->custom_buckets >= once->custom_buckets);
  return 0;
}
