#include "lib/remote_write/response.hpp"

#include "lib/base/utf8.hpp"
#include "lib/http/retry_after.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace rollcall::remote_write {

namespace {

constexpr size_t body_bytes_max = 1024;
// More than anybody sends is no number to add up.
constexpr uint64_t written_max = uint64_t{1} << 60;

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

// The number in a header of this name; nothing when there is none, or it is no number.
std::optional<uint64_t> number_in(const http::response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name != name) continue;
    uint64_t number = 0;
    const char* end = header.value.data() + header.value.size();
    auto [rest, trouble] = std::from_chars(header.value.data(), end, number);
    if (trouble == std::errc() && rest == end) return number;
  }
  return std::nullopt;
}

// What is not said was not written; nothing when nothing is said.
std::optional<item_counts> written_counts(const http::response& response) {
  auto floats = number_in(response, samples_written_header);
  auto histograms = number_in(response, histograms_written_header);
  auto exemplars = number_in(response, exemplars_written_header);
  if (!floats && !histograms && !exemplars) return std::nullopt;
  auto bounded = [](std::optional<uint64_t> count) { return std::min(count.value_or(0), written_max); };
  item_counts written{0, bounded(histograms), bounded(exemplars)};
  written.samples = bounded(floats) + written.histograms + written.exemplars;
  return written;
}

std::string in_words(const item_counts& counts) {
  return std::to_string(counts.floats()) + " samples, " + std::to_string(counts.histograms) + " histograms and " +
         std::to_string(counts.exemplars) + " exemplars";
}

answer classify_success(const http::response& response, const request& sent) {
  auto written = written_counts(response);
  bool is_v2 = sent.message == message_kind::v2;
  if (!written && is_v2) {
    return {outcome::unsupported,
            {},
            {},
            "the receiver accepted a request of remote_write 2.0 without saying what it has written of it"};
  }
  bool is_complete = !written || (written->floats() >= sent.floats() && written->histograms >= sent.histograms &&
                                  written->exemplars >= sent.exemplars);
  if (is_complete) return {outcome::delivered, {}, {}, {}};
  bool is_nothing = is_v2 && written->samples == 0;
  return {is_nothing ? outcome::refused : outcome::delivered,
          {},
          written,
          "the receiver was sent " + in_words(sent) + " and has written " + in_words(*written)};
}

// Of a receiver that says that it has written some, the rest is what it does not want.
blame blame_for(uint32_t status, const std::optional<item_counts>& written) {
  bool may_be_about_series = status == 400 || status == 409 || status == 413 || status == 422;
  bool has_chosen = written && written->samples > 0;
  return may_be_about_series && !has_chosen ? blame::series : blame::request;
}

bool is_unsupported(uint32_t status, const request& sent, zstd_support zstd) {
  if (sent.form() == wire_form()) return false;
  bool may_be_unread = sent.compression == compression::zstd && zstd == zstd_support::unknown;
  return status == 415 || (status == 400 && may_be_unread);
}

}  // namespace

answer classify_response(const http::response& response, const request& sent, answer_rules rules,
                         std::chrono::sys_seconds now) {
  // A body that was too long is no trouble of the request's: its status stands.
  bool has_status = response.failure == http::failure::none || response.failure == http::failure::body_too_large;
  if (!has_status || response.status == 0) {
    return {outcome::retry, {}, {}, response.error.empty() ? "no response" : excerpt(response.error)};
  }
  if (response.status / 100 == 2) return classify_success(response, sent);
  if (is_unsupported(response.status, sent, rules.zstd)) return {outcome::unsupported, {}, {}, status_error(response)};
  bool may_retry = response.status / 100 == 5 || (response.status == 429 && rules.on_429 == too_many_requests::retry);
  if (!may_retry) {
    auto written = written_counts(response);
    return {outcome::refused, {}, written, status_error(response), blame_for(response.status, written)};
  }
  std::optional<milliseconds> hold_off;
  auto asked = http::parse_retry_after(response.retry_after, now);
  constexpr std::chrono::seconds hold_off_max = std::chrono::hours(24 * 365);
  if (asked && asked->count() > 0) hold_off = std::min(*asked, hold_off_max);
  return {outcome::retry, hold_off, {}, status_error(response)};
}

}  // namespace rollcall::remote_write
