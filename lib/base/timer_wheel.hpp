#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace rollcall {

/// A hashed timer wheel: any number of keys, each due at one time in milliseconds. Adding, removing and firing cost a
/// constant time per key. Knows no clock.
class timer_wheel {
 public:
  using key = uint64_t;

  struct fired {
    key which;
    int64_t due;
    bool operator==(const fired&) const = default;
  };

  /// `slot` is the resolution in milliseconds; keys due within one slot are found together.
  explicit timer_wheel(int64_t slot = 5, size_t slots = 4096);

  /// Sets when a key is due; replaces its earlier time.
  void set(key which, int64_t due);
  void remove(key which);
  size_t size() const { return due_.size(); }

  /// When the next key is due at the earliest; may be earlier than any key's time when all lie far ahead.
  std::optional<int64_t> next_due() const;
  /// Removes and returns every key due at `now` or before, in order of time.
  std::vector<fired> take_due(int64_t now);

 private:
  size_t slot_of(int64_t due) const;
  /// How many slots after this one the next is in which something may be; all of them if there is none.
  size_t steps_to_occupied(size_t from) const;

  int64_t slot_;
  int64_t cursor_ = 0;  // the slot number up to which everything was taken
  bool started_ = false;
  std::vector<std::vector<fired>> slots_;
  std::vector<uint64_t> occupied_;  // a bit for each slot that is not empty
  std::unordered_map<key, int64_t> due_;
};

}  // namespace rollcall
