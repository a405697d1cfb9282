#include "actors/discovery/docker_sd/docker_host.hpp"

#include "lib/http/percent_encode.hpp"
#include "lib/http/url.hpp"
#include "lib/labels/quote.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace rollcall {

namespace {

// Filters of one name add up. Bytes that are no UTF-8 are replaced rather than refused.
std::string filters_json(const std::vector<docker_filter>& filters) {
  std::map<std::string, std::set<std::string>> values;
  for (const auto& filter : filters) values[filter.name].insert(filter.values.begin(), filter.values.end());
  return nlohmann::json(values).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

result<docker_host> parse_docker_host(std::string_view text) {
  auto refuse = [&] {
    return fail(errc::syntax, "unable to parse docker host " + rollcall::quoted(http::redact_password(text)));
  };
  auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return refuse();
  auto scheme = text.substr(0, scheme_end);
  auto rest = text.substr(scheme_end + 3);
  if (rest.empty()) return refuse();
  if (scheme == "npipe") return fail(errc::unsupported, "a named pipe as docker host");
  if (scheme == "unix") {
    if (rest.front() != '/' || rest.find('\0') != std::string_view::npos) return refuse();
    return docker_host{"http://docker", std::string(rest), false};
  }
  if (scheme != "tcp" && scheme != "http" && scheme != "https") return refuse();
  auto url = std::string(scheme == "https" ? "https" : "http") + "://" + std::string(rest);
  while (url.ends_with('/')) url.pop_back();
  auto parsed = http::parse_url(url);
  if (!parsed || url.find_first_of("?#") != std::string::npos) return refuse();
  return docker_host{std::move(url), {}, scheme != "tcp"};
}

http::request_ptr make_docker_request(const docker_host& host, const http::client_config& client, std::string_view path,
                                      const std::vector<docker_filter>& filters) {
  auto headers = std::make_shared<http::header_list>();
  headers->push_back({"User-Agent", "rollcall/" ROLLCALL_VERSION});
  auto request = std::make_shared<http::request>();
  request->url = host.base_url + std::string(path);
  if (!filters.empty()) request->url += http::encode_query({{"filters", filters_json(filters)}});
  request->headers = std::move(headers);
  request->unix_socket = host.unix_socket;
  if (host.uses_client_settings) request->client = std::make_shared<http::client_config>(client);
  return request;
}

}  // namespace rollcall
