#include "lib/cluster/kubernetes_arbiter.hpp"

#include "lib/cluster/arbiter_json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace rollcall::cluster {

namespace {

using nlohmann::json;

constexpr int not_found = 404;
constexpr int conflict = 409;
constexpr const char* epoch_annotation = "rollcall/epoch";
constexpr const char* address_annotation = "rollcall/address";
constexpr const char* renewals_annotation = "rollcall/renewals";

json child(const json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : json::object();
}

// RFC 3339 with microseconds, which is what a Lease takes.
std::string micro_time(int64_t wall) {
  auto time = std::max<int64_t>(wall, 0);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}000Z", fmt::gmtime(static_cast<std::time_t>(time / 1000)), time % 1000);
}

int64_t whole_seconds(milliseconds lease) { return std::chrono::ceil<std::chrono::seconds>(lease).count(); }

}  // namespace

std::string kubernetes_arbiter::leases_url() const {
  return server_ + "/apis/coordination.k8s.io/v1/namespaces/" + namespace_ + "/leases";
}

arbiter_request kubernetes_arbiter::read() const { return {"GET", leases_url() + '/' + name_, {}}; }

arbiter_request kubernetes_arbiter::write(const std::string& expected, const mandate& wanted, int64_t wall) const {
  json metadata{{"name", name_}, {"namespace", namespace_}};
  metadata["annotations"] = {{epoch_annotation, std::to_string(wanted.epoch)},
                             {address_annotation, wanted.address},
                             {renewals_annotation, std::to_string(wanted.renewals)}};
  if (!expected.empty()) metadata["resourceVersion"] = expected;
  json spec{{"holderIdentity", wanted.holder},
            {"leaseDurationSeconds", whole_seconds(wanted.lease)},
            {"renewTime", micro_time(wall)}};
  json body{{"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", metadata}, {"spec", spec}};
  if (expected.empty()) return {"POST", leases_url(), body.dump()};
  return {"PUT", leases_url() + '/' + name_, body.dump()};
}

result<register_content> kubernetes_arbiter::content_of(int status, const std::string& body) const {
  if (status == not_found) return register_content{};
  auto answer = parse_answer(status, body);
  if (!answer) return tl::unexpected(answer.error());
  auto metadata = child(*answer, "metadata");
  auto annotations = child(metadata, "annotations");
  auto spec = child(*answer, "spec");
  auto version = text_in(metadata, "resourceVersion");
  if (version.empty()) return fail(errc::syntax, "the Lease has no resource version");
  // One that somebody made by hand, so that coordinators need not be allowed to.
  if (annotations.empty() && text_in(spec, "holderIdentity").empty()) return register_content{version, {}};
  mandate read;
  read.epoch = number_in(annotations, epoch_annotation);
  read.holder = text_in(spec, "holderIdentity");
  read.address = text_in(annotations, address_annotation);
  auto seconds = std::min<uint64_t>(number_in(spec, "leaseDurationSeconds"), INT32_MAX);
  read.lease = std::chrono::seconds(static_cast<int64_t>(seconds));
  read.renewals = number_in(annotations, renewals_annotation);
  if (!is_plausible(read)) return fail(errc::syntax, "the Lease is not what a coordinator wrote");
  return register_content{version, std::move(read)};
}

result<write_outcome> kubernetes_arbiter::outcome_of(int status, const std::string& body) const {
  if (status == conflict) return write_outcome{};
  auto answer = parse_answer(status, body);
  if (!answer) return tl::unexpected(answer.error());
  auto version = text_in(child(*answer, "metadata"), "resourceVersion");
  if (version.empty()) return fail(errc::syntax, "the Lease has no resource version");
  return write_outcome{true, version};
}

}  // namespace rollcall::cluster
