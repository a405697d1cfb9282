#include "lib/web/global_url.hpp"

namespace rollcall::web {

namespace {

struct host_port {
  std::string_view host;  // without brackets
  std::string_view port;  // empty when there is none
};

host_port split_host_port(std::string_view text) {
  if (text.starts_with('[')) {
    size_t end = text.find(']');
    if (end == std::string_view::npos) return {text, {}};
    std::string_view rest = text.substr(end + 1);
    return {text.substr(1, end - 1), rest.starts_with(':') ? rest.substr(1) : std::string_view()};
  }
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_local(std::string_view host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

}  // namespace

external_address parse_external_url(std::string_view url) {
  external_address external;
  if (size_t mark = url.find("://"); mark != std::string_view::npos) {
    external.scheme = url.substr(0, mark);
    url.remove_prefix(mark + 3);
  }
  url = url.substr(0, url.find_first_of("?#"));
  size_t path = url.find('/');
  external.host = url.substr(0, path);
  if (path != std::string_view::npos) external.path = url.substr(path);
  while (external.path.ends_with('/')) external.path.pop_back();
  return external;
}

std::string global_url(std::string_view url, const external_address& external) {
  size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || external.host.empty()) return std::string(url);
  size_t host_from = scheme_end + 3;
  size_t host_end = std::min(url.find_first_of("/?#", host_from), url.size());
  auto [host, port] = split_host_port(url.substr(host_from, host_end - host_from));
  if (!is_local(host) || port.empty()) return std::string(url);
  std::string_view rest = url.substr(host_end);
  if (port == external.listen_port) return external.scheme + "://" + external.host + std::string(rest);
  std::string outside(split_host_port(external.host).host);
  if (outside.find(':') != std::string::npos) outside = '[' + outside + ']';
  return std::string(url.substr(0, host_from)) + outside + ':' + std::string(port) + std::string(rest);
}

}  // namespace rollcall::web
