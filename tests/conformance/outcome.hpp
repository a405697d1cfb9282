#pragma once

#include "lib/base/result.hpp"
#include "tests/conformance/case_file.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::conformance {

/// What checking a case found.
struct outcome {
  std::vector<std::string> differences;  ///< Between what the case states and what the product did; none is good.

  /// Notes a difference if the two are not the same.
  void compare(const field& stated, std::string_view expected, std::string_view actual);
  /// The same for lists in any order, telling only what is missing and what is too much.
  void compare(const field& stated, std::vector<std::string> expected, std::vector<std::string> actual);
  /// `stated` is the whole message (key `error`) or a part of it (key `error has`).
  void compare_error(const field& stated, const std::optional<error>& actual);
  /// Notes that something failed which the case expects to work.
  void unexpected_error(const field& where, const error& actual);
};

bool is_error(const field& candidate);

}  // namespace rollcall::conformance
