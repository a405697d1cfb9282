#include "lib/http/content_type.hpp"

#include "lib/base/ascii.hpp"

#include <algorithm>

namespace rollcall::http {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// A character of a token, RFC 2045 section 5.1.
bool is_token(char c) {
  return c > 0x20 && c < 0x7F && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

std::string_view trim_left(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view trim(std::string_view text) {
  text = trim_left(text);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_token(std::string_view& rest) {
  auto end = std::find_if_not(rest.begin(), rest.end(), is_token);
  auto token = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(token.size());
  return token;
}

bool is_type(std::string_view text) {
  if (take_token(text).empty()) return false;
  if (text.empty()) return true;
  if (text.front() != '/') return false;
  text.remove_prefix(1);
  return !take_token(text).empty() && text.empty();
}

/// A token, or a quoted string with its escapes resolved; nothing when it is neither.
std::optional<std::string> take_value(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    auto token = take_token(rest);
    return token.empty() ? std::nullopt : std::optional<std::string>(token);
  }
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    if (rest[i] == '\r' || rest[i] == '\n') return std::nullopt;
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    value += rest[i];
  }
  return std::nullopt;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

}  // namespace

result<media_type> parse_media_type(std::string_view text) {
  media_type parsed;
  auto semicolon = std::min(text.find(';'), text.size());
  auto type = trim(text.substr(0, semicolon));
  if (!is_type(type)) return fail(errc::syntax, "malformed media type " + quoted(text));
  parsed.type = ascii_lower(type);
  auto rest = text.substr(semicolon);
  while (!(rest = trim_left(rest)).empty()) {
    if (trim(rest) == ";") break;
    auto malformed = [&] { return fail(errc::syntax, "malformed parameter of media type " + quoted(text)); };
    if (rest.front() != ';') return malformed();
    rest = trim_left(rest.substr(1));
    auto name = ascii_lower(take_token(rest));
    rest = trim_left(rest);
    if (name.empty() || !rest.starts_with('=')) return malformed();
    rest = trim_left(rest.substr(1));
    auto value = take_value(rest);
    if (!value) return malformed();
    if (auto [at, added] = parsed.parameters.emplace(name, *value); !added && at->second != *value)
      return fail(errc::syntax, "duplicate parameter " + quoted(name) + " of media type");
  }
  return parsed;
}

std::optional<exposition_format> exposition_format_of(std::string_view type) {
  if (type == "text/plain") return exposition_format::text;
  if (type == "application/openmetrics-text") return exposition_format::openmetrics;
  if (type == "application/vnd.google.protobuf") return exposition_format::protobuf;
  return std::nullopt;
}

result<exposition_format> choose_exposition_format(std::string_view content_type,
                                                   std::optional<exposition_format> fallback) {
  std::string trouble;
  if (content_type.empty()) {
    trouble =
        "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target";
  } else if (auto parsed = parse_media_type(content_type); !parsed) {
    trouble = "cannot parse Content-Type " + quoted(content_type) + " and no fallback_scrape_protocol for target";
  } else if (auto format = exposition_format_of(parsed->type)) {
    return *format;
  } else {
    trouble = "received unsupported Content-Type " + quoted(content_type) +
              " and no fallback_scrape_protocol specified for target";
  }
  if (fallback) return *fallback;
  return fail(errc::unsupported, std::move(trouble));
}

}  // namespace rollcall::http
