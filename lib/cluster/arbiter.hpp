#pragma once

#include "lib/cluster/mandate.hpp"
#include "lib/http/client_config.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::cluster {

/// A request to an arbiter's HTTP API.
struct arbiter_request {
  std::string method;
  std::string url;
  std::string body;  ///< JSON; empty for none.

  bool operator==(const arbiter_request&) const = default;
};

/// How to speak with one kind of arbiter. Knows no connection: what it asks for, somebody else sends.
class arbiter {
 public:
  virtual ~arbiter() = default;

  virtual arbiter_request read() const = 0;
  /// Replaces what has that version; an empty one stands for there being nothing. `wall` is the time, for people.
  virtual arbiter_request write(const std::string& expected, const mandate& wanted, int64_t wall) const = 0;
  /// What the answer to read() says. Errors: errc::io for a refusal, errc::syntax for what is none of ours.
  virtual result<register_content> content_of(int status, const std::string& body) const = 0;
  /// What the answer to write() says. Errors: as above.
  virtual result<write_outcome> outcome_of(int status, const std::string& body) const = 0;
};

/// What answers may be as long as.
inline constexpr size_t arbiter_answer_bytes_max = size_t{256} << 10;

/// A place in a pod where its service account is, and the variables around it.
struct pod_surroundings {
  std::function<std::string(const std::string&)> variable;  ///< Empty for one that is not set.
  std::string account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";
};

/// An arbiter as the operator names it, and how to be let in; or the workers that decide instead of one.
struct named_arbiter {
  std::shared_ptr<const arbiter> dialect;  ///< Null where workers decide.
  http::client_config client;
  std::vector<std::string> voters;
};

/// How many workers may decide: every leader hears a promise of more than half of them a few times per lease.
inline constexpr size_t voters_max = 31;
inline constexpr size_t voter_name_bytes_max = 253;

/// Reads `etcd+http://HOST:PORT/KEY`, `etcd+https://HOST:PORT/KEY`, `kubernetes://NAMESPACE/NAME` or
/// `workers://NAME,NAME,NAME`. Errors: errc::syntax, errc::invalid_argument; errc::not_found for Kubernetes outside of
/// a pod.
result<named_arbiter> find_arbiter(const std::string& text, const pod_surroundings& surroundings);

}  // namespace rollcall::cluster
