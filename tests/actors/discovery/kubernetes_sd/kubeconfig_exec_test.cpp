#include "actors/discovery/kubernetes_sd/cluster_access.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::kubernetes;

namespace {

constexpr const char* full_cluster = R"({
  server: 'https://k.example:6443', certificate-authority: pki/ca.pem, tls-server-name: n,
  insecure-skip-tls-verify: true, proxy-url: 'http://p',
  extensions: [
    {name: other, extension: {}},
    {name: client.authentication.k8s.io/exec, extension: {audience: a, 'port': 6443, ratio: 0.5, on: true,
                                                          version: '1', word: 1.2.3, list: [x, null]}}]})";

result<cluster_access> read(const std::string& user, const std::string& cluster = "{server: 'https://k'}") {
  return read_kubeconfig(
      "{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}],\n clusters: [{name: "
      "k, cluster: " +
          cluster + "}],\n users: [{name: u, user: " + user + "}]}",
      "/home/me");
}

http::exec_plugin plugin(const std::string& exec, const std::string& cluster = "{server: 'https://k'}") {
  auto access = read("{exec: " + exec + "}", cluster);
  REQUIRE(access);
  REQUIRE(access->client.plugin);
  return *access->client.plugin;
}

std::string refusal(const std::string& exec) {
  auto access = read("{exec: " + exec + "}");
  return access ? "" : access.error().message;
}

}  // namespace

TEST_CASE("a user's plugin is read with all that it is told") {
  const auto read =
      plugin(R"({apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [-i, my cluster, 7],
    env: [{name: REGION, value: r}, {name: EMPTY, value: ''}], installHint: get it, interactiveMode: Never})");
  CHECK(read.api_version == "client.authentication.k8s.io/v1");
  CHECK(read.command == "get-token");
  CHECK(read.arguments == std::vector<std::string>{"-i", "my cluster", "7"});
  CHECK(read.variables == std::vector<std::pair<std::string, std::string>>{{"REGION", "r"}, {"EMPTY", ""}});
  CHECK(read.install_hint == "get it");
  CHECK_FALSE(read.cluster);
}

TEST_CASE("a command with a slash is a path, from the kubeconfig file on") {
  const std::string rest = ", apiVersion: client.authentication.k8s.io/v1beta1, env: null, args: null}";
  CHECK(plugin("{command: ./bin/get-token" + rest).command == "/home/me/./bin/get-token");
  CHECK(plugin("{command: /bin/get-token" + rest).command == "/bin/get-token");
}

TEST_CASE("a plugin is told of the cluster if it wants to know") {
  const auto read =
      plugin("{apiVersion: client.authentication.k8s.io/v1beta1, command: x, provideClusterInfo: true}", full_cluster);
  CHECK(read.cluster ==
        http::exec_cluster{
            "https://k.example:6443", "n", true, "", "/home/me/pki/ca.pem", "http://p",
            R"({"audience":"a","list":["x",null],"on":true,"port":6443,"ratio":0.5,"version":"1","word":"1.2.3"})"});
  CHECK(plugin("{apiVersion: client.authentication.k8s.io/v1beta1, command: x, provideClusterInfo: true}").cluster ==
        http::exec_cluster{"https://k", "", false, "", "", "", ""});
}

TEST_CASE("a plugin is not asked for a user who is known by something else") {
  const std::string exec = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x}";
  for (const std::string other : {"token: t", "tokenFile: t", "username: me", "client-certificate: c, client-key: k"}) {
    auto access = read("{" + exec + ", " + other + "}");
    REQUIRE(access);
    CHECK_FALSE(access->client.plugin);
  }
}

TEST_CASE("access with another plugin is another access") {
  const std::string exec = "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ";
  CHECK(read(exec + "x}}") == read(exec + "x}}"));
  CHECK(read(exec + "x}}") != read(exec + "y}}"));
}

TEST_CASE("a plugin that cannot be run is an error that says why") {
  CHECK(refusal("{command: x}") == "kubeconfig: exec: apiVersion \"\" is not supported");
  CHECK(refusal("{apiVersion: client.authentication.k8s.io/v1alpha1, command: x}") ==
        "kubeconfig: exec: apiVersion \"client.authentication.k8s.io/v1alpha1\" is not supported");
  CHECK(refusal("[x]") == "kubeconfig: exec: apiVersion \"\" is not supported");
  const std::string begin = "{apiVersion: client.authentication.k8s.io/v1";
  CHECK(refusal(begin + "}") == "kubeconfig: exec: command must be given");
  CHECK(refusal(begin + ", command: x}") == "kubeconfig: exec: interactiveMode must be given");
  CHECK(refusal(begin + ", command: x, interactiveMode: Always}") ==
        "kubeconfig: exec: interactiveMode Always is not supported");
  CHECK(refusal(begin + ", command: x, interactiveMode: never}") ==
        "kubeconfig: exec: unknown interactiveMode \"never\"");
  CHECK(refusal(begin + ", command: x, interactiveMode: Never, env: [{value: v}]}") ==
        "kubeconfig: exec: a name of env cannot be one: \"\"");
  CHECK(refusal(begin + ", command: x, interactiveMode: Never, env: [{name: 'a=b'}]}") ==
        "kubeconfig: exec: a name of env cannot be one: \"a=b\"");
  CHECK(refusal(begin + "beta1, command: x, interactiveMode: Always}") ==
        "kubeconfig: exec: interactiveMode Always is not supported");
}
