#include "lib/queue/record.hpp"

namespace rollcall::queue {

namespace {

constexpr std::string_view magic = "RCH1";

}  // namespace

void begin_record(byte_writer& out, uint64_t bytes) {
  auto head = out.begin(magic);
  out.fixed64(bytes);
  out.end(head);
}

std::optional<std::string_view> first_record(std::string_view bytes) {
  byte_reader head(magic, bytes.substr(0, record_head_bytes));
  auto length = head.fixed64();
  if (!head.finished() || length > bytes.size() - record_head_bytes) return std::nullopt;
  return bytes.substr(record_head_bytes, length);
}

}  // namespace rollcall::queue
