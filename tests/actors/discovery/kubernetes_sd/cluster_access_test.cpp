#include "actors/discovery/kubernetes_sd/cluster_access.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace rollcall;
using namespace rollcall::kubernetes;

namespace {

/// A kubeconfig file of one context; the arguments are flow maps.
std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return R"(
apiVersion: v1
kind: Config
preferences: {colors: true}
current-context: here
contexts:
- name: elsewhere
  context: {cluster: missing, user: missing}
- name: here
  context: {cluster: k, user: u, namespace: ns}
clusters:
- name: k
  cluster: )" +
         cluster + R"(
users:
- name: u
  user: )" +
         user + "\n";
}

const std::string plain_cluster = "{server: 'https://k.example:6443/'}";

pod_surroundings with_variables(std::map<std::string, std::string> variables) {
  pod_surroundings out;
  out.variable = [variables = std::move(variables)](const std::string& name) {
    auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  };
  out.account_directory = "/account";
  return out;
}

}  // namespace

TEST_CASE("a pod knows its server from the environment, and itself from its account") {
  auto access = access_from_within(
      with_variables({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}}));
  REQUIRE(access);
  CHECK(access->server == "https://10.96.0.1:443");
  CHECK(access->client.tls.ca_file == "/account/ca.crt");
  REQUIRE(access->client.authorization);
  CHECK(access->client.authorization->type == "Bearer");
  CHECK(access->client.authorization->credentials == http::secret{"", "/account/token"});
  CHECK(access_from_within(with_variables({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}}))
            ->server == "https://[fd00::1]:443");
}

TEST_CASE("outside of a cluster there is no access from within") {
  auto access = access_from_within(with_variables({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}}));
  REQUIRE_FALSE(access);
  CHECK(access.error().code == errc::not_found);
}

TEST_CASE("a kubeconfig file tells the server of its current context, and who we are there") {
  auto access = read_kubeconfig(kubeconfig(plain_cluster, "{token: t}"), "/home");
  REQUIRE(access);
  CHECK(access->server == "https://k.example:6443");
  REQUIRE(access->client.authorization);
  CHECK(access->client.authorization->credentials == http::secret{"t", ""});
}

TEST_CASE("material comes inline or from files, whose paths are relative to the kubeconfig file") {
  SECTION("inline, which wins") {
    auto access = read_kubeconfig(
        kubeconfig("{server: 'https://k', certificate-authority: ca.pem, certificate-authority-data: 'Y2E='}",
                   "{client-certificate-data: Y2VydA==, client-key-data: a2V5}"),
        "/home");
    REQUIRE(access);
    CHECK(access->client.tls.ca == "ca");
    CHECK(access->client.tls.ca_file.empty());
    CHECK(access->client.tls.cert == "cert");
    CHECK(access->client.tls.key == http::secret{"key", ""});
  }
  SECTION("from files") {
    auto access = read_kubeconfig(
        kubeconfig("{server: 'https://k', certificate-authority: pki/ca.pem, tls-server-name: n, "
                   "insecure-skip-tls-verify: true, proxy-url: 'http://p'}",
                   "{client-certificate: /abs/cert.pem, client-key: key.pem, token: old, tokenFile: token}"),
        "/home");
    REQUIRE(access);
    const auto& client = access->client;
    CHECK(client.tls.ca_file == "/home/pki/ca.pem");
    CHECK(client.tls.server_name == "n");
    CHECK(client.tls.insecure_skip_verify);
    CHECK(client.proxy.url == "http://p");
    CHECK(client.tls.cert_file == "/abs/cert.pem");
    CHECK(client.tls.key == http::secret{"", "/home/key.pem"});
    CHECK(client.authorization->credentials == http::secret{"", "/home/token"});
  }
}

TEST_CASE("a user may have a name and a password") {
  auto access = read_kubeconfig(kubeconfig(plain_cluster, "{username: me, password: p}"), "/home");
  REQUIRE(access);
  CHECK(access->client.basic_auth == http::basic_auth{{"me", ""}, {"p", ""}});
}

TEST_CASE("a kubeconfig file in JSON is one as well") {
  CHECK(read_kubeconfig(R"({"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k"}}],
                           "clusters": [{"name": "k", "cluster": {"server": "http://k:8080"}}]})",
                        "/")
            ->server == "http://k:8080");
}

TEST_CASE("what cannot be used of a kubeconfig file is an error that says why") {
  auto message = [](const std::string& text) {
    auto access = read_kubeconfig(text, "/home");
    return access ? "" : access.error().message;
  };
  CHECK_THAT(message("["), Catch::StartsWith("kubeconfig: "));
  CHECK(message("") == "kubeconfig: there is no context \"\"");
  CHECK(message("{current-context: c, contexts: [{name: c, context: {cluster: k}}]}") ==
        "kubeconfig: there is no cluster \"k\"");
  CHECK_THAT(message(kubeconfig("{}", "{}")), Catch::StartsWith("kubeconfig: server: "));
  CHECK(message(kubeconfig("{server: 'https://k', certificate-authority-data: '!'}", "{}")) ==
        "kubeconfig: certificate-authority-data is not base64");
  CHECK(message(kubeconfig(plain_cluster, "{client-certificate: c}")) ==
        "kubeconfig: client-certificate and client-key need each other");
  CHECK(message(kubeconfig(plain_cluster, "{auth-provider: {name: x}}")) ==
        "kubeconfig: users with auth-provider are not supported");
}
