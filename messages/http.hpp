#pragma once

#include "lib/http/request.hpp"
#include "messages/act_fwd.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

/// Http: other people's HTTP servers.
///   http sink --fetch--> http client --fetched--> http sink
///   http stream sink --fetch--> http client --fetched_part, fetched--> http stream sink

namespace rollcall {

/// The answer to a fetch.
struct fetched {
  uint64_t tag = 0;  ///< The fetch's tag.
  http::response response;

  bool operator==(const fetched&) const = default;
};

/// HTTP SINK: anyone who asks an HTTP client for something.
using http_sink_actor = act::handle<
    // A response or the reason why there is none.
    void(fetched)>;

/// The next bytes of a body that is streamed; its fetched comes after the last of them.
struct fetched_part {
  uint64_t tag = 0;  ///< The fetch's tag.
  std::string bytes;

  bool operator==(const fetched_part&) const = default;
};

/// HTTP STREAM SINK: anyone who wants a body as it arrives.
/// Sends: parts_taken, without which no more parts come once the bound is reached.
using http_stream_sink_actor = act::handle<
    // The next part.
    void(fetched_part),
    // The end of the body, or the response that was not streamed, or the reason why there is none.
    void(fetched)>;

/// How a body is to be streamed. Only that of a response with status 2xx is; any other comes whole, in its fetched.
struct stream_settings {
  http_stream_sink_actor sink;          ///< The fetch's sink, which takes parts as well.
  uint64_t bytes_ahead_max = 1 << 20;   ///< How much may be under way to the sink; then the server waits.
  std::chrono::seconds silence_max{0};  ///< How long no byte may come, noticed up to 5 s late. 0: for ever.

  bool operator==(const stream_settings&) const = default;
};

/// Perform a request and tell the sink.
struct fetch {
  http::request_ptr request;
  std::shared_ptr<const std::string> body;  ///< Null means none.
  http::header_list extra_headers;          ///< In addition to the request's own.
  http::header_list credentials;            ///< As these, but only for the host of the request's URL.
  /// For everything from name resolution to the last byte; of a response that is streamed, to the end of its head.
  std::chrono::milliseconds timeout{0};
  uint64_t body_bytes_max = 0;       ///< Bound on the response body as it comes over the wire.
  uint64_t body_bytes_expected = 0;  ///< How much room to make at first.
  uint64_t tag = 0;
  http_sink_actor sink;
  std::shared_ptr<const stream_settings> stream;  ///< Null means that the body comes whole.

  bool operator==(const fetch&) const = default;
};

/// The sink has worked off parts of these many bytes, all told, since its last parts_taken.
struct parts_taken {
  uint64_t tag = 0;
  http_sink_actor sink;
  uint64_t bytes = 0;

  bool operator==(const parts_taken&) const = default;
};

/// The sink wants the fetch no more; it is answered with failure::cancelled unless it has already been answered.
struct cancel_fetch {
  uint64_t tag = 0;
  http_sink_actor sink;

  bool operator==(const cancel_fetch&) const = default;
};

struct get_http_client_status {
  bool operator==(const get_http_client_status&) const = default;
};

struct http_client_status {
  uint64_t requests = 0;
  uint64_t failures = 0;
  uint64_t connections_opened = 0;
  uint64_t in_flight = 0;

  bool operator==(const http_client_status&) const = default;
};

/// HTTP CLIENT: the only door to other people's HTTP servers; in front of one libcurl thread.
/// Sends: exactly one fetched per fetch, also at shutdown; before it, parts of a body that is streamed. Outside trouble
/// is part of the response, never an error. A stream ends with its sink.
/// Ends: on exit from its parent, or with an error when its thread died.
using http_client_actor = act::handle<
    // Performs a request.
    void(fetch),
    // Lets more parts come.
    void(parts_taken),
    // Ends a request.
    void(cancel_fetch),
    // Counters since start.
    http_client_status(get_http_client_status)>;

}  // namespace rollcall

ACT_FIRST_BLOCK(rollcall_http)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::fetched)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::fetched_part)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::fetch)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::parts_taken)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::cancel_fetch)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::get_http_client_status)
ACT_LOCAL_MESSAGE(rollcall_http, rollcall::http_client_status)
ACT_END(rollcall_http)
