#pragma once

#include "actors/io/curl_headers.hpp"
#include "lib/http/client_config.hpp"
#include "lib/http/url.hpp"

#include <curl/curl.h>

#include <string>

namespace rollcall {

/// The proxies that the process's environment names, for settings with proxy_from_environment.
struct environment_proxies {
  std::string http;      ///< http_proxy or HTTP_PROXY.
  std::string https;     ///< https_proxy or HTTPS_PROXY.
  std::string no_proxy;  ///< no_proxy or NO_PROXY.

  static environment_proxies read();
};

/// Whether a request to this URL goes through a proxy; sets the handle up accordingly. `connect_headers` must live as
/// long as the transfer.
void apply_proxy(CURL* handle, const http::proxy_config& proxy, const environment_proxies& environment,
                 const http::url& url, header_lines& connect_headers);

}  // namespace rollcall
