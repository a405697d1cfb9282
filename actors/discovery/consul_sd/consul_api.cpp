#include "actors/discovery/consul_sd/consul_api.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/discovery_text.hpp"
#include "actors/discovery/json_reader.hpp"
#include "lib/http/percent_encode.hpp"
#include "lib/labels/names.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

namespace rollcall {

namespace {

constexpr std::string_view index_header = "x-consul-index";

using parameters = std::vector<std::pair<std::string, std::string>>;

parameters common_parameters(const consul_sd_options& options) {
  parameters query;
  if (!options.datacenter.empty()) query.emplace_back("dc", options.datacenter);
  if (!options.name_space.empty()) query.emplace_back("ns", options.name_space);
  if (!options.partition.empty()) query.emplace_back("partition", options.partition);
  return query;
}

void add_watch_parameters(const consul_sd_options& options, const consul_wait& wait, parameters& query) {
  if (options.allow_stale) query.emplace_back("stale", "");
  for (const auto& [name, value] : options.node_meta) query.emplace_back("node-meta", name + ':' + value);
  if (wait.index == 0) return;
  query.emplace_back("index", std::to_string(wait.index));
  query.emplace_back("wait", std::to_string(wait.time.count()) + "ms");
}

http::request_ptr make_request(const consul_sd_options& options, const std::string& path, const parameters& query) {
  auto place = consul_place_of(options);
  discovery_request made(place.base + path + http::encode_query(query), options.client, "application/json");
  if (!options.token.empty()) made.headers.push_back({"X-Consul-Token", options.token});
  made.request.unix_socket = place.unix_socket;
  made.request.wanted_headers = {std::string(index_header)};
  // What waits long shall not wait on one thread.
  made.request.affinity = static_cast<uint32_t>(std::hash<std::string>{}(path));
  return std::move(made).share();
}

/// Consul's own order of states, worst first; a check in maintenance outweighs them all.
std::string aggregated_status(const json_reader& checks) {
  bool maintenance = false, critical = false, warning = false;
  checks.each([&](const json_reader& check) {
    auto id = check.text("CheckID"), status = check.text("Status");
    maintenance = maintenance || id == "_node_maintenance" || id.starts_with("_service_maintenance:");
    critical = critical || status == "critical";
    warning = warning || status == "warning";
  });
  return maintenance ? "maintenance" : critical ? "critical" : warning ? "warning" : "passing";
}

labels read_instance(const json_reader& instance, const std::string& tag_separator) {
  auto node = instance.field("Node"), service = instance.field("Service");
  auto node_address = node.text("Address"), service_address = service.text("Address");
  auto port = std::to_string(service.integer("Port"));
  std::vector<std::pair<std::string, std::string>> pairs = {
      {std::string(address_label), join_host_port(service_address.empty() ? node_address : service_address, port)},
      {"__meta_consul_address", node_address},
      {"__meta_consul_node", node.text("Node")},
      {"__meta_consul_namespace", service.text("Namespace")},
      {"__meta_consul_partition", service.text("Partition")},
      {"__meta_consul_tags", surround_with_separator(service.texts("Tags"), tag_separator)},
      {"__meta_consul_service_address", service_address},
      {"__meta_consul_service_port", port},
      {"__meta_consul_service_id", service.text("ID")},
      {"__meta_consul_health", aggregated_status(instance.field("Checks"))},
  };
  auto add = [&](const std::string& prefix, const std::map<std::string, std::string>& values) {
    for (const auto& [name, value] : values) pairs.emplace_back(prefix + sanitize_label_name(name), value);
  };
  add("__meta_consul_metadata_", node.text_map("Meta"));
  add("__meta_consul_service_metadata_", service.text_map("Meta"));
  add("__meta_consul_tagged_address_", node.text_map("TaggedAddresses"));
  return labels::of(std::move(pairs));
}

}  // namespace

consul_place consul_place_of(const consul_sd_options& options) {
  consul_place place;
  std::string scheme = options.scheme, host = options.server;
  if (auto at = host.find("://"); at != std::string::npos) {
    auto given = host.substr(0, at);
    host.erase(0, at + 3);
    if (given == "unix") {
      place.unix_socket = std::exchange(host, "localhost");
    } else if (given != "http") {
      // TLS that was asked for is never taken back, and what is no scheme at all fails as one.
      scheme = given;
    }
  }
  std::string prefix = options.path_prefix;
  if (!prefix.empty() && prefix.front() != '/') prefix.insert(0, "/");
  place.base = scheme + "://" + host + prefix;
  while (place.base.ends_with('/')) place.base.pop_back();
  return place;
}

http::request_ptr consul_agent_request(const consul_sd_options& options) {
  return make_request(options, "/v1/agent/self", common_parameters(options));
}

http::request_ptr consul_catalog_request(const consul_sd_options& options, const consul_wait& wait) {
  auto query = common_parameters(options);
  add_watch_parameters(options, wait, query);
  if (!options.filter.empty()) query.emplace_back("filter", options.filter);
  return make_request(options, "/v1/catalog/services", query);
}

http::request_ptr consul_health_request(const consul_sd_options& options, std::string_view service,
                                        const consul_wait& wait) {
  auto query = common_parameters(options);
  add_watch_parameters(options, wait, query);
  for (const auto& tag : options.tags) query.emplace_back("tag", tag);
  if (!options.health_filter.empty()) query.emplace_back("filter", options.health_filter);
  return make_request(options, "/v1/health/service/" + http::encode_component(service), query);
}

result<std::optional<uint64_t>> consul_index_of(const http::response& answer) {
  for (const auto& header : answer.headers) {
    if (header.name != index_header) continue;
    uint64_t index = 0;
    const char* end = header.value.data() + header.value.size();
    auto [stop, trouble] = std::from_chars(header.value.data(), end, index);
    if (trouble != std::errc() || stop != end) return fail(errc::syntax, "X-Consul-Index is not a number");
    return index;
  }
  return std::nullopt;
}

uint64_t consul_next_index(uint64_t previous, std::optional<uint64_t> answered) {
  if (!answered) return 0;
  if (*answered < previous) return 0;
  return std::max<uint64_t>(*answered, 1);
}

result<std::string> read_consul_datacenter(const http::response& answer) {
  if (auto valid = check_answer_status(answer); !valid) return tl::unexpected(std::move(valid.error()));
  std::string datacenter;
  auto read = read_json(answer.body, [&](const json_reader& agent) {
    auto config = agent.field("Config");
    datacenter = config.text("Datacenter");
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  if (datacenter.empty()) return fail(errc::syntax, "the agent names no datacenter");
  return datacenter;
}

result<consul_catalog> read_consul_catalog(const http::response& answer) {
  if (auto valid = check_answer_status(answer); !valid) return tl::unexpected(std::move(valid.error()));
  consul_catalog catalog;
  auto read = read_json(answer.body, [&](const json_reader& document) {
    document.entries([&](const std::string& name, const json_reader& tags) { catalog[name] = tags.texts(); });
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  return catalog;
}

bool is_wanted(const consul_sd_options& options, const std::string& service, const std::vector<std::string>& tags) {
  auto holds = [](const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  return (options.services.empty() || holds(options.services, service)) &&
         std::all_of(options.tags.begin(), options.tags.end(), [&](const auto& tag) { return holds(tags, tag); });
}

result<target_group> read_consul_instances(const http::response& answer, const std::string& service,
                                           const std::string& datacenter, const std::string& tag_separator) {
  if (auto valid = check_answer_status(answer); !valid) return tl::unexpected(std::move(valid.error()));
  target_group group;
  group.source = service;
  group.common = labels::of({{"__meta_consul_service", service}, {"__meta_consul_dc", datacenter}});
  auto read = read_json(answer.body, [&](const json_reader& document) {
    document.each([&](const json_reader& each) { group.targets.push_back(read_instance(each, tag_separator)); });
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  return group;
}

}  // namespace rollcall
