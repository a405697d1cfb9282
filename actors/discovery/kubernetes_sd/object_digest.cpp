#include "actors/discovery/kubernetes_sd/object_digest.hpp"

#include <xxhash.h>

#include <tuple>
#include <type_traits>

namespace rollcall::kubernetes {

namespace {

// What each part of an object consists of.
auto fields(const controller& of) { return std::tie(of.kind, of.name); }
auto fields(const metadata& of) {
  return std::tie(of.name, of.name_space, of.uid, of.labels, of.annotations, of.controller);
}
auto fields(const port& of) { return std::tie(of.name, of.number, of.protocol, of.app_protocol); }
auto fields(const target_reference& of) { return std::tie(of.kind, of.name, of.name_space); }
auto fields(const container& of) { return std::tie(of.name, of.image, of.id, of.init, of.ports); }
auto fields(const pod& of) { return std::tie(of.ip, of.host_ip, of.phase, of.node_name, of.ready, of.containers); }
auto fields(const node& of) { return std::tie(of.provider_id, of.conditions, of.addresses, of.kubelet_port); }
auto fields(const service& of) {
  return std::tie(of.type, of.cluster_ip, of.external_name, of.load_balancer_ip, of.ip_family_policy, of.ip_family,
                  of.ports);
}
auto fields(const endpoint_address& of) { return std::tie(of.ip, of.hostname, of.node_name, of.target); }
auto fields(const endpoint_subset& of) { return std::tie(of.ready, of.not_ready, of.ports); }
auto fields(const endpoints& of) { return std::tie(of.subsets); }
auto fields(const slice_endpoint& of) {
  return std::tie(of.addresses, of.ready, of.serving, of.terminating, of.hostname, of.node_name, of.zone, of.target,
                  of.topology);
}
auto fields(const endpoint_slice& of) { return std::tie(of.address_type, of.ports, of.endpoints); }
auto fields(const ingress_rule& of) { return std::tie(of.host, of.paths); }
auto fields(const ingress& of) { return std::tie(of.class_name, of.tls_hosts, of.rules); }

class digest {
 public:
  void add(std::monostate) {}
  void add(const std::string& text) {
    add(text.size());
    value_ = XXH64(text.data(), text.size(), value_);
  }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  void add(Number number) {
    value_ = XXH64(&number, sizeof number, value_);
  }
  template <class First, class Second>
  void add(const std::pair<First, Second>& both) {
    add(both.first);
    add(both.second);
  }
  template <class T>
  void add(const std::optional<T>& maybe) {
    add(maybe.has_value());
    if (maybe) add(*maybe);
  }
  template <class T>
  void add(const std::vector<T>& list) {
    add(list.size());
    for (const auto& each : list) add(each);
  }
  template <class Part>
    requires requires(const Part& part) { fields(part); }
  void add(const Part& part) {
    std::apply([this](const auto&... each) { (add(each), ...); }, fields(part));
  }

  uint64_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  uint64_t value_ = 0;
};

}  // namespace

uint64_t digest_of(const object& of) {
  digest out;
  out.add(of.metadata);
  out.add(of.body.index());
  std::visit([&](const auto& body) { out.add(body); }, of.body);
  return out.value();
}

}  // namespace rollcall::kubernetes
