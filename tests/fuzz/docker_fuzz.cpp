#include "actors/discovery/docker_sd/docker_sd.hpp"
#include "actors/discovery/dockerswarm_sd/dockerswarm_sd.hpp"
#include "lib/base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace rollcall;

/// The same bytes as the answer to every question of a plan: reading ends with one group of targets, or with an error.
void read(const request_plan& plan, const std::string& body) {
  http::response answer;
  answer.status = 200;
  answer.body = body;
  std::vector<http::response> answers(plan.requests.size(), answer);
  auto groups = plan.read(answers);
  if (!groups) {
    ROLLCALL_ASSERT(!groups.error().message.empty());
    return;
  }
  ROLLCALL_ASSERT(groups->size() == 1);
  for (const auto& target : groups->front().targets) ROLLCALL_ASSERT(!target.get("__address__").empty());
}

}  // namespace

/// Answers of the Docker Engine API: to whatever was asked, anything may come.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string body(reinterpret_cast<const char*>(data), size);
  for (bool first : {true, false}) {
    docker_sd_options docker;
    docker.match_first_network = first;
    read(plan_docker_refresh(docker), body);
  }
  for (auto role : {swarm_role::services, swarm_role::tasks, swarm_role::nodes}) {
    dockerswarm_sd_options swarm;
    swarm.role = role;
    read(plan_swarm_refresh(swarm), body);
  }
  return 0;
}
