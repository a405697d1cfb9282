#include "actors/discovery/nomad_sd/nomad_sd.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/discovery_text.hpp"
#include "actors/discovery/json_reader.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/percent_encode.hpp"
#include "lib/http/url.hpp"
#include "lib/labels/names.hpp"

#include <set>

namespace rollcall {

namespace {

constexpr uint64_t body_bytes_max = 64u << 20;
constexpr uint64_t list_tag = 0;  // services are counted from 1

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  auto nomad = std::static_pointer_cast<const nomad_sd_options>(options);
  polling_options polling;
  polling.mechanism = "nomad";
  polling.source = http::redact_password(nomad->server);
  polling.interval = nomad->refresh_interval;
  polling.begin_sequence = [nomad](double) { return std::make_unique<nomad_refresh>(*nomad); };
  polling.on_failure = [metrics = context.environment->metrics] { metrics->nomad.failures.Increment(); };
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

labels read_instance(const json_reader& instance, const std::string& tag_separator) {
  auto address = instance.text("Address"), port = std::to_string(instance.integer("Port"));
  auto tags = instance.texts("Tags");
  return labels::of({
      {std::string(address_label), join_host_port(address, port)},
      {"__meta_nomad_address", address},
      {"__meta_nomad_dc", instance.text("Datacenter")},
      {"__meta_nomad_namespace", instance.text("Namespace")},
      {"__meta_nomad_node_id", instance.text("NodeID")},
      {"__meta_nomad_service", instance.text("ServiceName")},
      {"__meta_nomad_service_address", address},
      {"__meta_nomad_service_id", instance.text("ID")},
      {"__meta_nomad_service_port", port},
      {"__meta_nomad_tags", tags.empty() ? "" : surround_with_separator(tags, tag_separator)},
  });
}

}  // namespace

fetch nomad_refresh::ask(const std::string& path) const {
  std::vector<std::pair<std::string, std::string>> query;
  if (!options_.region.empty()) query.emplace_back("region", options_.region);
  if (!options_.name_space.empty()) query.emplace_back("namespace", options_.name_space);
  if (options_.allow_stale) query.emplace_back("stale", "");
  std::string base = options_.server;
  while (base.ends_with('/')) base.pop_back();
  fetch question;
  question.request =
      discovery_request(base + path + http::encode_query(query), options_.client, "application/json").share();
  question.body_bytes_max = body_bytes_max;
  return question;
}

std::vector<fetch> nomad_refresh::begin() {
  auto list = ask("/v1/services");
  list.tag = list_tag;
  return {std::move(list)};
}

result<std::vector<fetch>> nomad_refresh::take(uint64_t tag, const http::response& answer) {
  if (tag == list_tag) return take_list(answer);
  if (auto taken = take_service(tag - 1, answer); !taken) return tl::unexpected(std::move(taken.error()));
  return {};
}

result<std::vector<fetch>> nomad_refresh::take_list(const http::response& answer) {
  if (auto valid = check_answer_status(answer); !valid) return tl::unexpected(std::move(valid.error()));
  std::set<std::string> names;
  auto read = read_json(answer.body, [&](const json_reader& list) {
    list.each([&](const json_reader& name_space) {
      auto services = name_space.field("Services");
      services.each([&](const json_reader& service) { names.insert(service.text("ServiceName")); });
    });
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  std::vector<fetch> questions;
  for (const auto& name : names) {
    questions.push_back(ask("/v1/service/" + http::encode_component(name)));
    questions.back().tag = questions.size();
  }
  instances_.resize(questions.size());
  return questions;
}

result<void> nomad_refresh::take_service(size_t service, const http::response& answer) {
  // It went away since it was listed.
  if (answer.status == 404) return {};
  if (auto valid = check_answer_status(answer); !valid) return valid;
  auto& found = instances_.at(service);
  return read_json(answer.body, [&](const json_reader& list) {
    list.each([&](const json_reader& each) { found.push_back(read_instance(each, options_.tag_separator)); });
  });
}

std::vector<target_group> nomad_refresh::groups() {
  target_group group;
  group.source = "Nomad";
  for (auto& service : instances_)
    for (auto& instance : service) group.targets.push_back(std::move(instance));
  return {std::move(group)};
}

discovery_mechanism nomad_sd() { return {nomad_sd_configuration(), spawn}; }

}  // namespace rollcall
