#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace rollcall::remote_write {

/// Bytes that are written at the end through plain pointers. Its memory grows as needed and stays when it is cleared.
class growing_buffer {
 public:
  std::string_view bytes() const { return {data_.get(), used_}; }
  void clear() { used_ = 0; }

  /// Where the next byte goes; null at first.
  char* end() { return data_.get() + used_; }
  /// At least `bytes` bytes from `out` on; moves everything up to `out` when the memory has to grow.
  char* room(char* out, size_t bytes) { return static_cast<size_t>(limit_ - out) >= bytes ? out : grow(out, bytes); }
  /// What was written up to `out` counts.
  void take(const char* out) { used_ = static_cast<size_t>(out - data_.get()); }

 private:
  char* grow(char* out, size_t bytes);

  std::unique_ptr<char[]> data_;
  char* limit_ = nullptr;
  size_t used_ = 0;
};

/// Writes a protobuf varint, of at most 10 bytes; gives the place behind it.
inline char* write_varint(char* out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

}  // namespace rollcall::remote_write
