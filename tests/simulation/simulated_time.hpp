#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace rollcall::test {

/// Virtual time, in which things happen one after the other, and chance: everything follows from the seed. For a world
/// to be derived from.
class simulated_time {
 public:
  /// Of the wall clock, whose readings are milliseconds since the Unix epoch.
  static constexpr int64_t wall_base = 1'700'000'000'000;
  /// How far two clocks are apart at most.
  static constexpr int64_t skew_max = 1000;

  explicit simulated_time(uint64_t seed) : generator_(seed) {}
  virtual ~simulated_time() = default;

  void run_for(int64_t milliseconds);
  int64_t now() const { return now_; }
  /// What a clock that is neither ahead nor behind shows.
  int64_t wall() const { return wall_base + now_; }
  /// A number below the bound.
  uint64_t draw(uint64_t bound) { return generator_() % bound; }

 protected:
  void at(int64_t when, std::function<void()> what);
  /// How far a clock is ahead.
  int64_t draw_skew() { return static_cast<int64_t>(draw(skew_max)) - skew_max / 2; }
  /// Something has happened.
  virtual void look() {}

 private:
  struct event {
    int64_t when;
    uint64_t number;
    std::function<void()> what;
    bool operator<(const event& other) const { return when != other.when ? when > other.when : number > other.number; }
  };

  std::mt19937_64 generator_;
  int64_t now_ = 1000;
  uint64_t last_event_ = 0;
  std::vector<event> events_;  // a heap
};

}  // namespace rollcall::test
