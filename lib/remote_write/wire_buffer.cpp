#include "lib/remote_write/wire_buffer.hpp"

#include <algorithm>
#include <bit>

namespace rollcall::remote_write {

static_assert(std::endian::native == std::endian::little, "doubles are copied as protobuf wants them");

namespace {

constexpr size_t capacity_min = 64 * 1024;

}  // namespace

char* wire_buffer::grow(char* out, size_t bytes) {
  auto at = data_ ? static_cast<size_t>(out - data_.get()) : 0;
  auto capacity = static_cast<size_t>(end_ - data_.get());
  capacity = std::max({capacity_min, 2 * capacity, at + bytes});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (at > 0) std::memcpy(larger.get(), data_.get(), at);
  data_ = std::move(larger);
  end_ = data_.get() + capacity;
  return data_.get() + at;
}

void wire_buffer::finish_series(char* out) {
  char* start = data_.get() + used_;
  auto size = static_cast<size_t>(out - start) - header_room;
  start[0] = 0x0A;
  if (size >= 0x80 && size < 0x4000) {
    start[1] = static_cast<char>(size | 0x80);
    start[2] = static_cast<char>(size >> 7);
    used_ += header_room + size;
    return;
  }
  size_t length_bytes = 1;
  for (auto rest = size; rest >= 0x80; rest >>= 7) ++length_bytes;
  std::memmove(start + 1 + length_bytes, start + header_room, size);
  auto rest = size;
  for (size_t i = 1; i < length_bytes; ++i, rest >>= 7) start[i] = static_cast<char>(rest | 0x80);
  start[length_bytes] = static_cast<char>(rest);
  used_ += 1 + length_bytes + size;
}

}  // namespace rollcall::remote_write
