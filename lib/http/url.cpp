#include "lib/http/url.hpp"

#include "lib/base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace rollcall::http {

namespace {

uint16_t own_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

/// Where the part between "://" and path, query or fragment begins and ends.
std::string_view authority_of(std::string_view text) {
  auto at = text.find("://");
  if (at == std::string_view::npos) return {};
  auto rest = text.substr(at + 3);
  return rest.substr(0, std::min(rest.find_first_of("/?#"), rest.size()));
}

result<void> parse_host_and_port(std::string_view authority, url& out) {
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    if (end == std::string_view::npos) return fail(errc::syntax, "missing ']' in host of URL");
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return fail(errc::syntax, "unexpected text after ']' in host of URL");
  } else if (auto colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty()) return fail(errc::syntax, "no host in URL");
  out.host = ascii_lower(host);
  out.port = own_port(out.scheme);
  if (port.size() <= 1) return {};
  port.remove_prefix(1);
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size()) return fail(errc::syntax, "invalid port in URL");
  return {};
}

}  // namespace

std::string url::host_header() const {
  auto text = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == own_port(scheme) ? text : text + ':' + std::to_string(port);
}

std::string url::text() const {
  return scheme + "://" + (user_info.empty() ? "" : user_info + '@') + host_header() + target;
}

result<url> parse_url(std::string_view text) {
  for (unsigned char c : text)
    if (c <= 0x20 || c == 0x7F) return fail(errc::syntax, "invalid character in URL");
  url out;
  auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return fail(errc::syntax, "URL without scheme");
  out.scheme = ascii_lower(text.substr(0, scheme_end));
  if (out.scheme != "http" && out.scheme != "https") return fail(errc::syntax, "URL scheme must be http or https");
  auto authority = authority_of(text);
  auto rest = text.substr(scheme_end + 3 + authority.size());
  if (auto at = authority.rfind('@'); at != std::string_view::npos) {
    out.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (auto parsed = parse_host_and_port(authority, out); !parsed) return tl::unexpected<error>(parsed.error());
  rest = rest.substr(0, rest.find('#'));
  out.target = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
  return out;
}

std::string redact_password(std::string_view text) {
  auto authority = authority_of(text);
  auto user_end = authority.rfind('@');
  auto colon = authority.find(':');
  if (user_end == std::string_view::npos || colon > user_end) return std::string(text);
  auto password = static_cast<std::size_t>(authority.data() - text.data()) + colon + 1;
  return std::string(text).replace(password, user_end - colon - 1, "xxxxx");
}

std::string request_context(std::string_view method, std::string_view url) {
  const std::string name =
      std::string(method.substr(0, 1)) + ascii_lower(method.substr(std::min<size_t>(1, method.size())));
  return name + " \"" + redact_password(url) + '"';
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace rollcall::http
