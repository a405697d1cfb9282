#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace rollcall::cluster {

/// What is kept of targets' series, by target, within a bound.
class copy_store {
 public:
  /// A bound of 0 keeps nothing.
  explicit copy_store(size_t bytes_max) : bytes_max_(bytes_max) {}

  bool is_on() const { return bytes_max_ > 0; }
  /// Replaces what was kept. One that is empty or that there is no room for is left out.
  void keep(uint64_t key, std::string state);
  /// Null when there is none.
  const std::string* find(uint64_t key) const;
  /// What was kept of one target is kept of another, unless there is something already.
  void pass(uint64_t from, uint64_t to);
  void forget(uint64_t key);

  size_t targets() const { return copies_.size(); }
  size_t bytes() const { return bytes_; }
  /// How many targets have none, as it was too large or there was no room.
  size_t left_out() const { return left_out_.size(); }

  /// What one takes beside its bytes, about.
  static constexpr size_t entry_bytes = 96;

 private:
  size_t bytes_max_;
  size_t bytes_ = 0;
  std::unordered_map<uint64_t, std::string> copies_;
  std::unordered_set<uint64_t> left_out_;
};

}  // namespace rollcall::cluster
