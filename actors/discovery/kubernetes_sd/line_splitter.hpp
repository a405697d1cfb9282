#pragma once

#include "lib/base/result.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace rollcall::kubernetes {

/// Cuts a stream of bytes into lines, whatever the pieces in which it comes.
class line_splitter {
 public:
  /// A line longer than this is an error.
  explicit line_splitter(size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  /// Calls `take(std::string_view) -> bool` with every line that is whole by now, without its end; empty ones are left
  /// out. False from it ends the taking, and what follows is lost. Errors: errc::limit_exceeded.
  template <class Take>
  result<void> feed(std::string_view bytes, const Take& take) {
    for (;;) {
      const auto end = bytes.find('\n');
      if (rest_.size() + std::min(end, bytes.size()) > line_bytes_max_) return too_long();
      if (end == std::string_view::npos) break;
      auto line = bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      if (!rest_.empty()) line = rest_.append(line);
      const bool go_on = line.empty() || take(line);
      rest_.clear();
      if (!go_on) return {};
    }
    rest_.append(bytes);
    return {};
  }

  /// Whether the last line that came is not whole.
  bool inside_line() const { return !rest_.empty(); }
  void reset() { rest_.clear(); }

 private:
  tl::unexpected<error> too_long() {
    rest_.clear();
    return fail(errc::limit_exceeded, "a line is longer than " + std::to_string(line_bytes_max_) + " bytes");
  }

  size_t line_bytes_max_;
  std::string rest_;
};

}  // namespace rollcall::kubernetes
