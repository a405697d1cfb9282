#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::http {

/// What a credential plugin is told of the cluster that credentials are wanted for.
struct exec_cluster {
  std::string server;
  std::string server_name;  ///< Of its certificate, where that is another than the URL's host.
  bool insecure_skip_verify = false;
  std::string ca, ca_file;  ///< PEM, inline or in a file; neither for the system's.
  std::string proxy_url;
  std::string config;  ///< The plugin's own settings as JSON; empty for none.

  bool operator==(const exec_cluster&) const = default;
};

/// A program that writes credentials to its standard output: a credential plugin of Kubernetes's clients, as KEP 541
/// describes them.
struct exec_plugin {
  std::string api_version;
  std::string command;  ///< With a slash a path, otherwise a name to be looked for in PATH.
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables;  ///< In addition to this process's.
  std::string install_hint;                                    ///< For people who do not have the program.
  std::optional<exec_cluster> cluster;                         ///< Nothing: it is told of none.

  bool operator==(const exec_plugin&) const = default;
};

}  // namespace rollcall::http
