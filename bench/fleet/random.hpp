#pragma once

#include <cmath>
#include <cstdint>

namespace rollcall::bench {

/// Mixes all bits of a number (the finalizer of SplitMix64).
constexpr uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

/// SplitMix64: the same numbers from the same seed on every machine.
class random_numbers {
 public:
  explicit random_numbers(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t value = mixed(state_);
    state_ += 0x9e3779b97f4a7c15;
    return value;
  }

  /// Below `bound`, which is at least 1.
  uint64_t below(uint64_t bound) { return next() % bound; }

  /// In [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// In [low, high), each order of magnitude as likely as any other.
  double spread(double low, double high) { return low * std::pow(high / low, unit()); }

 private:
  uint64_t state_;
};

}  // namespace rollcall::bench
