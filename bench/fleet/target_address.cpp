#include "bench/fleet/target_address.hpp"

#include "lib/base/assert.hpp"

namespace rollcall::bench {

namespace {

constexpr uint32_t per_byte = 250;

}  // namespace

uint32_t target_address(size_t index, uint8_t network) {
  ROLLCALL_ASSERT(index < targets_max);
  auto number = static_cast<uint32_t>(index);
  uint32_t first = 1 + number / (per_byte * per_byte);
  uint32_t second = number / per_byte % per_byte;
  uint32_t third = 1 + number % per_byte;
  return uint32_t{network} << 24 | first << 16 | second << 8 | third;
}

std::optional<size_t> target_at(uint32_t address, uint8_t network) {
  uint32_t first = address >> 16 & 0xff;
  uint32_t second = address >> 8 & 0xff;
  uint32_t third = address & 0xff;
  if (address >> 24 != network || first < 1 || second >= per_byte || third < 1 || third > per_byte) return std::nullopt;
  size_t index = (size_t{first - 1} * per_byte + second) * per_byte + third - 1;
  if (index >= targets_max) return std::nullopt;
  return index;
}

std::string address_text(uint32_t address) {
  return std::to_string(address >> 24) + '.' + std::to_string(address >> 16 & 0xff) + '.' +
         std::to_string(address >> 8 & 0xff) + '.' + std::to_string(address & 0xff);
}

std::string file_sd_document(size_t count, uint16_t port, uint8_t network) {
  std::string text = "[{\"labels\": {\"fleet\": \"bench\"}, \"targets\": [";
  std::string suffix = ':' + std::to_string(port) + '"';
  for (size_t i = 0; i < count; ++i) {
    text += i == 0 ? "\n\"" : ",\n\"";
    text += address_text(target_address(i, network)) + suffix;
  }
  return text += "\n]}]\n";
}

}  // namespace rollcall::bench
