#include "lib/remote_write/growing_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace rollcall::remote_write {

namespace {

constexpr size_t capacity_min = 64 * 1024;

}  // namespace

char* growing_buffer::grow(char* out, size_t bytes) {
  auto at = data_ ? static_cast<size_t>(out - data_.get()) : 0;
  auto capacity = static_cast<size_t>(limit_ - data_.get());
  capacity = std::max({capacity_min, 2 * capacity, at + bytes});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (at > 0) std::memcpy(larger.get(), data_.get(), at);
  data_ = std::move(larger);
  limit_ = data_.get() + capacity;
  return data_.get() + at;
}

}  // namespace rollcall::remote_write
