#include "lib/queue/store_key.hpp"

#include "lib/base/byte_format.hpp"

namespace rollcall::queue {

namespace {

constexpr std::string_view reason_magic = "RCX1";
constexpr std::string_view last_magic = "RCZ1";

}  // namespace

store_key::store_key(table of, uint64_t sequence) {
  bytes_[0] = static_cast<char>(of);
  for (size_t i = bytes_.size() - 1; i > 0; --i, sequence >>= 8) bytes_[i] = static_cast<char>(sequence);
}

std::optional<uint64_t> sequence_of(std::string_view key) {
  if (key.size() != 1 + sizeof(uint64_t)) return std::nullopt;
  uint64_t sequence = 0;
  for (char byte : key.substr(1)) sequence = sequence << 8 | static_cast<uint8_t>(byte);
  return sequence;
}

std::string encode_last_appended(uint64_t sequence) {
  byte_writer out(last_magic);
  out.fixed64(sequence);
  return out.finish();
}

uint64_t decode_last_appended(std::string_view bytes) {
  byte_reader in(last_magic, bytes);
  auto sequence = in.fixed64();
  return in.finished() ? sequence : 0;
}

std::string encode_reason(const set_aside_order& order, uint64_t bytes) {
  byte_writer out(reason_magic);
  out.fixed64(static_cast<uint64_t>(order.since));
  out.fixed64(bytes);
  out.varint(order.reason.size());
  out.raw(order.reason);
  return out.finish();
}

set_aside_block decode_reason(uint64_t sequence, std::string_view bytes) {
  byte_reader in(reason_magic, bytes);
  set_aside_block read;
  read.sequence = sequence;
  read.since = static_cast<int64_t>(in.fixed64());
  read.bytes = in.fixed64();
  read.reason = in.raw(in.varint());
  if (!in.finished()) read = {sequence, 0, 0, "the reason is damaged"};
  return read;
}

}  // namespace rollcall::queue
