#pragma once

#include "lib/base/file_descriptor.hpp"
#include "lib/base/result.hpp"

#include <string>

namespace rollcall::queue {

/// The exclusive use of a directory, among processes and within one. Ends with the object, and with the process however
/// that ends.
class directory_lock {
 public:
  /// Makes the directory if need be. Errors: closed when somebody else has it; io.
  static result<directory_lock> take(const std::string& directory);

  explicit operator bool() const { return bool(file_); }

 private:
  file_descriptor file_;
};

}  // namespace rollcall::queue
