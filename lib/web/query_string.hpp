#pragma once

#include "lib/base/result.hpp"
#include "lib/http/percent_encode.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::web {

/// Undoes percent-encoding; with `plus_is_space` also `+`. Errors: errc::syntax `invalid URL escape "%zz"`, as Go has
/// it.
result<std::string> percent_decode(std::string_view text, bool plus_is_space);

using http::percent_encode;

/// The parameters of a request, read as Go's url.ParseQuery reads them: a pair that is malformed is left out, and the
/// first such pair is remembered as the error. Keys may repeat; the order of values is kept.
class query_string {
 public:
  query_string() = default;
  explicit query_string(std::string_view text);

  /// The first value of a key, or "".
  std::string_view get(std::string_view key) const;
  std::vector<std::string_view> all(std::string_view key) const;
  /// What is wrong with the first malformed pair, if one is.
  const std::optional<error>& malformed() const { return malformed_; }

 private:
  void add(std::string_view pair);

  std::vector<std::pair<std::string, std::string>> pairs_;
  std::optional<error> malformed_;
};

/// A request target cut in two.
struct target_parts {
  std::string path;  ///< Decoded.
  query_string query;
};

/// Cuts `/path?query` (or an absolute URL) in two and decodes. Errors: errc::syntax.
result<target_parts> split_target(std::string_view target);

}  // namespace rollcall::web
