#include "lib/base/byte_format.hpp"

#include "lib/base/assert.hpp"

#include <xxhash.h>

#include <array>
#include <utility>

namespace rollcall {

namespace {

constexpr size_t checksum_bytes = 8;
constexpr int varint_bits_max = 64;

uint64_t checksum(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

// By bytes and not by memory, so that it is the same on every machine.
uint64_t load64(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof value; ++i) value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return value;
}

}  // namespace

class byte_writer::running_checksum {
 public:
  running_checksum() : state_(XXH3_createState()) {
    ROLLCALL_ASSERT(state_ && XXH3_64bits_reset(state_.get()) == XXH_OK);
  }
  void add(std::string_view bytes) {
    ROLLCALL_ASSERT(XXH3_64bits_update(state_.get(), bytes.data(), bytes.size()) == XXH_OK);
  }
  uint64_t value() const { return XXH3_64bits_digest(state_.get()); }

 private:
  struct release {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, release> state_;
};

byte_writer::byte_writer(std::string_view magic) : bytes_(magic) {}
byte_writer::byte_writer() = default;
byte_writer::~byte_writer() = default;
byte_writer::byte_writer(byte_writer&&) noexcept = default;
byte_writer& byte_writer::operator=(byte_writer&&) noexcept = default;

uint64_t varint_bytes(uint64_t value) {
  uint64_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

void byte_writer::fixed64(uint64_t value) {
  std::array<char, sizeof value> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  bytes_.append(bytes.data(), bytes.size());
}

void byte_writer::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
  bytes_.push_back(static_cast<char>(value));
}

size_t byte_writer::begin(std::string_view magic) {
  auto part = bytes_.size();
  raw(magic);
  return part;
}

void byte_writer::end(size_t part) { fixed64(checksum(std::string_view(bytes_).substr(part))); }

std::string byte_writer::take_piece() {
  if (!taken_) taken_ = std::make_unique<running_checksum>();
  taken_->add(bytes_);
  return std::exchange(bytes_, {});
}

std::string byte_writer::finish() {
  if (taken_) taken_->add(bytes_);
  fixed64(taken_ ? taken_->value() : checksum(bytes_));
  return std::move(bytes_);
}

byte_reader::byte_reader(std::string_view magic, std::string_view bytes) {
  good_ = bytes.size() >= magic.size() + checksum_bytes && bytes.starts_with(magic);
  if (!good_) return;
  auto covered = bytes.substr(0, bytes.size() - checksum_bytes);
  good_ = checksum(covered) == load64(bytes.substr(covered.size()));
  if (good_) rest_ = covered.substr(magic.size());
}

std::string_view byte_reader::fail() {
  good_ = false;
  rest_ = {};
  return {};
}

std::string_view byte_reader::raw(uint64_t bytes) {
  if (bytes > rest_.size()) return fail();
  auto read = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return read;
}

uint8_t byte_reader::fixed8() {
  auto read = raw(1);
  return read.empty() ? 0 : static_cast<uint8_t>(read[0]);
}

uint64_t byte_reader::fixed64() {
  auto read = raw(sizeof(uint64_t));
  return read.empty() ? 0 : load64(read);
}

uint64_t byte_reader::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < varint_bits_max; shift += 7) {
    uint64_t byte = fixed8();
    // The tenth byte has room for one bit.
    if (!good_ || (shift == 63 && byte > 1)) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  fail();
  return 0;
}

}  // namespace rollcall
