#include "lib/base/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace rollcall {

namespace {

constexpr size_t word_bits = 64;

}  // namespace

timer_wheel::timer_wheel(int64_t slot, size_t slots)
    : slot_(slot), slots_(slots), occupied_((slots + word_bits - 1) / word_bits) {}

size_t timer_wheel::slot_of(int64_t due) const { return static_cast<size_t>(due / slot_) % slots_.size(); }

void timer_wheel::set(key which, int64_t due) {
  due_.insert_or_assign(which, due);
  int64_t number = due / slot_;
  if (!started_ || number < cursor_) {
    // A time before the cursor: step back, at the price of looking at some slots again.
    cursor_ = number;
    started_ = true;
  }
  auto slot = slot_of(due);
  slots_[slot].push_back({which, due});
  occupied_[slot / word_bits] |= uint64_t{1} << slot % word_bits;
}

void timer_wheel::remove(key which) { due_.erase(which); }

size_t timer_wheel::steps_to_occupied(size_t from) const {
  for (size_t step = 0; step < slots_.size();) {
    auto slot = (from + step) % slots_.size();
    if (auto rest = occupied_[slot / word_bits] >> slot % word_bits)
      return step + static_cast<size_t>(std::countr_zero(rest));
    step += std::min(word_bits - slot % word_bits, slots_.size() - slot);
  }
  return slots_.size();
}

std::optional<int64_t> timer_wheel::next_due() const {
  if (due_.empty()) return std::nullopt;
  auto first = static_cast<size_t>(cursor_) % slots_.size();
  for (size_t step = 0; step < slots_.size(); ++step) {
    step += steps_to_occupied((first + step) % slots_.size());
    if (step >= slots_.size()) break;
    int64_t number = cursor_ + static_cast<int64_t>(step);
    const auto& slot = slots_[static_cast<size_t>(number) % slots_.size()];
    std::optional<int64_t> earliest;
    for (const auto& entry : slot) {
      auto current = due_.find(entry.which);
      bool alive = current != due_.end() && current->second == entry.due;
      if (alive && entry.due / slot_ == number) earliest = std::min(earliest.value_or(entry.due), entry.due);
    }
    if (earliest) return earliest;
  }
  return (cursor_ + static_cast<int64_t>(slots_.size())) * slot_;
}

std::vector<timer_wheel::fired> timer_wheel::take_due(int64_t now) {
  std::vector<fired> result;
  int64_t last = now / slot_;
  if (!started_ || last < cursor_) return result;
  auto turns = std::min(last - cursor_ + 1, static_cast<int64_t>(slots_.size()));
  for (int64_t number = last - turns + 1; number <= last; ++number) {
    auto at = static_cast<size_t>(number) % slots_.size();
    auto& slot = slots_[at];
    if (slot.empty()) continue;
    std::erase_if(slot, [&](const fired& entry) {
      auto current = due_.find(entry.which);
      if (current == due_.end() || current->second != entry.due) return true;
      if (entry.due > now) return false;
      result.push_back(entry);
      due_.erase(current);
      return true;
    });
    if (slot.empty()) occupied_[at / word_bits] &= ~(uint64_t{1} << at % word_bits);
  }
  cursor_ = last;
  std::sort(result.begin(), result.end(),
            [](const fired& a, const fired& b) { return a.due != b.due ? a.due < b.due : a.which < b.which; });
  return result;
}

}  // namespace rollcall
