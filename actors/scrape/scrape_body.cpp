#include "actors/scrape/scrape_body.hpp"

#include "lib/http/inflate.hpp"

namespace rollcall {

namespace {

// A scratch buffer larger than this is given back after use: one giant target must not cost its memory for ever.
constexpr size_t scratch_kept_max = 16u << 20;

struct scratch {
  http::inflater inflater;
  http::byte_buffer buffer;
};

scratch& scratch_of_thread() {
  thread_local scratch instance;
  return instance;
}

tl::unexpected<error> too_large() { return fail(errc::limit_exceeded, "body size limit exceeded"); }

result<void> check_response(const http::response& response) {
  using http::failure;
  if (response.failure == failure::body_too_large) return too_large();
  if (response.failure == failure::timeout) return fail(errc::timeout, response.error);
  if (response.failure != failure::none) return fail(errc::io, response.error);
  if (response.status != 200) {
    auto status = std::to_string(response.status);
    if (!response.reason.empty()) status += ' ' + response.reason;
    return fail(errc::io, "server returned HTTP status " + status);
  }
  return {};
}

result<std::string_view> inflated(const http::response& response, const body_limits& limits) {
  // Reaching the job's limit fails, as in Prometheus; our own bound may be reached.
  size_t size_max = limits.configured ? limits.configured - 1 : limits.bytes_max;
  if (response.content_encoding != "gzip") {
    if (response.body.size() > size_max) return too_large();
    return std::string_view(response.body);
  }
  auto& scratch = scratch_of_thread();
  auto text = scratch.inflater.gunzip(response.body, scratch.buffer, limits.bytes_expected, size_max);
  if (!text && text.error().code == errc::limit_exceeded) return too_large();
  return text;
}

exposition::format format_of(http::exposition_format named) {
  switch (named) {
    case http::exposition_format::openmetrics:
      return exposition::format::open_metrics;
    case http::exposition_format::protobuf:
      return exposition::format::protobuf;
    case http::exposition_format::text:
      break;
  }
  return exposition::format::text;
}

}  // namespace

result<scraped_body> read_body(const http::response& response, const body_limits& limits) {
  if (auto checked = check_response(response); !checked) return tl::unexpected(checked.error());
  auto text = inflated(response, limits);
  if (!text) return tl::unexpected(text.error());
  // A body of nothing has no format.
  if (text->empty()) return scraped_body{*text, exposition::format::text};
  auto chosen = http::choose_exposition_format(response.content_type, limits.fallback);
  if (!chosen) return tl::unexpected(chosen.error());
  return scraped_body{*text, format_of(*chosen)};
}

void trim_body_memory() { scratch_of_thread().buffer.trim(scratch_kept_max); }

}  // namespace rollcall
