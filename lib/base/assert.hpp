#pragma once

#include <stdexcept>
#include <string>

namespace rollcall {

/// Thrown by ROLLCALL_ASSERT: a bug of ours. The actor in which it happens ends and is restarted by its parent.
class assertion_failure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void assertion_failed(const char* expression, const char* file, int line) {
  throw assertion_failure(std::string(file) + ':' + std::to_string(line) + ": assertion failed: " + expression);
}

}  // namespace rollcall

/// States what must hold unless the program has a bug; checked in every build.
#define ROLLCALL_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::rollcall::assertion_failed(#expression, __FILE__, __LINE__))
