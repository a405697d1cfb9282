#include "actors/discovery/mechanisms.hpp"

#include "actors/discovery/consul_sd/consul_sd.hpp"
#include "actors/discovery/dns_sd/dns_sd.hpp"
#include "actors/discovery/docker_sd/docker_sd.hpp"
#include "actors/discovery/dockerswarm_sd/dockerswarm_sd.hpp"
#include "actors/discovery/eureka_sd/eureka_sd.hpp"
#include "actors/discovery/file_sd/file_sd.hpp"
#include "actors/discovery/http_sd/http_sd.hpp"
#include "actors/discovery/kubernetes_sd/kubernetes_sd.hpp"
#include "actors/discovery/kuma_sd/kuma_sd.hpp"
#include "actors/discovery/marathon_sd/marathon_sd.hpp"
#include "actors/discovery/nerve_sd/nerve_sd.hpp"
#include "actors/discovery/nomad_sd/nomad_sd.hpp"
#include "actors/discovery/puppetdb_sd/puppetdb_sd.hpp"
#include "actors/discovery/serverset_sd/serverset_sd.hpp"
#include "actors/discovery/static_sd/static_sd.hpp"
#include "lib/base/assert.hpp"

namespace rollcall {

std::span<const discovery_mechanism> discovery_mechanisms() {
  static const std::vector<discovery_mechanism> all = {
      static_sd(),     file_sd(),      http_sd(),        dns_sd(),      consul_sd(),
      kubernetes_sd(), docker_sd(),    dockerswarm_sd(), nomad_sd(),    marathon_sd(),
      eureka_sd(),     serverset_sd(), nerve_sd(),       puppetdb_sd(), kuma_sd(),
  };
  return all;
}

std::vector<mechanism> mechanism_configurations() {
  std::vector<mechanism> result;
  for (const auto& each : discovery_mechanisms()) result.push_back(each.configuration);
  return result;
}

discoverer_actor spawn_discoverer(caf::actor_system& system, const sd_config& configuration,
                                  discoverer_context context) {
  auto all = discovery_mechanisms();
  auto found = std::find_if(all.begin(), all.end(), [&](const discovery_mechanism& each) {
    return each.configuration.name == configuration.mechanism;
  });
  ROLLCALL_ASSERT(found != all.end());
  return found->spawn(system, configuration.options, std::move(context));
}

}  // namespace rollcall
