#pragma once

#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/nomad_sd/nomad_sd_options.hpp"
#include "actors/discovery/poll_sequence.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// nomad_sd_configs: the services that Nomad itself knows, polled. README.md beside this file.
discovery_mechanism nomad_sd();

/// One refresh: the list of services, then each service. https://developer.hashicorp.com/nomad/api-docs/services.
class nomad_refresh : public poll_sequence {
 public:
  explicit nomad_refresh(const nomad_sd_options& options) : options_(options) {}

  std::vector<fetch> begin() override;
  result<std::vector<fetch>> take(uint64_t tag, const http::response& answer) override;
  std::vector<target_group> groups() override;

 private:
  fetch ask(const std::string& path) const;
  result<std::vector<fetch>> take_list(const http::response& answer);
  result<void> take_service(size_t service, const http::response& answer);

  const nomad_sd_options& options_;
  std::vector<std::vector<labels>> instances_;  // by service, in order of name
};

}  // namespace rollcall
