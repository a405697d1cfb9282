#pragma once

#include "actors/discovery/kubernetes_sd/attached_metadata.hpp"
#include "actors/discovery/kubernetes_sd/resource.hpp"
#include "config/mechanism.hpp"
#include "lib/http/client_config.hpp"

#include <map>
#include <string>
#include <vector>

namespace rollcall {

/// Which objects of a resource are asked for, in the API's own syntax; empty for all.
struct kubernetes_selector {
  std::string label;
  std::string field;

  bool operator==(const kubernetes_selector&) const = default;
};

/// One entry of kubernetes_sd_configs.
struct kubernetes_sd_options : sd_options {
  kubernetes::resource role = kubernetes::resource::pod;  ///< One of the six that are roles.
  std::string api_server;                                 ///< Empty: as the kubeconfig file says, or from within.
  std::string kubeconfig_file;                            ///< Empty unless the server comes from there.
  bool own_namespace = false;
  std::vector<std::string> namespaces;  ///< Empty for all, unless it is the own one.
  std::map<kubernetes::resource, kubernetes_selector> selectors;
  kubernetes::attached_metadata attach;
  http::client_config client;

  bool equals(const sd_options& other) const override;
  void write(yaml_writer& writer) const override;
};

/// How `kubernetes_sd_configs` is read.
mechanism kubernetes_sd_configuration();

}  // namespace rollcall
