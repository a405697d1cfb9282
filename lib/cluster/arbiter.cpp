#include "lib/cluster/arbiter.hpp"

#include "lib/cluster/etcd_arbiter.hpp"
#include "lib/cluster/kubernetes_arbiter.hpp"
#include "lib/http/url.hpp"

#include <algorithm>

namespace rollcall::cluster {

namespace {

constexpr std::string_view etcd_prefix = "etcd+";
constexpr std::string_view kubernetes_prefix = "kubernetes://";
constexpr std::string_view workers_prefix = "workers://";
constexpr size_t dns_name_bytes_max = 253;

bool is_dns_name(std::string_view text) {
  auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= dns_name_bytes_max && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), is_good);
}

result<named_arbiter> find_etcd(std::string_view text) {
  auto url = http::parse_url(text);
  if (!url) return tl::unexpected(url.error());
  if (!url->user_info.empty()) return fail(errc::invalid_argument, "names and passwords are not supported");
  auto key = url->target.substr(1);
  if (key.empty()) return fail(errc::invalid_argument, "it names no key");
  named_arbiter found;
  found.dialect = std::make_shared<etcd_arbiter>(url->scheme + "://" + url->host_header(), key);
  return found;
}

result<named_arbiter> find_kubernetes(std::string_view text, const pod_surroundings& surroundings) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos || !is_dns_name(text.substr(0, slash)) || !is_dns_name(text.substr(slash + 1)))
    return fail(errc::syntax, "it is not kubernetes://NAMESPACE/NAME");
  auto host = surroundings.variable("KUBERNETES_SERVICE_HOST");
  auto port = surroundings.variable("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty())
    return fail(errc::not_found, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod");
  if (host.find(':') != std::string::npos) host = '[' + host + ']';
  named_arbiter found;
  found.dialect = std::make_shared<kubernetes_arbiter>(
      "https://" + host + ':' + port, std::string(text.substr(0, slash)), std::string(text.substr(slash + 1)));
  found.client.authorization = http::authorization{"Bearer", {"", surroundings.account_directory + "/token"}};
  found.client.tls.ca_file = surroundings.account_directory + "/ca.crt";
  return found;
}

result<named_arbiter> find_workers(std::string_view text) {
  named_arbiter found;
  while (true) {
    auto name = std::string(text.substr(0, text.find(',')));
    if (name.empty() || name.size() > voter_name_bytes_max)
      return fail(errc::syntax, "it is not workers://NAME,NAME,NAME");
    if (std::find(found.voters.begin(), found.voters.end(), name) != found.voters.end())
      return fail(errc::invalid_argument, name + " is named twice");
    if (found.voters.size() == voters_max)
      return fail(errc::invalid_argument, "no more than " + std::to_string(voters_max) + " workers can decide");
    bool is_last = name.size() == text.size();
    found.voters.push_back(std::move(name));
    if (is_last) return found;
    text.remove_prefix(found.voters.back().size() + 1);
  }
}

}  // namespace

result<named_arbiter> find_arbiter(const std::string& text, const pod_surroundings& surroundings) {
  std::string_view rest = text;
  if (rest.starts_with(etcd_prefix)) return find_etcd(rest.substr(etcd_prefix.size()));
  if (rest.starts_with(kubernetes_prefix)) return find_kubernetes(rest.substr(kubernetes_prefix.size()), surroundings);
  if (rest.starts_with(workers_prefix)) return find_workers(rest.substr(workers_prefix.size()));
  return fail(errc::syntax,
              "it is none of etcd+http(s)://HOST:PORT/KEY, kubernetes://NAMESPACE/NAME and workers://NAME,NAME,NAME");
}

}  // namespace rollcall::cluster
