#pragma once

#include "lib/base/result.hpp"
#include "lib/remote_write/request.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// What can be made of requests without knowing the batches that they came from. Messages are not compressed.
namespace rollcall::remote_write {

/// A message of remote_write 1.0 that says what one of 2.0 did, as far as it can.
struct rewritten_message {
  std::string bytes;
  uint64_t custom_buckets = 0;  ///< Histograms that 1.0 has no form for, which were left out.
};

/// Start times and metadata are left out as well. Errors: syntax, when it is no io.prometheus.write.v2.Request.
result<rewritten_message> as_version_1(std::string_view version_2);

/// One message of remote_write 2.0 with the series of some, in this order, and their strings, each once. Errors:
/// syntax.
result<std::string> join_version_2(std::span<const std::string> messages);

/// A message that has some of another's series.
struct partial_message {
  std::string bytes;
  item_counts items;
};

/// Two messages of the same kind, with the first half of the different series and with the others, each in its old
/// order. Nothing when there are fewer than two different ones, or it is no such message.
std::optional<std::pair<partial_message, partial_message>> divide_series(message_kind kind, std::string_view message);

}  // namespace rollcall::remote_write
