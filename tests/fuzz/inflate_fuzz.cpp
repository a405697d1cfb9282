#include "lib/http/inflate.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using rollcall::http::byte_buffer;
using rollcall::http::inflater;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::size_t size_max = 1 << 20;

}  // namespace

/// What comes out neither depends on the guess of its size nor crosses the limit, and the limit is exact.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static inflater inflate;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  byte_buffer buffer;
  auto out = inflate.gunzip(input, buffer, 0, size_max);
  require(buffer.capacity() <= size_max);
  if (!out) return 0;
  const std::string expected(*out);
  require(expected.size() <= size_max);
  byte_buffer exact;
  auto again = inflate.gunzip(input, exact, expected.size(), expected.size());
  require(again && *again == expected);
  if (expected.empty()) return 0;
  byte_buffer small;
  require(!inflate.gunzip(input, small, 0, expected.size() - 1));
  return 0;
}
