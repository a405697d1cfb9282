#pragma once

#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <map>
#include <string>
#include <vector>

namespace rollcall {

/// One entry of consul_sd_configs.
struct consul_sd_options : sd_options {
  std::string server = "localhost:8500";  ///< host:port, the same behind http:// or https://, or unix://PATH.
  std::string path_prefix;
  std::string token;
  std::string datacenter;  ///< Empty: that of the agent that is asked.
  std::string name_space;
  std::string partition;
  std::string tag_separator = ",";
  std::string scheme = "http";  ///< "http" or "https".
  bool allow_stale = true;
  milliseconds refresh_interval = std::chrono::seconds(30);  ///< Positive; the least time between two like questions.
  std::vector<std::string> services;                         ///< Empty: all of them.
  std::vector<std::string> tags;                             ///< A service must have them all.
  std::map<std::string, std::string> node_meta;
  std::string filter;          ///< For the catalog, in Consul's language.
  std::string health_filter;   ///< For the instances of a service, likewise.
  http::client_config client;  ///< `username` and `password` are its basic_auth.

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;

  /// Whether the services to watch come from the catalog; otherwise `services` names them all.
  bool watches_catalog() const { return services.empty() || !tags.empty() || !filter.empty(); }
};

/// How `consul_sd_configs` is read.
mechanism consul_sd_configuration();

}  // namespace rollcall
