#pragma once

#include "lib/base/duration.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What coordinators and the workers that vote tell each other, where no register says who leads.
namespace rollcall::cluster {

/// What a coordinator asks a voter for: to serve nobody else for the length of a lease.
struct candidacy {
  uint64_t epoch = 0;       ///< In which it wants to lead; up to epoch_max.
  std::string holder;       ///< The process, by a name that no other ever has; not empty.
  std::string address;      ///< Where workers reach it, HOST:PORT.
  milliseconds lease{0};    ///< How long a promise holds; up to promise_max.
  int64_t stamp = 0;        ///< When it asked, by its own steady clock in milliseconds.
  bool is_elected = false;  ///< Whether it leads in this epoch already.

  bool operator==(const candidacy&) const = default;
};

/// A voter's promise, as it stands.
struct vote {
  std::optional<candidacy> promised;  ///< The latest, with the stamp of when it was asked for.
  bool is_binding = false;            ///< Whether that one is not over yet.
  uint64_t heard = 0;                 ///< The highest epoch that was ever promised.

  bool operator==(const vote&) const = default;
};

/// How long anybody may be bound.
inline constexpr milliseconds promise_max = std::chrono::hours(1);
/// How long a holder's name or address may be.
inline constexpr size_t candidate_text_bytes_max = 512;

std::string encode(const candidacy& value);
std::string encode(const vote& value);

/// Errors: errc::syntax.
result<candidacy> decode_candidacy(std::string_view bytes);
result<vote> decode_vote(std::string_view bytes);

}  // namespace rollcall::cluster
