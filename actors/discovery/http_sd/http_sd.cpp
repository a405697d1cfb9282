#include "actors/discovery/http_sd/http_sd.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/file_sd/target_group_file.hpp"
#include "actors/discovery/http_sd/http_sd_options.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/url.hpp"

#include <fmt/format.h>

namespace rollcall {

namespace {

// More than any sane list of targets; a server that sends more is refused rather than believed.
constexpr uint64_t body_bytes_max = 256u << 20;

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  const auto& http = static_cast<const http_sd_options&>(*options);
  auto seconds = std::chrono::duration<double>(http.refresh_interval).count();
  auto headers = std::make_shared<http::header_list>();
  headers->push_back({"User-Agent", "rollcall/" ROLLCALL_VERSION});
  headers->push_back({"Accept", "application/json"});
  headers->push_back({"X-Prometheus-Refresh-Interval-Seconds", fmt::format("{}", seconds)});
  auto request = std::make_shared<http::request>();
  request->url = http.url;
  request->headers = std::move(headers);
  request->client = std::make_shared<http::client_config>(http.client);
  polling_options polling;
  polling.mechanism = "http";
  polling.source = http::redact_password(http.url);
  polling.interval = http.refresh_interval;
  polling.question.request = std::move(request);
  polling.question.timeout = http.refresh_interval;
  polling.question.body_bytes_max = body_bytes_max;
  polling.read = [url = http.url](const http::response& answer) { return read_http_sd(answer, url); };
  polling.on_failure = [metrics = context.environment->metrics] { metrics->discovery.http_failures.Increment(); };
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

}  // namespace

result<std::vector<target_group>> read_http_sd(const http::response& answer, const std::string& url) {
  if (answer.status != 200)
    return fail(errc::io, "server returned HTTP status " + std::to_string(answer.status) + ' ' + answer.reason);
  if (auto valid = check_json_type(answer); !valid) return tl::unexpected(std::move(valid.error()));
  return parse_target_groups(answer.body, target_group_format::json, {url, "__meta_url"});
}

discovery_mechanism http_sd() { return {http_sd_configuration(), spawn}; }

}  // namespace rollcall
