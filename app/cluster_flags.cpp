#include "app/cluster_flags.hpp"

#include "actors/cluster/node_link.hpp"
#include "lib/base/utf8.hpp"
#include "lib/cluster/candidacy.hpp"
#include "lib/http/url.hpp"

#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace rollcall {

namespace {

bool has_tls(const cluster_flags& flags) {
  return !flags.certificate_file.empty() && !flags.key_file.empty() && !flags.authority_file.empty();
}

result<void> check_address(const cluster_flags& flags, const std::string& text, const char* flag) {
  auto address = parse_node_address(text);
  if (!address) return fail(flag, address.error());
  if (has_tls(flags) || flags.insecure || http::is_loopback(address->host)) return {};
  return fail(errc::invalid_argument, std::string(flag) + ": " + text +
                                          " is not this machine alone, which takes --cluster.tls.cert-file, "
                                          "key-file and ca-file, or --cluster.insecure");
}

result<void> check_arbiter(const cluster_flags& flags) {
  if (flags.arbiter.empty()) return {};
  auto found = find_arbiter(flags);
  if (!found) return fail("--cluster.arbiter", found.error());
  if (!found->voters.empty() && flags.lease > cluster::promise_max)
    return fail(errc::invalid_argument, "--cluster.lease: workers are not bound for more than an hour");
  return {};
}

// They are written down as JSON.
result<void> check_names(const cluster_flags& flags) {
  const std::pair<const char*, const std::string&> names[] = {{"--cluster.node-name", flags.node_name},
                                                              {"--cluster.zone", flags.zone},
                                                              {"--cluster.advertise-address", flags.advertise_address}};
  for (const auto& [flag, name] : names)
    if (!is_valid_utf8(name)) return fail(errc::invalid_argument, std::string(flag) + ": not UTF-8");
  return {};
}

}  // namespace

result<cluster::named_arbiter> find_arbiter(const cluster_flags& flags) {
  cluster::pod_surroundings surroundings;
  surroundings.variable = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value ? value : "");
  };
  auto found = cluster::find_arbiter(flags.arbiter, surroundings);
  if (!found) return found;
  auto& tls = found->client.tls;
  if (!flags.arbiter_authority_file.empty()) tls.ca_file = flags.arbiter_authority_file;
  if (!flags.arbiter_certificate_file.empty()) tls.cert_file = flags.arbiter_certificate_file;
  if (!flags.arbiter_key_file.empty()) tls.key.file = flags.arbiter_key_file;
  return found;
}

result<void> check(const cluster_flags& flags) {
  if (flags.role == cluster_role::all) return {};
  if (auto good = check_names(flags); !good) return good;
  for (const auto* file : {&flags.certificate_file, &flags.key_file, &flags.authority_file}) {
    if (file->empty() != flags.certificate_file.empty())
      return fail(errc::invalid_argument, "--cluster.tls: all three files are needed, or none");
    // One that cannot be read would end the process at the first connection.
    if (!file->empty() && ::access(file->c_str(), R_OK) != 0) return fail(errc::io, *file + ": cannot be read");
  }
  if (flags.role == cluster_role::coordinator) {
    if (auto good = check_arbiter(flags); !good) return good;
    return check_address(flags, flags.listen_address, "--cluster.listen-address");
  }
  if (flags.join.empty()) return fail(errc::invalid_argument, "--cluster.join: a worker needs a coordinator to join");
  for (const auto& each : flags.join)
    if (auto good = check_address(flags, each, "--cluster.join"); !good) return good;
  return {};
}

}  // namespace rollcall
