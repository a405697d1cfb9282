#include "lib/auth/exec_credential.hpp"

#include "lib/auth/rfc3339.hpp"
#include "lib/http/authorization.hpp"
#include "lib/http/base64.hpp"
#include "lib/labels/quote.hpp"

#include <nlohmann/json.hpp>

namespace rollcall::auth {

namespace {

using nlohmann::json;

constexpr std::string_view kind = "ExecCredential";
constexpr size_t excerpt_bytes_max = 100;

result<json> describe(const http::exec_cluster& cluster) {
  json told = {{"server", cluster.server}};
  if (!cluster.server_name.empty()) told["tls-server-name"] = cluster.server_name;
  if (cluster.insecure_skip_verify) told["insecure-skip-tls-verify"] = true;
  auto ca = cluster.ca_file.empty() ? result<std::string>(cluster.ca) : http::read_small_file(cluster.ca_file);
  if (!ca) return fail("unable to read the cluster's certificate authority", ca.error());
  if (!ca->empty()) told["certificate-authority-data"] = http::base64(*ca);
  if (!cluster.proxy_url.empty()) told["proxy-url"] = cluster.proxy_url;
  if (!cluster.config.empty()) told["config"] = json::parse(cluster.config, nullptr, false);
  return told;
}

// Reads the texts of a document and remembers that one was something else.
class text_reader {
 public:
  explicit text_reader(const json& from) : from_(from) {}

  std::string read(const char* key) {
    auto found = from_.find(key);
    if (found == from_.end() || found->is_null()) return {};
    if (found->is_string()) return found->get<std::string>();
    wrong_ = key;
    return {};
  }
  /// The key of the last that was no text; empty when there was none.
  const std::string& wrong() const { return wrong_; }

 private:
  const json& from_;
  std::string wrong_;
};

std::string excerpt(const std::string& text) { return rollcall::quoted(text.substr(0, excerpt_bytes_max)); }

result<exec_credential> read_status(const json& status) {
  text_reader texts(status);
  exec_credential read{texts.read("token"), texts.read("clientCertificateData"), texts.read("clientKeyData"), {}};
  const std::string expires = texts.read("expirationTimestamp");
  if (!texts.wrong().empty()) return fail(errc::syntax, "status." + texts.wrong() + " is no text");
  if (read.token.empty() && read.certificate.empty() && read.key.empty())
    return fail(errc::syntax, "there is neither a token nor a certificate in its status");
  if (read.certificate.empty() != read.key.empty())
    return fail(errc::syntax, "clientCertificateData and clientKeyData need each other");
  if (!is_header_value(read.token)) return fail(errc::syntax, "the token holds a control character");
  if (expires.empty()) return read;
  read.expires = read_rfc3339(expires);
  if (!read.expires) return fail(errc::syntax, "expirationTimestamp " + excerpt(expires) + " is no time of RFC 3339");
  return read;
}

}  // namespace

bool is_exec_version(std::string_view api_version) {
  return api_version == "client.authentication.k8s.io/v1" || api_version == "client.authentication.k8s.io/v1beta1";
}

result<std::string> exec_info(const http::exec_plugin& plugin) {
  json spec = {{"interactive", false}};
  if (plugin.cluster) {
    auto cluster = describe(*plugin.cluster);
    if (!cluster) return tl::unexpected(std::move(cluster.error()));
    spec["cluster"] = std::move(*cluster);
  }
  const json told = {{"apiVersion", plugin.api_version}, {"kind", kind}, {"spec", std::move(spec)}};
  return told.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<exec_credential> read_exec_credential(std::string_view output, std::string_view api_version) {
  const auto answer = json::parse(output, nullptr, false);
  if (!answer.is_object()) return fail(errc::syntax, "its output is no JSON object");
  text_reader texts(answer);
  const std::string version = texts.read("apiVersion");
  if (texts.read("kind") != kind || !texts.wrong().empty())
    return fail(errc::syntax, "its output is no " + std::string(kind));
  if (version != api_version)
    return fail(errc::syntax, "its output is of API version " + excerpt(version) + ", not " + std::string(api_version));
  const auto status = answer.find("status");
  if (status == answer.end() || !status->is_object()) return fail(errc::syntax, "its output has no status");
  return read_status(*status);
}

}  // namespace rollcall::auth
