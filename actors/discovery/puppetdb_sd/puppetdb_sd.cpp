#include "actors/discovery/puppetdb_sd/puppetdb_sd.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/discovery_text.hpp"
#include "actors/discovery/json_reader.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "actors/discovery/puppetdb_sd/puppetdb_parameters.hpp"
#include "lib/http/url.hpp"
#include "lib/labels/names.hpp"

namespace rollcall {

namespace {

constexpr uint64_t body_bytes_max = 256u << 20;

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  auto puppetdb = std::static_pointer_cast<const puppetdb_sd_options>(options);
  discovery_request made(puppetdb_query_url(puppetdb->url), puppetdb->client, "application/json");
  made.request.method = "POST";
  made.headers.push_back({"Content-Type", "application/json"});
  polling_options polling;
  polling.mechanism = "puppetdb";
  polling.source = http::redact_password(puppetdb->url);
  polling.interval = puppetdb->refresh_interval;
  polling.question.request = std::move(made).share();
  nlohmann::json body = {{"query", puppetdb->query}};
  polling.question.body =
      std::make_shared<std::string>(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  polling.question.body_bytes_max = body_bytes_max;
  polling.read = [puppetdb](const http::response& answer) { return read_puppetdb_resources(answer, *puppetdb); };
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

labels read_resource(const json_reader& resource, const puppetdb_sd_options& options) {
  auto certname = resource.text("certname");
  auto tags = resource.texts("tags");
  std::vector<std::pair<std::string, std::string>> pairs = {
      {std::string(address_label), join_host_port(certname, std::to_string(options.port))},
      {"__meta_puppetdb_query", options.query},
      {"__meta_puppetdb_certname", certname},
      {"__meta_puppetdb_resource", resource.text("resource")},
      {"__meta_puppetdb_type", resource.text("type")},
      {"__meta_puppetdb_title", resource.text("title")},
      {"__meta_puppetdb_exported", resource.boolean("exported") ? "true" : "false"},
      {"__meta_puppetdb_tags", tags.empty() ? "" : surround_with_separator(tags, ",")},
      {"__meta_puppetdb_file", resource.text("file")},
      {"__meta_puppetdb_environment", resource.text("environment")},
  };
  if (options.include_parameters)
    for (const auto& [name, value] : puppetdb_parameter_labels(resource.field("parameters").value()))
      pairs.emplace_back("__meta_puppetdb_parameter_" + name, value);
  return labels::of(std::move(pairs));
}

}  // namespace

std::string puppetdb_query_url(const std::string& root) {
  auto path_end = root.find_first_of("?#");
  auto path = root.substr(0, path_end);
  while (path.ends_with('/')) path.pop_back();
  return path + "/pdb/query/v4" + (path_end == std::string::npos ? "" : root.substr(path_end));
}

result<std::vector<target_group>> read_puppetdb_resources(const http::response& answer,
                                                          const puppetdb_sd_options& options) {
  if (auto valid = check_answer_status(answer); !valid) return tl::unexpected(std::move(valid.error()));
  if (auto valid = check_json_type(answer); !valid) return tl::unexpected(std::move(valid.error()));
  target_group group;
  group.source = puppetdb_query_url(options.url) + "?query=" + options.query;
  auto read = read_json(answer.body, [&](const json_reader& resources) {
    resources.each([&](const json_reader& each) { group.targets.push_back(read_resource(each, options)); });
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  return std::vector{std::move(group)};
}

discovery_mechanism puppetdb_sd() { return {puppetdb_sd_configuration(), spawn}; }

}  // namespace rollcall
