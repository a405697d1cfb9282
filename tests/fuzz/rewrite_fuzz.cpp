#include "lib/remote_write/rewrite.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace rollcall::remote_write;

void require(bool holds) {
  if (!holds) std::abort();
}

// Halves have everything between them, and nothing else.
void check_halves(message_kind kind, std::string_view message) {
  auto halves = divide_series(kind, message);
  if (!halves) return;
  auto items = halves->first.items;
  items += halves->second.items;
  auto whole = kind == message_kind::v1 ? std::string(halves->first.bytes) + halves->second.bytes
                                        : join_version_2(std::array{halves->first.bytes, halves->second.bytes}).value();
  auto again = divide_series(kind, whole);
  // Series of version 2 that said the same with other references are one afterwards.
  require(again.has_value() || kind == message_kind::v2);
  if (!again) return;
  auto items_again = again->first.items;
  items_again += again->second.items;
  require(items_again == items);
}

}  // namespace

/// What can be rewritten as version 1 and joined with itself can be rewritten then, too, and says at least as much.
/// That it says everything twice holds for messages that were made here, whose fields have the types they should have.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  auto once = as_version_1(message);
  auto joined = join_version_2(std::array{std::string(message), std::string(message)});
  for (auto kind : {message_kind::v1, message_kind::v2}) check_halves(kind, message);
  if (!once || !joined) return 0;
  auto twice = as_version_1(*joined);
  require(twice.has_value());
  require(twice->custom_buckets >= once->custom_buckets);
  return 0;
}
