#pragma once

#include "lib/base/result.hpp"

#include <string>
#include <utility>

namespace rollcall::queue {

/// The exclusive use of a directory, among processes and within one. Ends with the object, and with the process however
/// that ends.
class directory_lock {
 public:
  directory_lock() = default;
  directory_lock(directory_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  directory_lock& operator=(directory_lock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~directory_lock();

  /// Makes the directory if need be. Errors: closed when somebody else has it; io.
  static result<directory_lock> take(const std::string& directory);

  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace rollcall::queue
