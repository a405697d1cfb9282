#include "bench/http/request.hpp"

#include <algorithm>
#include <charconv>

namespace rollcall::bench {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_token(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the text up to `separator` off the front of `rest`.
std::string_view next_part(std::string_view& rest, std::string_view separator) {
  size_t end = rest.find(separator);
  std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + separator.size());
  return part;
}

bool lists_gzip(std::string_view codings) {
  while (!codings.empty()) {
    std::string_view coding = next_part(codings, ",");
    std::string_view name = trimmed(next_part(coding, ";"));
    std::string_view quality = trimmed(coding);
    if (same_token(name, "gzip")) return quality != "q=0" && quality != "q=0.0";
  }
  return false;
}

struct head_fields {
  size_t content_length = 0;
  bool expects_continue = false;
  bool valid = true;
};

void take_field(std::string_view name, std::string_view value, http_request& request, head_fields& fields) {
  if (same_token(name, "content-length")) {
    auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), fields.content_length);
    fields.valid = fields.valid && failure == std::errc() && end == value.data() + value.size();
  } else if (same_token(name, "transfer-encoding")) {
    fields.valid = false;
  } else if (same_token(name, "accept-encoding")) {
    request.accepts_gzip = lists_gzip(value);
  } else if (same_token(name, "content-encoding")) {
    request.content_encoding = value;
  } else if (same_token(name, "connection")) {
    if (same_token(value, "close")) request.keep_alive = false;
    if (same_token(value, "keep-alive")) request.keep_alive = true;
  } else if (same_token(name, "expect")) {
    fields.expects_continue = same_token(value, "100-continue");
  }
}

bool take_request_line(std::string_view line, http_request& request) {
  request.method = next_part(line, " ");
  std::string_view target = next_part(line, " ");
  request.path = next_part(target, "?");
  request.query = target;
  request.keep_alive = line == "HTTP/1.1";
  return !request.method.empty() && request.path.starts_with('/') && (line == "HTTP/1.1" || line == "HTTP/1.0");
}

}  // namespace

parsed_request parse_request(std::string_view input, size_t body_bytes_max) {
  parsed_request parsed;
  size_t head_end = input.substr(0, head_bytes_max).find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    if (input.size() >= head_bytes_max) parsed.state = parse_state::too_large;
    return parsed;
  }
  std::string_view head = input.substr(0, head_end);
  if (!take_request_line(next_part(head, "\r\n"), parsed.request)) {
    parsed.state = parse_state::malformed;
    return parsed;
  }
  head_fields fields;
  while (!head.empty()) {
    std::string_view line = next_part(head, "\r\n");
    std::string_view name = next_part(line, ":");
    take_field(name, trimmed(line), parsed.request, fields);
  }
  if (!fields.valid) {
    parsed.state = parse_state::malformed;
    return parsed;
  }
  if (fields.content_length > body_bytes_max) {
    parsed.state = parse_state::too_large;
    return parsed;
  }
  parsed.bytes_needed = head_end + 4 + fields.content_length;
  if (input.size() < parsed.bytes_needed) {
    parsed.expects_continue = fields.expects_continue;
    return parsed;
  }
  parsed.request.body = input.substr(head_end + 4, fields.content_length);
  parsed.request.wire_bytes = parsed.bytes_needed;
  parsed.state = parse_state::complete;
  return parsed;
}

}  // namespace rollcall::bench
