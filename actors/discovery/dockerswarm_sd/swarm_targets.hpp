#pragma once

#include "actors/discovery/docker_sd/docker_answer.hpp"
#include "lib/targets/target_group.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace rollcall {

/// A published TCP port.
struct swarm_port {
  std::string name;
  std::string publish_mode;
  int64_t number = 0;
};

/// Reads lists of a swarm's API, one after the other: what targets are joined with first, then what they are made of.
class swarm_reader {
 public:
  /// The port goes with targets that publish none.
  explicit swarm_reader(uint16_t port) : port_(port) {}

  // What targets are joined with.
  void read_networks(const json_reader& list);
  void read_services(const json_reader& list);
  void read_nodes(const json_reader& list);

  // What they are made of, for each role.
  void make_service_targets(const json_reader& list);
  void make_task_targets(const json_reader& list);
  void make_node_targets(const json_reader& list);

  const std::vector<packed_labels>& targets() const { return targets_; }

 private:
  using label_pairs = docker::label_pairs;

  label_pairs task_labels(const json_reader& task) const;
  void add_task(const json_reader& task);
  void add_host_ports(const json_reader& task, const label_pairs& common);
  void add_task_address(const std::string& ip, const std::string& service, const label_pairs& common);
  void add_task_port(const std::string& host, const swarm_port& port, label_pairs pairs);
  void add_target(std::string address, label_pairs pairs);

  const uint16_t port_;
  std::map<std::string, label_pairs> networks_, services_, nodes_;  // by id
  std::map<std::string, std::vector<swarm_port>> ports_;            // of services
  std::map<std::string, std::string> node_addresses_;
  std::vector<packed_labels> targets_;
};

}  // namespace rollcall
