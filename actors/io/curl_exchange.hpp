#pragma once

#include "actors/io/curl_headers.hpp"
#include "actors/io/curl_proxy.hpp"
#include "actors/io/curl_stream.hpp"
#include "lib/http/url.hpp"
#include "messages/io.hpp"

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall {

/// What every exchange of one HTTP client has in common.
struct exchange_limits {
  uint64_t body_bytes_max = uint64_t{1} << 30;  ///< Holds also for requests that ask for more, or state no bound.
  uint64_t header_bytes_max = 256 << 10;        ///< Per response, over all its header lines.
  int redirects_max = 10;
  long receive_buffer_bytes = 32 << 10;          ///< Held only while a transfer runs.
  std::chrono::seconds connection_age_max{330};  ///< A connection that idled longer is not used again.
};

/// One fetch on its way: the request in libcurl's terms, and the response as it grows. Used for one fetch after the
/// other. Redirects are followed here and not by libcurl, which would hand custom headers on to foreign hosts.
class curl_exchange {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit curl_exchange(const exchange_limits& limits);
  ~curl_exchange();
  curl_exchange(const curl_exchange&) = delete;
  curl_exchange& operator=(const curl_exchange&) = delete;

  /// The exchange that a handle belongs to.
  static curl_exchange& of(CURL* handle);

  /// Takes a fetch and makes the handle ready for it. A response instead means that it cannot even be tried.
  std::optional<http::response> begin(fetch order, header_cache& headers, const environment_proxies& proxies);

  /// To be called when the transfer ended. Nothing means that the handle is ready for another transfer, to where a
  /// redirect points; otherwise this is the answer, and the fetch can be taken out.
  std::optional<http::response> finish(CURLcode code, header_cache& headers, const environment_proxies& proxies);

  /// The answer when the exchange is given up.
  http::response abandon(http::failure why, const std::string& error);

  /// Gives the fetch back and forgets everything of it.
  fetch take_order();

  uint64_t tag() const { return order_.tag; }
  bool is_of(const http_sink_actor& sink) const { return order_.sink == sink; }
  bool is_streamed() const { return order_.stream != nullptr; }
  /// Calls `deliver` with the fetch and what has come of its body since the last time, if anything has.
  template <class Deliver>
  void deliver_part(const Deliver& deliver) {
    if (stream_.has_part()) deliver(order_, stream_.take_part());
  }
  /// These many bytes of parts were worked off.
  void resume(uint64_t bytes);

  CURL* handle() const { return handle_; }
  uint32_t affinity() const { return order_.request->affinity; }
  /// Connections that were opened for the transfer that ended.
  long connections_opened() const;

  std::size_t shard = 0;     ///< For whoever runs the transfer.
  std::size_t position = 0;  ///< Likewise.

 private:
  enum class hop : unsigned char { first, same_host, other_host };

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept;
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept;
  std::size_t take_body(const char* bytes, std::size_t count);
  void take_header(std::string_view line);
  void take_status_line(std::string_view line);
  void begin_stream();

  void set_constant_options();
  result<void> set_up(header_cache& headers, const environment_proxies& proxies);
  result<void> set_headers(header_cache& headers, bool with_host);
  result<void> set_special_options(const environment_proxies& proxies, bool& with_host);
  void set_method();
  void set_server_name(const std::string& server_name);
  bool redirected();
  std::chrono::milliseconds time_left() const;
  std::string context(const std::string& error) const;
  http::response conclude(http::failure why, const std::string& error);

  const exchange_limits& limits_;
  CURL* handle_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  bool options_dirty_ = false;  // Whether options are set that the next fetch may not want.

  fetch order_;
  time_point started_;
  hop hop_ = hop::first;
  int redirects_ = 0;
  std::string url_;
  http::url parsed_url_;
  std::string method_;
  bool sends_body_ = false;
  uint64_t body_bytes_max_ = 0;

  header_lines_ptr common_lines_;
  header_lines own_lines_, connect_lines_, connect_to_;

  http::response response_;
  curl_stream stream_;
  std::string location_;
  uint64_t header_bytes_ = 0;
  bool header_whole_ = false;  // Up to the blank line.
  bool body_too_large_ = false;
  bool headers_too_large_ = false;
  bool out_of_memory_ = false;
};

}  // namespace rollcall
