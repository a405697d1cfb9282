#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace rollcall::exposition {

/// The seed of the hashes that identify series. Who does not know it cannot make two series collide.
using hash_secret = std::span<const unsigned char, 192>;

inline uint64_t hash_bytes(std::string_view bytes, hash_secret secret) {
  return XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret.data(), secret.size());
}

}  // namespace rollcall::exposition
