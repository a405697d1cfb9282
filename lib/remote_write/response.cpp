#include "lib/remote_write/response.hpp"

#include "lib/base/utf8.hpp"
#include "lib/http/retry_after.hpp"

#include <algorithm>
#include <string_view>

namespace rollcall::remote_write {

namespace {

constexpr size_t body_bytes_max = 1024;

// The begin of a body, fit for a log line and for JSON.
std::string excerpt(std::string_view body) {
  bool cut = body.size() > body_bytes_max;
  std::string text(body.substr(0, body_bytes_max));
  // Not in the middle of a character: the bytes that go on one begin with the bits 10.
  if (cut && (static_cast<unsigned char>(body[body_bytes_max]) & 0xC0) == 0x80) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty()) text.pop_back();
  }
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (!is_valid_utf8(text)) {
    for (char& c : text) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
  }
  return text;
}

std::string status_error(const http::response& response) {
  std::string error = "server returned HTTP status " + std::to_string(response.status);
  if (!response.reason.empty()) error += ' ' + response.reason;
  return error + ": " + excerpt(response.body);
}

}  // namespace

answer classify_response(const http::response& response, too_many_requests on_429, std::chrono::sys_seconds now) {
  // A body that was too long is no trouble of the request's: its status stands.
  bool has_status = response.failure == http::failure::none || response.failure == http::failure::body_too_large;
  if (!has_status || response.status == 0) {
    return {outcome::retry, std::nullopt, response.error.empty() ? "no response" : excerpt(response.error)};
  }
  if (response.status / 100 == 2) return {};
  bool may_retry = response.status / 100 == 5 || (response.status == 429 && on_429 == too_many_requests::retry);
  if (!may_retry) return {outcome::refused, std::nullopt, status_error(response)};
  std::optional<milliseconds> hold_off;
  auto asked = http::parse_retry_after(response.retry_after, now);
  constexpr std::chrono::seconds hold_off_max = std::chrono::hours(24 * 365);
  if (asked && asked->count() > 0) hold_off = std::min(*asked, hold_off_max);
  return {outcome::retry, hold_off, status_error(response)};
}

}  // namespace rollcall::remote_write
