#include "config/url.hpp"

#include "lib/base/ascii.hpp"

#include <algorithm>
#include <optional>

namespace rollcall {
namespace {

constexpr std::string_view scheme_end = "://";

/// The part between :// and the path: user:password@host:port.
std::optional<std::string_view> authority_of(std::string_view url) {
  auto at = url.find(scheme_end);
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = url.substr(at + scheme_end.size());
  return rest.substr(0, std::min(rest.find_first_of("/?#"), rest.size()));
}

bool is_port(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

}  // namespace

result<void> check_http_url(std::string_view url) {
  if (url.empty()) return fail(errc::invalid_argument, "URL is missing");
  for (unsigned char c : url)
    if (c <= 0x20 || c == 0x7F) return fail(errc::syntax, "invalid character in URL");
  const std::string scheme = ascii_lower(url.substr(0, std::min(url.find(':'), url.size())));
  auto authority = authority_of(url);
  if ((scheme != "http" && scheme != "https") || url.size() == scheme.size())
    return fail(errc::invalid_argument, "URL scheme must be 'http' or 'https'");
  auto host = authority.value_or(std::string_view{});
  if (auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  std::string_view port;
  if (host.starts_with('[')) {
    auto end = host.find(']');
    if (end == std::string_view::npos) return fail(errc::syntax, "missing ']' in host");
    port = host.substr(end + 1);
    host = host.substr(0, end + 1);
  } else if (auto colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty()) return fail(errc::invalid_argument, "host is missing in URL");
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1))))
    return fail(errc::syntax, "invalid port \"" + std::string(port) + "\" after host");
  return {};
}

std::string redacted_url(std::string_view url) {
  auto authority = authority_of(url);
  if (!authority) return std::string(url);
  auto user_end = authority->rfind('@');
  auto colon = authority->find(':');
  if (user_end == std::string_view::npos || colon > user_end) return std::string(url);
  auto password = static_cast<size_t>(authority->data() - url.data()) + colon + 1;
  std::string out(url);
  return out.replace(password, user_end - colon - 1, "xxxxx");
}

}  // namespace rollcall
