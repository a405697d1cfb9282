#pragma once

#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace rollcall::series {

/// The process's secret seed for XXH3, drawn when first asked for.
using hash_secret = std::array<unsigned char, 192>;
const hash_secret& process_hash_secret();

/// series_text_hash() for hot loops, which ask for the secret once.
inline uint64_t hash_text(std::string_view text, const hash_secret& secret) {
  return XXH3_64bits_withSecret(text.data(), text.size(), secret.data(), secret.size());
}

}  // namespace rollcall::series
