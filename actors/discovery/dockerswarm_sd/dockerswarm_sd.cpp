#include "actors/discovery/dockerswarm_sd/dockerswarm_sd.hpp"

#include "actors/discovery/dockerswarm_sd/swarm_targets.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/url.hpp"

#include <stdexcept>

namespace rollcall {

namespace {

using docker::json;

// More than any sane swarm; a daemon that sends more is refused rather than believed.
constexpr uint64_t body_bytes_max = 256u << 20;

/// One question of a role: its path, where the answer goes, and whether the filters are meant for it.
struct swarm_question {
  std::string_view path;
  json swarm_state::* answer;
  enum class filtered : unsigned char { no, yes } filters;
};

/// How targets are made of the answers.
using target_maker = std::vector<labels> (*)(const swarm_state&, uint16_t port);

struct swarm_view {
  std::vector<swarm_question> questions;
  target_maker make;
};

swarm_view view_of(swarm_role role) {
  using filtered = swarm_question::filtered;
  const swarm_question networks{"/networks", &swarm_state::networks, filtered::no};
  switch (role) {
    case swarm_role::services:
      return {{{"/services", &swarm_state::services, filtered::yes}, networks}, service_targets};
    case swarm_role::tasks:
      return {{{"/tasks", &swarm_state::tasks, filtered::yes},
               {"/services", &swarm_state::services, filtered::no},
               {"/nodes", &swarm_state::nodes, filtered::no},
               networks},
              task_targets};
    case swarm_role::nodes:
      break;
  }
  return {{{"/nodes", &swarm_state::nodes, filtered::yes}}, node_targets};
}

result<std::vector<target_group>> read(const swarm_view& view, uint16_t port, std::span<const http::response> answers) {
  swarm_state state;
  for (size_t i = 0; i < view.questions.size(); ++i) {
    auto list = docker::parse_answer(answers[i]);
    if (!list) return fail("error while listing swarm " + std::string(view.questions[i].path.substr(1)), list.error());
    state.*view.questions[i].answer = std::move(*list);
  }
  target_group group;
  group.source = "DockerSwarm";
  try {
    auto targets = view.make(state, port);
    group.targets.assign(targets.begin(), targets.end());
  } catch (const json::exception& wrong) {
    return fail(errc::syntax, std::string("unexpected JSON: ") + wrong.what());
  } catch (const std::invalid_argument& wrong) {
    return fail(errc::syntax, wrong.what());
  }
  return std::vector{std::move(group)};
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  const auto& swarm = static_cast<const dockerswarm_sd_options&>(*options);
  polling_options polling;
  polling.mechanism = "dockerswarm";
  polling.source = http::redact_password(swarm.common.host);
  polling.interval = swarm.common.refresh_interval;
  polling.begin_sequence = refresh_by(plan_swarm_refresh(swarm));
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

}  // namespace

request_plan plan_swarm_refresh(const dockerswarm_sd_options& options) {
  const auto& common = options.common;
  auto view = view_of(options.role);
  request_plan plan;
  plan.body_bytes_max = body_bytes_max;
  for (const auto& question : view.questions) {
    auto filters = question.filters == swarm_question::filtered::yes ? common.filters : std::vector<docker_filter>();
    plan.requests.push_back(make_docker_request(common.address, common.client, question.path, filters));
  }
  plan.read = [view, port = common.port](std::span<const http::response> answers) { return read(view, port, answers); };
  return plan;
}

discovery_mechanism dockerswarm_sd() { return {dockerswarm_sd_configuration(), spawn}; }

}  // namespace rollcall
