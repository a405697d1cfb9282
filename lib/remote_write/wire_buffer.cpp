#include "lib/remote_write/wire_buffer.hpp"

#include <bit>
#include <cstring>

namespace rollcall::remote_write {

static_assert(std::endian::native == std::endian::little, "doubles are copied as protobuf wants them");

void wire_buffer::finish_series(char* out) {
  char* start = buffer_.end();
  auto size = static_cast<size_t>(out - start) - header_room;
  start[0] = 0x0A;
  if (size >= 0x80 && size < 0x4000) {
    start[1] = static_cast<char>(size | 0x80);
    start[2] = static_cast<char>(size >> 7);
    buffer_.take(out);
    return;
  }
  size_t length_bytes = 1;
  for (auto rest = size; rest >= 0x80; rest >>= 7) ++length_bytes;
  std::memmove(start + 1 + length_bytes, start + header_room, size);
  write_varint(start + 1, size);
  buffer_.take(start + 1 + length_bytes + size);
}

}  // namespace rollcall::remote_write
