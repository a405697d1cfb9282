#pragma once

#include "config/yaml_tree.hpp"
#include "lib/base/result.hpp"
#include "lib/http/exec_plugin.hpp"

#include <string>

namespace rollcall::kubernetes {

/// Reads the credential plugin of a kubeconfig user from its `exec`, without what it is told of the cluster. A command
/// that is a relative path is one from `directory`. Errors: errc::syntax, and errc::unsupported for other versions and
/// for a plugin that wants to ask people.
result<http::exec_plugin> read_exec(const yaml_node& exec, const std::string& directory);

/// Whether the plugin is to be told of the cluster.
bool wants_cluster(const yaml_node& exec);

/// The settings that a cluster keeps for plugins, as JSON; empty when there are none.
std::string read_exec_config(const yaml_node& cluster);

}  // namespace rollcall::kubernetes
