#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace rollcall {

/// What of a streamed body has arrived and is not yet worked off: the part that comes next, and the bytes under way.
class curl_stream {
 public:
  /// A body begins. With `bytes_ahead_max` or more under way no more are taken: the bound may be crossed by one piece.
  void open(uint64_t bytes_ahead_max) {
    *this = {};
    open_ = true;
    room_ = bytes_ahead_max;
  }
  void close() { *this = {}; }
  bool is_open() const { return open_; }

  /// Takes a piece, or refuses it for want of room: then it must be offered again once resume() said so.
  bool take(const char* bytes, std::size_t count) {
    paused_ = ahead_ >= room_;
    if (paused_) return false;
    part_.append(bytes, count);
    ahead_ += count;
    return true;
  }

  bool has_part() const { return !part_.empty(); }
  /// Everything that came since the last part.
  std::string take_part() { return std::exchange(part_, {}); }

  /// Bytes of parts were worked off. Tells whether a piece was refused that there is room for now.
  bool resume(uint64_t bytes) {
    ahead_ -= bytes < ahead_ ? bytes : ahead_;
    if (!paused_ || ahead_ >= room_) return false;
    paused_ = false;
    return true;
  }

 private:
  bool open_ = false;
  bool paused_ = false;
  uint64_t room_ = 0;
  uint64_t ahead_ = 0;
  std::string part_;
};

}  // namespace rollcall
