#include "lib/auth/exec_credential.hpp"

#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace rollcall;
using namespace rollcall::auth;
using Catch::Matchers::Contains;

namespace {

const std::string v1 = "client.authentication.k8s.io/v1";
const std::string v1beta1 = "client.authentication.k8s.io/v1beta1";

std::string credential(const std::string& status, const std::string& version = v1) {
  return R"({"kind": "ExecCredential", "apiVersion": ")" + version + R"(", "spec": {}, "status": )" + status + "}";
}

std::string refusal(const std::string& output) {
  auto read = read_exec_credential(output, v1);
  return read ? "" : read.error().message;
}

nlohmann::json told(const http::exec_plugin& plugin) { return nlohmann::json::parse(exec_info(plugin).value()); }

}  // namespace

TEST_CASE("a credential is a token, a certificate, or both") {
  auto token = read_exec_credential(credential(R"({"token": "t"})"), v1);
  REQUIRE(token);
  CHECK(*token == exec_credential{"t", "", "", std::nullopt});
  auto both = read_exec_credential(
      credential(R"({"token": "t", "clientCertificateData": "c", "clientKeyData": "k", "more": [1]})", v1beta1),
      v1beta1);
  REQUIRE(both);
  CHECK(*both == exec_credential{"t", "c", "k", std::nullopt});
  auto certificate =
      read_exec_credential(credential(R"({"token": null, "clientCertificateData": "c", "clientKeyData": "k"})"), v1);
  REQUIRE(certificate);
  CHECK(*certificate == exec_credential{"", "c", "k", std::nullopt});
}

TEST_CASE("a credential may tell when it expires") {
  auto read =
      read_exec_credential(credential(R"({"token": "t", "expirationTimestamp": "2023-11-14T23:13:20+01:00"})"), v1);
  REQUIRE(read);
  CHECK(read->expires == time_point(std::chrono::seconds(1'700'000'000)));
}

TEST_CASE("what is no credential is refused with a reason, and without its secrets") {
  CHECK(refusal("") == "its output is no JSON object");
  CHECK(refusal("[]") == "its output is no JSON object");
  CHECK(refusal(R"({"kind": "Status"})") == "its output is no ExecCredential");
  CHECK(refusal(R"({"kind": "ExecCredential", "apiVersion": 1})") == "its output is no ExecCredential");
  CHECK(refusal(credential(R"({"token": "t"})", v1beta1)) ==
        "its output is of API version \"" + v1beta1 + "\", not " + v1);
  CHECK(refusal(credential("null")) == "its output has no status");
  CHECK(refusal(credential("{}")) == "there is neither a token nor a certificate in its status");
  CHECK(refusal(credential(R"({"clientKeyData": "secret"})")) ==
        "clientCertificateData and clientKeyData need each other");
  CHECK(refusal(credential(R"({"token": ["secret"]})")) == "status.token is no text");
  CHECK(refusal(credential(R"({"token": "secret\n"})")) == "the token holds a control character");
  CHECK(refusal(credential(R"({"token": "secret", "expirationTimestamp": "soon"})")) ==
        "expirationTimestamp \"soon\" is no time of RFC 3339");
}

TEST_CASE("a plugin is told its version, and that nobody can be asked") {
  http::exec_plugin plugin;
  plugin.api_version = v1;
  CHECK(told(plugin) ==
        nlohmann::json({{"apiVersion", v1}, {"kind", "ExecCredential"}, {"spec", {{"interactive", false}}}}));
}

TEST_CASE("a plugin that wants to know the cluster is told of it") {
  http::exec_plugin plugin;
  plugin.api_version = v1;
  plugin.cluster = http::exec_cluster{"https://k:6443", "", false, "", "", "", ""};
  CHECK(told(plugin)["spec"]["cluster"] == nlohmann::json({{"server", "https://k:6443"}}));
  plugin.cluster = http::exec_cluster{"https://k:6443", "n", true, "ca", "", "http://p", R"({"audience": "a"})"};
  CHECK(told(plugin)["spec"]["cluster"] == nlohmann::json({{"server", "https://k:6443"},
                                                           {"tls-server-name", "n"},
                                                           {"insecure-skip-tls-verify", true},
                                                           {"certificate-authority-data", "Y2E="},
                                                           {"proxy-url", "http://p"},
                                                           {"config", {{"audience", "a"}}}}));
}

TEST_CASE("the cluster's certificate authority is read from its file") {
  test::scratch_directory directory;
  http::exec_plugin plugin;
  plugin.api_version = v1;
  plugin.cluster = http::exec_cluster{"https://k", "", false, "", directory.path() + "/ca.pem", "", ""};
  auto without = exec_info(plugin);
  REQUIRE_FALSE(without);
  CHECK_THAT(without.error().message, Contains("ca.pem"));
  std::ofstream(directory.path() + "/ca.pem") << "ca";
  CHECK(told(plugin)["spec"]["cluster"]["certificate-authority-data"] == "Y2E=");
}
