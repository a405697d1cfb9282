#pragma once

#include <string>
#include <string_view>

namespace rollcall::web {

/// Where others reach this process.
struct external_address {
  std::string scheme = "http";
  std::string host;         ///< With port where one was given: "monitor.example.com:9090".
  std::string listen_port;  ///< The port this process listens on.
  std::string path;         ///< Path below which it is reached, without a slash at the end: "" or "/rollcall".
};

/// Reads --web.external-url; text without a scheme is a host. No check beyond that: wrong text gives wrong links.
external_address parse_external_url(std::string_view url);

/// A target's URL as others would have to write it: for localhost, 127.0.0.1 and [::1] the host becomes the external
/// one, and scheme and port too when the target is this very process (Prometheus web/api/v1 getGlobalURL).
std::string global_url(std::string_view url, const external_address& external);

}  // namespace rollcall::web
