#include "actors/io/curl_error.hpp"

#include "lib/http/url.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

namespace rollcall {

namespace {

std::string go_errno_text(int number) {
  switch (number) {
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
      return "connection reset by peer";
    case EHOSTUNREACH:
      return "no route to host";
    case ENETUNREACH:
      return "network is unreachable";
    case ETIMEDOUT:
      return "connection timed out";
    case EPIPE:
      return "broken pipe";
    case ENOENT:
      return "no such file or directory";
    case EACCES:
      return "permission denied";
    case EMFILE:
      return "too many open files";
    default:
      return std::strerror(number);
  }
}

/// Where the connection was to go: the address that was tried, or host and port of the URL when none was.
std::string peer(CURL* handle) {
  const char* address = nullptr;
  const char* effective_url = nullptr;
  long port = 0;
  curl_easy_getinfo(handle, CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(handle, CURLINFO_PRIMARY_PORT, &port);
  curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &effective_url);
  std::string host;
  if (address != nullptr && *address != '\0') {
    host = address;
  } else if (auto url = http::parse_url(effective_url == nullptr ? "" : effective_url)) {
    host = url->host;
    port = url->port;
  }
  return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + std::to_string(port);
}

std::string host_of(CURL* handle) {
  const char* effective_url = nullptr;
  curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &effective_url);
  auto url = http::parse_url(effective_url == nullptr ? "" : effective_url);
  return url ? url->host : std::string();
}

}  // namespace

std::string describe_failure(CURL* handle, CURLcode code, const std::string& detail) {
  long number = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
  const auto text = detail.empty() ? std::string(curl_easy_strerror(code)) : detail;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "context deadline exceeded";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "dial tcp: lookup " + host_of(handle) + ": no such host";
    case CURLE_COULDNT_CONNECT:
      return "dial tcp " + peer(handle) +
             ": connect: " + (number != 0 ? go_errno_text(static_cast<int>(number)) : text);
    case CURLE_GOT_NOTHING:
      return "EOF";
    case CURLE_PARTIAL_FILE:
      return "unexpected EOF";
    case CURLE_RECV_ERROR:
      return number != 0 ? "read tcp " + peer(handle) + ": " + go_errno_text(static_cast<int>(number)) : text;
    case CURLE_SEND_ERROR:
      return number != 0 ? "write tcp " + peer(handle) + ": " + go_errno_text(static_cast<int>(number)) : text;
    case CURLE_PEER_FAILED_VERIFICATION:
      return "tls: failed to verify certificate: " + text;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return "tls: " + text;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return "malformed HTTP response: " + text;
    default:
      return text;
  }
}

}  // namespace rollcall
