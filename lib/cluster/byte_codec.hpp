#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::cluster {

/// Appends numbers and texts to a text. Numbers are varints, a text has its length before it.
class packer {
 public:
  explicit packer(std::string& out) : out_(out) {}

  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  /// Small negative numbers take a full ten bytes.
  void signed_number(int64_t value) { number(static_cast<uint64_t>(value)); }
  void flag(bool value) { out_.push_back(value ? '\1' : '\0'); }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

 private:
  std::string& out_;
};

/// Reads what a packer wrote. After a first failure every read gives zeros, and good() says so.
class unpacker {
 public:
  explicit unpacker(std::string_view bytes) : rest_(bytes) {}

  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      // The tenth byte has room for one bit.
      if (shift == 63 && byte > 1) break;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  int64_t signed_number() { return static_cast<int64_t>(number()); }
  /// A number up to a bound; a larger one is a failure.
  uint64_t number_up_to(uint64_t max) {
    auto value = number();
    if (value <= max) return value;
    fail();
    return 0;
  }
  bool flag() { return number_up_to(1) == 1; }
  std::string_view text() {
    auto size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    auto value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  /// How many elements follow, of which each takes at least a byte: a count that cannot be is a failure.
  uint64_t count() { return number_up_to(rest_.size()); }

  void fail() {
    good_ = false;
    rest_ = {};
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }
  /// Whether all was good, and all was read.
  bool finished() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace rollcall::cluster
