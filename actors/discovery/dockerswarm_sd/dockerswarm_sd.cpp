#include "actors/discovery/dockerswarm_sd/dockerswarm_sd.hpp"

#include "actors/discovery/dockerswarm_sd/swarm_targets.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/http/url.hpp"

#include <functional>

namespace rollcall {

namespace {

// More than any sane swarm; a daemon that sends more is refused rather than believed.
constexpr uint64_t body_bytes_max = 256u << 20;

/// One question of a role: its path, who reads the answer, and whether the filters are meant for it.
struct swarm_question {
  std::string_view path;
  void (swarm_reader::*read)(const json_reader&);
  enum class filtered : unsigned char { no, yes } filters;
};

/// What a role asks; the answers are read from the last to the first.
std::vector<swarm_question> questions_of(swarm_role role) {
  using filtered = swarm_question::filtered;
  const swarm_question networks{"/networks", &swarm_reader::read_networks, filtered::no};
  switch (role) {
    case swarm_role::services:
      return {{"/services", &swarm_reader::make_service_targets, filtered::yes}, networks};
    case swarm_role::tasks:
      return {{"/tasks", &swarm_reader::make_task_targets, filtered::yes},
              {"/services", &swarm_reader::read_services, filtered::no},
              {"/nodes", &swarm_reader::read_nodes, filtered::no},
              networks};
    case swarm_role::nodes:
      break;
  }
  return {{"/nodes", &swarm_reader::make_node_targets, filtered::yes}};
}

result<std::vector<target_group>> read(const std::vector<swarm_question>& questions, uint16_t port,
                                       std::span<const http::response> answers) {
  swarm_reader reader(port);
  for (size_t i = questions.size(); i-- > 0;) {
    const auto& question = questions[i];
    auto done =
        docker::read_answer(answers[i], [&](const json_reader& list) { std::invoke(question.read, reader, list); });
    if (!done) return fail("error while listing swarm " + std::string(question.path.substr(1)), done.error());
  }
  target_group group;
  group.source = "DockerSwarm";
  group.targets = reader.targets();
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
  auto questions = questions_of(options.role);
  request_plan plan;
  plan.body_bytes_max = body_bytes_max;
  for (const auto& question : questions) {
    auto filters = question.filters == swarm_question::filtered::yes ? common.filters : std::vector<docker_filter>();
    plan.requests.push_back(make_docker_request(common.address, common.client, question.path, filters));
  }
  plan.read = [questions, port = common.port](std::span<const http::response> answers) {
    return read(questions, port, answers);
  };
  return plan;
}

discovery_mechanism dockerswarm_sd() { return {dockerswarm_sd_configuration(), spawn}; }

}  // namespace rollcall
