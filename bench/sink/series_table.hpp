#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rollcall::bench {

/// The last sample of a series.
struct series_entry {
  uint64_t series = 0;  ///< Never 0 in a used place.
  int64_t last = 0;     ///< Timestamp in milliseconds.
  bool is_new = true;   ///< No sample was noted yet.
  bool is_stale = false;
  bool is_report = false;
};

/// An open-addressing hash table of series, at most half full. Entries are never removed.
class series_table {
 public:
  /// Refuses further series once it holds `series_max`.
  explicit series_table(size_t series_max);

  /// The entry of a series, a new one if need be; null when the table is full. Valid until the next call.
  series_entry* find_or_add(uint64_t series);

  /// Loads the place of a series into the cache ahead of its use.
  void prefetch(uint64_t series) const { __builtin_prefetch(&places_[place_of(series)]); }

  size_t size() const { return size_; }

  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& place : places_) {
      if (place.series != 0) visit(place);
    }
  }

 private:
  size_t place_of(uint64_t series) const { return (series * 0x9e3779b97f4a7c15) >> shift_; }
  void grow();

  const size_t series_max_;
  unsigned shift_;
  size_t size_ = 0;
  std::vector<series_entry> places_;
};

}  // namespace rollcall::bench
