#include "app/cluster_node.hpp"

#include "actors/cluster/node_link.hpp"
#include "actors/cluster/tls_error_queue.hpp"
#include "lib/log/log.hpp"

#include <unistd.h>

#include <array>
#include <random>

namespace rollcall {

namespace {

// Who has not been heard for so many leases is cut off.
constexpr int leases_of_silence = 2;

}  // namespace

void enable_cluster(caf::actor_system_config& config, const cluster_flags& flags) {
  if (!keeps_tls_errors_apart())
    log::warn("main", "A TLS connection that fails may end others: libssl was loaded before this program");
  act::enable_network(config, {flags.certificate_file, flags.key_file, flags.authority_file}, security_of(flags),
                      leases_of_silence * flags.lease);
}

act::security security_of(const cluster_flags& flags) {
  return flags.certificate_file.empty() ? act::security::none : act::security::mutual_tls;
}

std::string name_of(const cluster_flags& flags) {
  if (!flags.node_name.empty()) return flags.node_name;
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

node_link_actor spawn_link(caf::actor_system& system, const environment_ptr& environment, const cluster_flags& flags,
                           coordinator_sink_actor sink, const std::vector<std::string>& addresses) {
  node_link_options link;
  link.environment = environment;
  link.sink = std::move(sink);
  link.kind = security_of(flags);
  for (const auto& each : addresses)
    if (auto address = parse_node_address(each)) link.coordinators.push_back(*address);
  if (link.coordinators.empty()) return {};
  return spawn_node_link(system, std::move(link));
}

void warn_of_insecurity(const cluster_flags& flags) {
  if (security_of(flags) == act::security::mutual_tls) return;
  log::warn("main", "THE CLUSTER'S CONNECTIONS ARE NOT PROTECTED: whoever reaches the port has this process in hand");
}

uint64_t draw_incarnation() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device() | 1;
}

}  // namespace rollcall
