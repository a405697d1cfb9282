#pragma once

#include "lib/series/known_series.hpp"

#include <bit>
#include <cstdint>
#include <vector>

namespace rollcall::series {

/// Where a series text was met: in the scrape before, or first in this one.
enum class text_origin : uint8_t { nowhere, before, fresh_live, fresh_dropped };

/// Finds series by the hash of their text, for the length of one scrape.
class text_index {
 public:
  struct entry {
    uint64_t hash = 0;
    position at = 0;
    text_origin origin = text_origin::nowhere;
  };

  explicit text_index(size_t expected) : places_(std::bit_ceil(std::max<size_t>(16, 2 * expected))) {}

  /// Null when the hash was not added.
  const entry* find(uint64_t hash) const {
    size_t mask = places_.size() - 1;
    for (size_t i = hash & mask; places_[i].origin != text_origin::nowhere; i = (i + 1) & mask) {
      if (places_[i].hash == hash) return &places_[i];
    }
    return nullptr;
  }

  /// Of equal hashes the first stays.
  void add(uint64_t hash, position at, text_origin origin) {
    if (2 * (count_ + 1) > places_.size()) grow();
    if (insert({hash, at, origin})) ++count_;
  }

 private:
  bool insert(const entry& added) {
    size_t mask = places_.size() - 1;
    size_t i = added.hash & mask;
    for (; places_[i].origin != text_origin::nowhere; i = (i + 1) & mask) {
      if (places_[i].hash == added.hash) return false;
    }
    places_[i] = added;
    return true;
  }

  void grow() {
    std::vector<entry> before(2 * places_.size());
    before.swap(places_);
    for (const auto& entry : before) {
      if (entry.origin != text_origin::nowhere) insert(entry);
    }
  }

  std::vector<entry> places_;
  size_t count_ = 0;
};

}  // namespace rollcall::series
