#pragma once

#include <unistd.h>

#include <string_view>
#include <utility>

namespace rollcall {

/// Owns an open file; may be none.
class file_descriptor {
 public:
  file_descriptor() = default;
  explicit file_descriptor(int opened) : number_(opened) {}
  file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~file_descriptor() { close(); }

  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  explicit operator bool() const { return number_ >= 0; }
  /// Negative when there is none.
  int get() const { return number_; }
  /// False, with errno set, when not all of it could be written.
  bool write_all(std::string_view bytes) const;

 private:
  int number_ = -1;
};

}  // namespace rollcall
