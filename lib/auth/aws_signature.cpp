#include "lib/auth/aws.hpp"
#include "lib/auth/digest.hpp"
#include "lib/http/percent_encode.hpp"
#include "lib/http/url.hpp"

#include <fmt/chrono.h>

#include <algorithm>

namespace rollcall::auth {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// The parameters of a query, sorted, each with a value; they are percent-encoded already.
std::string canonical_query(std::string_view query) {
  std::vector<std::string> parameters;
  while (!query.empty()) {
    std::string one(query.substr(0, query.find('&')));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.empty()) continue;
    if (one.find('=') == std::string::npos) one += '=';
    parameters.push_back(std::move(one));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string out;
  for (const auto& one : parameters) out += (out.empty() ? "" : "&") + one;
  return out;
}

std::string signing_key(std::string_view secret, std::string_view day, const aws_request& request) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), day);
  key = hmac_sha256(key, request.region);
  key = hmac_sha256(key, request.service);
  return hmac_sha256(key, "aws4_request");
}

}  // namespace

result<http::header_list> aws_signature(const aws_request& request, const aws_credentials& credentials,
                                        time_point now) {
  auto url = http::parse_url(request.url);
  if (!url) return tl::unexpected(std::move(url.error()));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const std::string time = fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
  const std::string day = time.substr(0, time.find('T'));

  std::string headers = "host:" + url->host_header() + "\nx-amz-date:" + time + '\n';
  std::string names = "host;x-amz-date";
  if (!credentials.session_token.empty()) {
    headers += "x-amz-security-token:" + credentials.session_token + '\n';
    names += ";x-amz-security-token";
  }
  const std::string_view target = url->target;
  const auto path = target.substr(0, target.find('?'));
  const auto query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
  const std::string canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, http::percent_encode(path),
                                            canonical_query(query), headers, names, hex(sha256(request.body)));
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", day, request.region, request.service);
  const std::string text = fmt::format("{}\n{}\n{}\n{}", algorithm, time, scope, hex(sha256(canonical)));
  const std::string signature = hex(hmac_sha256(signing_key(credentials.secret_key, day, request), text));

  http::header_list made = {{"Authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                                                          algorithm, credentials.access_key, scope, names, signature)},
                            {"X-Amz-Date", time}};
  if (!credentials.session_token.empty()) made.push_back({"X-Amz-Security-Token", credentials.session_token});
  return made;
}

}  // namespace rollcall::auth
