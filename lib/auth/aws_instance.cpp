#include "lib/auth/aws_instance.hpp"

#include "lib/base/ascii.hpp"
#include "lib/http/percent_encode.hpp"

#include <algorithm>
#include <array>

namespace rollcall::auth {

namespace {

constexpr std::string_view ipv4_url = "http://169.254.169.254";
constexpr std::string_view ipv6_url = "http://[fd00:ec2::254]";
constexpr std::string_view session_path = "/latest/api/token";
constexpr std::string_view role_path = "/latest/meta-data/iam/security-credentials/";
// The longest that there is; credentials are asked for seldom, and each time with a session of their own.
constexpr std::string_view session_seconds = "21600";
// How a service that knows version 1 only, or that is told to, answers to the begin of a session.
constexpr std::array<int, 3> no_session_statuses = {403, 404, 405};

std::string url_of(std::string_view path, const environment& variables) {
  auto url = variables("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (url.empty())
    url = ascii_lower(variables("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")) == "ipv6" ? ipv6_url : ipv4_url;
  while (url.ends_with('/')) url.pop_back();
  return url.append(path);
}

bool is_true(const std::string& value) { return ascii_lower(value) == "true"; }

token_request get(std::string url, const std::string& session) {
  token_request made;
  made.method = "GET";
  made.url = std::move(url);
  if (!session.empty()) made.headers.push_back({"X-aws-ec2-metadata-token", session});
  return made;
}

// What the service says: visible characters, so that it can stand in a header and in a URL.
result<std::string> word_in(std::string_view body) {
  std::string_view word = body.substr(0, body.find_first_of("\r\n"));
  bool is_word = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!is_word) return fail(errc::syntax, "the instance metadata service's answer cannot be understood");
  return std::string(word);
}

tl::unexpected<error> refused(const http::response& response) {
  return fail(errc::io, "the instance metadata service answers with status " + std::to_string(response.status));
}

}  // namespace

bool may_ask_aws_instance(const environment& variables) { return !is_true(variables("AWS_EC2_METADATA_DISABLED")); }

token_request aws_session_request(const environment& variables) {
  token_request made;
  made.method = "PUT";
  made.url = url_of(session_path, variables);
  made.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", std::string(session_seconds)}};
  return made;
}

result<std::string> read_aws_session(const http::response& response, const environment& variables) {
  if (response.status == 200) return word_in(response.body);
  bool is_version_1 =
      std::find(no_session_statuses.begin(), no_session_statuses.end(), response.status) != no_session_statuses.end();
  if (is_version_1 && !is_true(variables("AWS_EC2_METADATA_V1_DISABLED"))) return std::string();
  return refused(response);
}

token_request aws_role_request(const std::string& session, const environment& variables) {
  return get(url_of(role_path, variables), session);
}

result<std::string> read_aws_role(const http::response& response) {
  if (response.status == 404) return fail(errc::not_found, "the instance has no role");
  if (response.status != 200) return refused(response);
  return word_in(response.body);
}

token_request aws_instance_request(const std::string& role, const std::string& session, const environment& variables) {
  return get(url_of(role_path, variables) + http::encode_component(role), session);
}

}  // namespace rollcall::auth
