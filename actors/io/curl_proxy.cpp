#include "actors/io/curl_proxy.hpp"

#include <algorithm>
#include <cstdlib>

namespace rollcall {

namespace {

std::string first_of(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

}  // namespace

environment_proxies environment_proxies::read() {
  return {first_of({"HTTP_PROXY", "http_proxy"}), first_of({"HTTPS_PROXY", "https_proxy"}),
          first_of({"NO_PROXY", "no_proxy"})};
}

void apply_proxy(CURL* handle, const http::proxy_config& proxy, const environment_proxies& environment,
                 const http::url& url, header_lines& connect_headers) {
  const bool https = url.scheme == "https";
  const auto& address = proxy.from_environment ? (https ? environment.https : environment.http) : proxy.url;
  const auto& exceptions = proxy.from_environment ? environment.no_proxy : proxy.no_proxy;
  // With rules for exceptions in force, Go never asks a proxy for this very machine.
  const bool exempt = (proxy.from_environment || !exceptions.empty()) && http::is_loopback(url.host);
  if (address.empty() || exempt) return;
  curl_easy_setopt(handle, CURLOPT_PROXY, address.c_str());
  curl_easy_setopt(handle, CURLOPT_NOPROXY, exceptions.c_str());
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!https || proxy.connect_headers.empty()) return;
  for (const auto& [name, values] : proxy.connect_headers)
    for (const auto& value : values) connect_headers.add(name, value);
  curl_easy_setopt(handle, CURLOPT_PROXYHEADER, connect_headers.link(nullptr));
}

}  // namespace rollcall
