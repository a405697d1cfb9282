#include "actors/discovery/kubernetes_sd/cluster_access.hpp"
#include "actors/discovery/kubernetes_sd/kubeconfig_exec.hpp"
#include "actors/discovery/kubernetes_sd/kubeconfig_node.hpp"
#include "config/url.hpp"
#include "lib/labels/quote.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace rollcall::kubernetes {

namespace {

/// The entry of a list of {name, <kind>} with this name.
result<const yaml_node*> named(const yaml_node& root, std::string_view list, std::string_view kind,
                               const std::string& name) {
  for (const auto& each : at(root, list).items)
    if (text(each, "name") == name) return &at(each, kind);
  return fail(errc::not_found, "kubeconfig: there is no " + std::string(kind) + ' ' + rollcall::quoted(name));
}

std::optional<std::string> decoded_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  const auto padding = std::min<std::ptrdiff_t>(2, std::count(text.begin(), text.end(), '='));
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < padding) return std::nullopt;
  out.resize(static_cast<size_t>(size - padding));
  return out;
}

/// Reads what a kubeconfig file gives either inline, in base64, or as the path of a file; inline wins.
class material_reader {
 public:
  explicit material_reader(const std::string& directory) : directory_(directory) {}

  void read(const yaml_node& from, const std::string& key, std::string& value, std::string& file) {
    if (const auto& inlined = text(from, key + "-data"); !inlined.empty()) {
      auto decoded = decoded_base64(inlined);
      if (decoded)
        value = std::move(*decoded);
      else
        fault = error{errc::syntax, "kubeconfig: " + key + "-data is not base64"};
      return;
    }
    if (const auto& path = text(from, key); !path.empty()) file = resolve(path);
  }

  std::string resolve(const std::string& path) const { return (std::filesystem::path(directory_) / path).string(); }

  std::optional<error> fault;

 private:
  const std::string& directory_;
};

void read_cluster(const yaml_node& cluster, material_reader& material, cluster_access& out) {
  out.server = text(cluster, "server");
  while (out.server.ends_with('/')) out.server.pop_back();
  material.read(cluster, "certificate-authority", out.client.tls.ca, out.client.tls.ca_file);
  out.client.tls.server_name = text(cluster, "tls-server-name");
  out.client.tls.insecure_skip_verify = text(cluster, "insecure-skip-tls-verify") == "true";
  out.client.proxy.url = text(cluster, "proxy-url");
}

/// Reads the plugin of a user who has one, and nothing else to be known by: as in Kubernetes, that goes first.
result<void> read_plugin(const yaml_node& user, const yaml_node& cluster, const std::string& directory,
                         cluster_access& out) {
  const auto& exec = at(user, "exec");
  if (exec.kind == yaml_kind::null) return {};
  auto plugin = read_exec(exec, directory);
  if (!plugin) return tl::unexpected(plugin.error());
  auto& client = out.client;
  if (client.authorization || client.basic_auth || !client.tls.key.empty()) return {};
  if (wants_cluster(exec))
    plugin->cluster =
        http::exec_cluster{out.server,         client.tls.server_name, client.tls.insecure_skip_verify, client.tls.ca,
                           client.tls.ca_file, client.proxy.url,       read_exec_config(cluster)};
  client.plugin = std::move(*plugin);
  return {};
}

result<void> read_user(const yaml_node& user, material_reader& material, cluster_access& out) {
  if (at(user, "auth-provider").kind != yaml_kind::null)
    return fail(errc::unsupported, "kubeconfig: users with auth-provider are not supported");
  auto& tls = out.client.tls;
  material.read(user, "client-certificate", tls.cert, tls.cert_file);
  material.read(user, "client-key", tls.key.value, tls.key.file);
  const bool has_certificate = !tls.cert.empty() || !tls.cert_file.empty();
  if (has_certificate == tls.key.empty())
    return fail(errc::syntax, "kubeconfig: client-certificate and client-key need each other");
  // As in Kubernetes: the file wins, since what is in it may be newer.
  if (const auto& file = text(user, "tokenFile"); !file.empty())
    out.client.authorization = http::authorization{"Bearer", {"", material.resolve(file)}};
  else if (const auto& token = text(user, "token"); !token.empty())
    out.client.authorization = http::authorization{"Bearer", {token, ""}};
  else if (const auto& name = text(user, "username"); !name.empty())
    out.client.basic_auth = http::basic_auth{{name, ""}, {text(user, "password"), ""}};
  return {};
}

}  // namespace

result<cluster_access> read_kubeconfig(std::string_view text_of_file, const std::string& directory) {
  auto root = parse_yaml(text_of_file);
  if (!root) return fail("kubeconfig", root.error());
  const auto context = named(*root, "contexts", "context", text(*root, "current-context"));
  if (!context) return tl::unexpected(context.error());
  const auto cluster = named(*root, "clusters", "cluster", text(**context, "cluster"));
  if (!cluster) return tl::unexpected(cluster.error());
  cluster_access out;
  material_reader material(directory);
  read_cluster(**cluster, material, out);
  if (auto valid = check_http_url(out.server); !valid) return fail("kubeconfig: server", valid.error());
  if (const auto& name = text(**context, "user"); !name.empty()) {
    const auto user = named(*root, "users", "user", name);
    if (!user) return tl::unexpected(user.error());
    if (auto read = read_user(**user, material, out); !read) return tl::unexpected(read.error());
    if (auto read = read_plugin(**user, **cluster, directory, out); !read) return tl::unexpected(read.error());
  }
  if (material.fault) return tl::unexpected(*material.fault);
  return out;
}

}  // namespace rollcall::kubernetes
