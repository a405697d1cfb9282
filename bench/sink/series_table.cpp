#include "bench/sink/series_table.hpp"

namespace rollcall::bench {

namespace {

constexpr unsigned first_bits = 12;

}  // namespace

series_table::series_table(size_t series_max)
    : series_max_(series_max), shift_(64 - first_bits), places_(size_t{1} << first_bits) {}

series_entry* series_table::find_or_add(uint64_t series) {
  if (series == 0) series = 1;
  size_t place = place_of(series);
  while (places_[place].series != 0) {
    if (places_[place].series == series) return &places_[place];
    place = (place + 1) & (places_.size() - 1);
  }
  if (size_ >= series_max_) return nullptr;
  if (2 * (size_ + 1) > places_.size()) {
    grow();
    return find_or_add(series);
  }
  ++size_;
  places_[place].series = series;
  return &places_[place];
}

void series_table::grow() {
  --shift_;
  std::vector<series_entry> old(places_.size() * 2);
  old.swap(places_);
  for (const auto& entry : old) {
    if (entry.series == 0) continue;
    size_t place = place_of(entry.series);
    while (places_[place].series != 0) place = (place + 1) & (places_.size() - 1);
    places_[place] = entry;
  }
}

}  // namespace rollcall::bench
