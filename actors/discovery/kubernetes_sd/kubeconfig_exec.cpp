#include "actors/discovery/kubernetes_sd/kubeconfig_exec.hpp"

#include "actors/discovery/kubernetes_sd/kubeconfig_node.hpp"
#include "lib/auth/exec_credential.hpp"
#include "lib/labels/quote.hpp"

#include <filesystem>

namespace rollcall::kubernetes {

namespace {

constexpr std::string_view version_with_optional_mode = "client.authentication.k8s.io/v1beta1";
constexpr std::string_view config_extension = "client.authentication.k8s.io/exec";

// There are no people at our standard input; a plugin that can do without them is told so.
result<void> check_mode(const std::string& mode, const std::string& version) {
  if (mode == "Always") return fail(errc::unsupported, "interactiveMode Always is not supported");
  if (mode == "Never" || mode == "IfAvailable") return {};
  if (!mode.empty()) return fail(errc::syntax, "unknown interactiveMode " + rollcall::quoted(mode));
  if (version == version_with_optional_mode) return {};
  return fail(errc::syntax, "interactiveMode must be given");
}

result<void> read_variables(const yaml_node& list, http::exec_plugin& out) {
  for (const auto& each : list.items) {
    const auto& name = text(each, "name");
    const bool is_name = !name.empty() && name.find_first_of(std::string_view("=\0", 2)) == std::string::npos;
    if (!is_name) return fail(errc::syntax, "a name of env cannot be one: " + rollcall::quoted(name));
    out.variables.emplace_back(name, text(each, "value"));
  }
  return {};
}

result<http::exec_plugin> read_fields(const yaml_node& exec, const std::string& directory) {
  http::exec_plugin out;
  out.api_version = text(exec, "apiVersion");
  if (!auth::is_exec_version(out.api_version))
    return fail(errc::unsupported, "apiVersion " + rollcall::quoted(out.api_version) + " is not supported");
  out.command = text(exec, "command");
  if (out.command.empty()) return fail(errc::syntax, "command must be given");
  if (out.command.find('/') != std::string::npos)
    out.command = (std::filesystem::path(directory) / out.command).string();
  for (const auto& each : at(exec, "args").items) out.arguments.push_back(each.text);
  out.install_hint = text(exec, "installHint");
  if (auto read = read_variables(at(exec, "env"), out); !read) return tl::unexpected(read.error());
  if (auto valid = check_mode(text(exec, "interactiveMode"), out.api_version); !valid)
    return tl::unexpected(valid.error());
  return out;
}

}  // namespace

result<http::exec_plugin> read_exec(const yaml_node& exec, const std::string& directory) {
  auto read = read_fields(exec, directory);
  if (!read) return fail("kubeconfig: exec", read.error());
  return read;
}

bool wants_cluster(const yaml_node& exec) { return text(exec, "provideClusterInfo") == "true"; }

std::string read_exec_config(const yaml_node& cluster) {
  for (const auto& each : at(cluster, "extensions").items)
    if (text(each, "name") == config_extension) return to_json(at(each, "extension"));
  return {};
}

}  // namespace rollcall::kubernetes
