#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rollcall::exposition {

static_assert(std::endian::native == std::endian::little, "fixed64 is read as it stands");

/// How a protobuf field is encoded.
enum class wire_type : uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// A field's number and encoding in one, as the wire has them.
constexpr uint32_t wire_tag(uint32_t number, wire_type type) { return number << 3 | static_cast<uint32_t>(type); }

namespace wire {

constexpr uint32_t varint(uint32_t number) { return wire_tag(number, wire_type::varint); }
constexpr uint32_t fixed64(uint32_t number) { return wire_tag(number, wire_type::fixed64); }
constexpr uint32_t bytes(uint32_t number) { return wire_tag(number, wire_type::bytes); }

}  // namespace wire

/// Walks the fields of a protobuf message. Reads nothing outside of it.
///   for (wire_fields fields(message); fields.next();) switch (fields.tag()) ...
///   and then fields.failed() says whether it was malformed.
class wire_fields {
 public:
  explicit wire_fields(std::string_view message) : at_(message.data()), end_(message.data() + message.size()) {}

  /// Moves to the next field; false at the end of the message and on a malformed field. Groups count as malformed.
  [[gnu::always_inline]] bool next() {
    if (at_ == end_) return false;
    begin_ = at_;
    uint64_t tag = 0;
    if (!read_varint(tag)) return false;
    tag_ = static_cast<uint32_t>(tag);
    if (number() == 0) return fail();
    auto type = static_cast<wire_type>(tag & 7);
    if (type == wire_type::bytes) return read_bytes();
    if (type == wire_type::varint) return read_varint(value_);
    if (type == wire_type::fixed64) return read_fixed(8);
    return type == wire_type::fixed32 ? read_fixed(4) : fail();
  }

  bool failed() const { return failed_; }
  uint32_t tag() const { return tag_; }
  uint32_t number() const { return tag_ >> 3; }
  /// Where the field, and where the one behind it, begins.
  const char* begin() const { return begin_; }
  const char* end() const { return at_; }

  /// The value of a varint, or the bits of a fixed one.
  uint64_t value() const { return value_; }
  /// The zigzag-encoded value of a varint: sint32 and sint64.
  int64_t signed_value() const { return unzigzag(value_); }
  std::string_view bytes() const { return bytes_; }

  /// Reads values that stand one behind the other, as in a packed field, until the message is at its end.
  bool next_packed_varint() { return at_ != end_ && read_varint(value_); }
  bool next_packed_fixed64() { return at_ != end_ && read_fixed(8); }

 private:
  static constexpr unsigned varint_shift_end = 64;

  static int64_t unzigzag(uint64_t value) {
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }

  [[gnu::always_inline]] bool fail() {
    at_ = end_;
    failed_ = true;
    return false;
  }

  [[gnu::always_inline]] bool read_varint(uint64_t& value) {
    if (at_ == end_) return fail();
    auto byte = static_cast<unsigned char>(*at_);
    if (byte < 0x80) {
      ++at_;
      value = byte;
      return true;
    }
    long_varint read = read_long_varint(at_, end_);
    if (read.end == nullptr) return fail();
    at_ = read.end;
    value = read.value;
    return true;
  }

  struct long_varint {
    const char* end;
    uint64_t value;
  };

  // Takes and gives values, no addresses, so that a walk lives in registers.
  static long_varint read_long_varint(const char* at, const char* end) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < varint_shift_end && at != end; shift += 7) {
      auto byte = static_cast<unsigned char>(*at++);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return {at, value};
    }
    return {nullptr, 0};
  }

  [[gnu::always_inline]] bool read_fixed(size_t size) {
    if (static_cast<size_t>(end_ - at_) < size) return fail();
    value_ = 0;
    std::memcpy(&value_, at_, size);
    at_ += size;
    return true;
  }

  [[gnu::always_inline]] bool read_bytes() {
    uint64_t size = 0;
    if (!read_varint(size)) return false;
    if (size > static_cast<uint64_t>(end_ - at_)) return fail();
    bytes_ = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }

  const char* begin_ = nullptr;
  const char* at_;
  const char* end_;
  uint32_t tag_ = 0;
  bool failed_ = false;
  uint64_t value_ = 0;
  std::string_view bytes_;
};

}  // namespace rollcall::exposition
