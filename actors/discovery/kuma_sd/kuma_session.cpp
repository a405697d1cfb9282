#include "actors/discovery/kuma_sd/kuma_session.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/json_reader.hpp"
#include "lib/http/percent_encode.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <algorithm>
#include <utility>

namespace rollcall {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view assignment_type = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";
constexpr uint64_t only_tag = 1;

/// The field under its name in protobuf or, where that is absent, under the one that JSON prefers.
std::string either(const json_reader& object, std::string_view name, std::string_view json_name) {
  auto text = object.text(name);
  return text.empty() ? object.text(json_name) : text;
}

void add_user_labels(const json_reader& object, label_builder& out) {
  for (const auto& [name, value] : object.text_map("labels"))
    out.set("__meta_kuma_label_" + sanitize_label_name(name), value);
}

/// Labels of the assignment win over those of one target.
void read_assignment(const json_reader& assignment, target_group& group) {
  auto mesh = assignment.text("mesh"), service = assignment.text("service");
  auto targets = assignment.field("targets");
  targets.each([&](const json_reader& target) {
    label_builder built;
    add_user_labels(target, built);
    add_user_labels(assignment, built);
    auto name = target.text("name");
    built.set("__meta_kuma_mesh", mesh);
    built.set("__meta_kuma_service", service);
    built.set("__meta_kuma_dataplane", name);
    built.set(address_label, target.text("address"));
    built.set(instance_label, name);
    built.set(scheme_label, target.text("scheme"));
    built.set(metrics_path_label, either(target, "metrics_path", "metricsPath"));
    group.targets.push_back(built.build());
  });
}

http::request_ptr make_request(const kuma_sd_options& options) {
  std::string base = options.server;
  while (base.ends_with('/')) base.pop_back();
  discovery_request made(base + "/v3/discovery:monitoringassignments" +
                             http::encode_query({{"fetch-timeout", format_duration(options.fetch_timeout)}}),
                         options.client, "application/json");
  made.request.method = "POST";
  made.headers.push_back({"Content-Type", "application/json"});
  return std::move(made).share();
}

}  // namespace

result<kuma_assignments> read_kuma_assignments(std::string_view body) {
  kuma_assignments found;
  found.group.source = "kuma";
  std::string other_type;
  auto read = read_json(body, [&](const json_reader& response) {
    found.version = either(response, "version_info", "versionInfo");
    found.nonce = response.text("nonce");
    auto check_type = [&](const std::string& type) {
      if (type != assignment_type && other_type.empty()) other_type = "the type " + rollcall::quoted(type);
    };
    check_type(either(response, "type_url", "typeUrl"));
    auto resources = response.field("resources");
    resources.each([&](const json_reader& assignment) {
      check_type(assignment.text("@type"));
      read_assignment(assignment, found.group);
    });
  });
  if (!read) return tl::unexpected(std::move(read.error()));
  if (!other_type.empty()) return fail(errc::syntax, other_type + " is not that of monitoring assignments");
  return found;
}

kuma_session::kuma_session(kuma_session_options options)
    : options_(std::move(options)), request_(make_request(options_.configuration)), retry_(options_.retry) {}

watch_actions kuma_session::begin(const watch_moment& moment) { return ask(moment); }

watch_actions kuma_session::due(uint64_t, const watch_moment& moment) { return ask(moment); }

watch_actions kuma_session::ask(const watch_moment& moment) {
  nlohmann::json body = {{"version_info", version_},
                         {"node", {{"id", options_.client_id}}},
                         {"resource_names", nlohmann::json::array()},
                         {"type_url", assignment_type},
                         {"response_nonce", nonce_}};
  fetch question;
  question.tag = only_tag;
  question.request = request_;
  question.body = std::make_shared<std::string>(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  question.timeout = options_.configuration.fetch_timeout + options_.answer_time_max;
  question.body_bytes_max = options_.body_bytes_max;
  asked_ = moment.now;
  watch_actions actions;
  actions.questions.push_back(std::move(question));
  return actions;
}

watch_actions kuma_session::answered(uint64_t tag, const http::response& response, const watch_moment& moment) {
  if (options_.metrics)
    options_.metrics->kuma.fetch_duration.Observe(std::chrono::duration<double>(response.elapsed).count());
  if (response.status == 304) {
    if (options_.metrics) options_.metrics->kuma.skipped_updates.Increment();
    return go_on(moment);
  }
  if (auto valid = check_answer_status(response); !valid) return failed(tag, valid.error().message, moment);
  auto assignments = read_kuma_assignments(response.body);
  if (!assignments) return failed(tag, assignments.error().message, moment);
  version_ = std::move(assignments->version);
  nonce_ = std::move(assignments->nonce);
  auto actions = go_on(moment);
  actions.found = update{{std::make_shared<target_group>(std::move(assignments->group))}, true, 0};
  return actions;
}

watch_actions kuma_session::failed(uint64_t, const std::string& error, const watch_moment& moment) {
  if (options_.metrics) options_.metrics->kuma.fetch_failures.Increment();
  trouble_ = error;
  watch_actions actions;
  actions.failures.push_back(error);
  actions.alarms.push_back({only_tag, retry_.next(moment.random_unit)});
  return actions;
}

watch_actions kuma_session::go_on(const watch_moment& moment) {
  trouble_.clear();
  retry_.reset();
  auto spacing = options_.configuration.refresh_interval;
  auto delay = std::clamp(spacing - milliseconds(moment.now - asked_), milliseconds(0), spacing);
  watch_actions actions;
  actions.refreshed = true;
  actions.alarms.push_back({only_tag, delay});
  return actions;
}

}  // namespace rollcall
