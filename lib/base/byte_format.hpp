#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rollcall {

/// How many bytes a varint has.
uint64_t varint_bytes(uint64_t value);

/// Appends integers and bytes to a text: little-endian, varints as those of protobuf, and at the end the 64-bit XXH3
/// hash (seed 0) of everything before it.
class byte_writer {
 public:
  explicit byte_writer(std::string_view magic);
  /// Of parts alone.
  byte_writer();
  ~byte_writer();
  byte_writer(byte_writer&&) noexcept;
  byte_writer& operator=(byte_writer&&) noexcept;

  void reserve(size_t bytes) { bytes_.reserve(bytes); }
  void fixed8(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void fixed64(uint64_t value);
  void varint(uint64_t value);
  void raw(std::string_view bytes) { bytes_.append(bytes); }
  /// Begins a part that has a magic number and a checksum of its own; gives what end() wants of it.
  size_t begin(std::string_view magic);
  void end(size_t part);
  /// How many bytes there are to take.
  size_t size() const { return bytes_.size(); }
  /// What was written since the last time, so that the whole need not be held at once. No part may be open.
  std::string take_piece();
  /// Everything that was not taken, with the checksum of everything.
  std::string finish();
  /// Everything, as it is.
  std::string take() { return std::move(bytes_); }

 private:
  class running_checksum;

  std::string bytes_;
  std::unique_ptr<running_checksum> taken_;  // null until something was taken
};

/// Reads what a byte_writer wrote. After a first failure every read gives zeros, and good() says so.
class byte_reader {
 public:
  /// Checks magic number and checksum at once.
  byte_reader(std::string_view magic, std::string_view bytes);

  uint8_t fixed8();
  uint64_t fixed64();
  uint64_t varint();
  std::string_view raw(uint64_t bytes);

  bool good() const { return good_; }
  /// Whether all was good, and all was read.
  bool finished() const { return good_ && rest_.empty(); }
  size_t bytes_left() const { return rest_.size(); }

 private:
  std::string_view fail();

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace rollcall
