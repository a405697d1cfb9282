#include "actors/discovery/marathon_sd/marathon_sd.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/marathon_sd/marathon_app.hpp"
#include "actors/discovery/marathon_sd/marathon_sd_options.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/url.hpp"

#include <algorithm>

namespace rollcall {

namespace {

constexpr uint64_t body_bytes_max = 256u << 20;

/// A refresh that asks one server, whichever chance chose.
class marathon_refresh : public poll_sequence {
 public:
  explicit marathon_refresh(http::request_ptr request) { question_.request = std::move(request); }

  std::vector<fetch> begin() override {
    question_.body_bytes_max = body_bytes_max;
    return {question_};
  }
  result<std::vector<fetch>> take(uint64_t, const http::response& answer) override {
    auto groups = read_marathon_apps(answer);
    if (!groups) return fail(http::redact_password(question_.request->url), std::move(groups.error()));
    groups_ = std::move(*groups);
    return {};
  }
  std::vector<target_group> groups() override { return std::move(groups_); }

 private:
  fetch question_;
  std::vector<target_group> groups_;
};

std::vector<http::request_ptr> make_requests(const marathon_sd_options& options) {
  auto client = options.client;
  // "token=" is what DC/OS wants: https://docs.d2iq.com/mesosphere/dcos/2.2/security/oss/managing-authentication/.
  if (!options.auth_token.empty()) client.authorization = http::authorization{"token=", options.auth_token};
  std::vector<http::request_ptr> requests;
  for (const auto& server : options.servers)
    requests.push_back(discovery_request(server + "/v2/apps/?embed=apps.tasks", client, "application/json").share());
  return requests;
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  const auto& marathon = static_cast<const marathon_sd_options&>(*options);
  polling_options polling;
  polling.mechanism = "marathon";
  polling.source = "marathon";
  polling.interval = marathon.refresh_interval;
  polling.begin_sequence = [requests = make_requests(marathon)](double random_unit) {
    auto chosen = static_cast<size_t>(random_unit * static_cast<double>(requests.size()));
    return std::make_unique<marathon_refresh>(requests[std::min(chosen, requests.size() - 1)]);
  };
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

}  // namespace

result<std::vector<target_group>> read_marathon_apps(const http::response& answer) {
  if (auto valid = check_answer_status(answer, accepted_status::any_2xx); !valid)
    return tl::unexpected(std::move(valid.error()));
  std::vector<target_group> groups;
  auto read = read_json(answer.body, [&](const json_reader& document) {
    auto apps = document.field("apps");
    apps.each([&](const json_reader& app) { groups.push_back(read_marathon_app(app)); });
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  return groups;
}

discovery_mechanism marathon_sd() { return {marathon_sd_configuration(), spawn}; }

}  // namespace rollcall
