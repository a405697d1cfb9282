#pragma once

#include "lib/http/client_config.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::http {

struct header {
  std::string name;
  std::string value;

  bool operator==(const header&) const = default;
};

using header_list = std::vector<header>;

/// What to ask of whom. Immutable and shared by all requests to one endpoint; headers and client settings are shared by
/// all endpoints of a job.
struct request {
  std::string method = "GET";
  std::string url;
  std::shared_ptr<const header_list> headers;  ///< Null means none. Authentication comes from `client`.
  client_config_ptr client;                    ///< Null means defaults: no authentication, no proxy.
  std::string unix_socket;                     ///< Path of a socket to connect to instead of the URL's host, or empty.
  std::vector<std::string> wanted_headers;     ///< Headers to hand back with the response, in lower case.
  uint32_t affinity = 0;  ///< Requests with equal affinity use the same connection cache, so connections are reused.

  bool operator==(const request&) const = default;
};

using request_ptr = std::shared_ptr<const request>;

/// Who failed, when there is no usable response.
enum class failure : unsigned char {
  none,            ///< A response arrived whole, whatever its status.
  transport,       ///< Name resolution, connection, TLS, protocol, or end of stream.
  timeout,         ///< The request's time was over.
  body_too_large,  ///< The body crossed body_bytes_max; it was cut off there.
  credentials,     ///< A credentials, certificate or key file could not be used.
  shutdown,        ///< The client was stopped before the response was complete.
  cancelled,       ///< The asker wanted it no more.
};

/// A response as it came over the wire: the body is not inflated.
struct response {
  rollcall::http::failure failure = failure::none;
  std::string error;             ///< What failed, in words fit for a target's lastError; empty when nothing did.
  int status = 0;                ///< HTTP status, 0 when there was none.
  std::string reason;            ///< Reason phrase of the status line, as "404 Not Found" needs it.
  std::string content_type;      ///< Empty when absent.
  std::string content_encoding;  ///< Empty when absent.
  std::string retry_after;       ///< Empty when absent.
  header_list headers;           ///< Those that the request wanted, named as it names them, as often as they came.
  std::string body;
  std::chrono::nanoseconds elapsed{0};
  bool connection_reused = false;

  bool operator==(const response&) const = default;
};

}  // namespace rollcall::http
