#include "actors/discovery/kubernetes_sd/object_digest.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace rollcall::kubernetes;

namespace {

object pod_with_everything() {
  object out;
  out.metadata = {"web-0", "shop", "uid", {{"app", "web"}}, {{"note", "x"}}, {"ReplicaSet", "web"}};
  pod body;
  body.ip = "10.0.0.1";
  body.host_ip = "192.168.0.1";
  body.phase = "Running";
  body.node_name = "n1";
  body.ready = "true";
  body.containers = {{"web", "registry/web:1", "cri://1", false, {{"http", 80, "TCP", std::nullopt}}}};
  out.body = body;
  return out;
}

}  // namespace

TEST_CASE("equal objects have equal digests, whatever their versions") {
  auto one = pod_with_everything();
  auto two = one;
  two.version = "99";
  CHECK(digest_of(one) == digest_of(two));
  CHECK(digest_of(object()) != 0);
}

TEST_CASE("whatever an object says is in its digest") {
  std::set<uint64_t> seen = {digest_of(pod_with_everything())};
  auto differs = [&](auto change) {
    auto changed = pod_with_everything();
    change(changed, std::get<pod>(changed.body));
    return seen.insert(digest_of(changed)).second;
  };
  CHECK(differs([](object& of, pod&) { of.metadata.name = "web-1"; }));
  CHECK(differs([](object& of, pod&) { of.metadata.name_space = ""; }));
  CHECK(differs([](object& of, pod&) { of.metadata.uid = "other"; }));
  CHECK(differs([](object& of, pod&) { of.metadata.labels[0].second = "other"; }));
  CHECK(differs([](object& of, pod&) { of.metadata.labels.swap(of.metadata.annotations); }));
  CHECK(differs([](object& of, pod&) { of.metadata.annotations.clear(); }));
  CHECK(differs([](object& of, pod&) { of.metadata.controller.kind = ""; }));
  CHECK(differs([](object&, pod& of) { of.ip = ""; }));
  CHECK(differs([](object&, pod& of) { std::swap(of.ip, of.host_ip); }));
  CHECK(differs([](object&, pod& of) { of.ready = "false"; }));
  CHECK(differs([](object&, pod& of) { of.containers[0].init = true; }));
  CHECK(differs([](object&, pod& of) { of.containers[0].ports[0].number = 81; }));
  CHECK(differs([](object&, pod& of) { of.containers[0].ports[0].app_protocol = ""; }));
  CHECK(differs([](object& of, pod&) { of.body = node(); }));
  CHECK(differs([](object& of, pod&) { of.body = std::monostate(); }));
}
