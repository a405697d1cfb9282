#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rollcall::web {

/// A request as far as pages care for it. The body is read and thrown away: no page takes one.
struct request {
  std::string method;
  std::string target;  ///< As on the request line: path and query, percent-encoded.
  std::string accept_encoding;
  std::string origin;

  bool operator==(const request&) const = default;
};

/// An answer. Content-Length, Date and Connection are the listener's business.
struct response {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  bool operator==(const response&) const = default;
};

inline constexpr const char* plain_text = "text/plain; charset=utf-8";
inline constexpr const char* html_text = "text/html; charset=utf-8";
inline constexpr const char* json_text = "application/json";
inline constexpr const char* exposition_text = "text/plain; version=0.0.4; charset=utf-8";

/// A line of plain text.
inline response text_response(int status, std::string body) { return {status, plain_text, std::move(body), {}}; }

/// What went wrong, as a line of plain text that no browser takes for anything else.
inline response error_response(int status, std::string message) {
  return {status, plain_text, std::move(message) + '\n', {{"X-Content-Type-Options", "nosniff"}}};
}

/// Sends a browser elsewhere.
inline response redirect_response(std::string location) {
  return {302, html_text, {}, {{"Location", std::move(location)}}};
}

}  // namespace rollcall::web
