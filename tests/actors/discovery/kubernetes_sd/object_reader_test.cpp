#include "actors/discovery/kubernetes_sd/object_reader.hpp"

#include "actors/discovery/kubernetes_sd/json_filter.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::kubernetes;

namespace {

const std::string pod_json = R"({
  "metadata": {
    "name": "web-0", "namespace": "shop", "uid": "u-1", "resourceVersion": "7",
    "managedFields": [{"name": "not this name"}],
    "labels": {"env": "prod", "managedFields": "kept"},
    "annotations": {"a/b": "c", "odd": 1},
    "ownerReferences": [
      {"kind": "Other", "name": "o"},
      {"kind": "ReplicaSet", "name": "web", "controller": true}
    ]
  },
  "spec": {
    "nodeName": "n1",
    "containers": [{"name": "c", "image": "i", "env": [{"name": "X"}],
                    "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}],
    "initContainers": [{"name": "prepare", "image": "p"}]
  },
  "status": {
    "podIP": "10.0.0.1", "hostIP": "192.168.0.1", "phase": "Running",
    "conditions": [{"type": "Initialized", "status": "False"}, {"type": "Ready", "status": "True"}],
    "containerStatuses": [{"name": "c", "containerID": "containerd://1"}],
    "initContainerStatuses": [{"name": "prepare", "containerID": "containerd://2"}]
  }
})";

std::string event_of(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

}  // namespace

TEST_CASE("of a pod everything is read that its labels need") {
  auto event = read_event(resource::pod, event_of("ADDED", pod_json));
  REQUIRE(event);
  CHECK(event->kind == event_kind::added);
  const auto& read = *event->object;
  CHECK(read.key() == "shop/web-0");
  CHECK(read.version == "7");
  CHECK(read.metadata.uid == "u-1");
  CHECK(read.metadata.labels == text_pairs{{"env", "prod"}, {"managedFields", "kept"}});
  CHECK(read.metadata.annotations == text_pairs{{"a/b", "c"}});
  CHECK(read.metadata.controller == controller{"ReplicaSet", "web"});
  const auto& about = std::get<pod>(read.body);
  CHECK(about.ip == "10.0.0.1");
  CHECK(about.host_ip == "192.168.0.1");
  CHECK(about.phase == "Running");
  CHECK(about.node_name == "n1");
  CHECK(about.ready == "true");
  REQUIRE(about.containers.size() == 2);
  CHECK(about.containers[0] == container{"c", "i", "containerd://1", false, {port{"http", 80, "TCP", std::nullopt}}});
  CHECK(about.containers[1] == container{"prepare", "p", "containerd://2", true, {}});
}

TEST_CASE("what nobody needs is dropped while the text is parsed, and only where it stands") {
  const kept_key keys{"", {{"a", {}}, {"list", {{"x", {}}}}, {"map", {{"a", {{"b", {}}}}}}}};
  auto filtered =
      parse_filtered(R"({"a":{"b":[1,{"c":2}]},"b":{"a":1,"list":[{"x":1}]},"list":[{"x":1,"y":2},3,[{"x":4,"y":5}]],)"
                     R"("map":{"a":{"b":1,"c":2},"b":{"b":1}}})",
                     keys);
  REQUIRE(filtered);
  CHECK(filtered->dump() == R"({"a":{"b":[1,{"c":2}]},"list":[{"x":1},3,[{"x":4}]],"map":{"a":{"b":1}}})");
}

TEST_CASE("a list is read with its version and where it goes on") {
  auto list =
      read_list(resource::pod,
                R"({"kind":"PodList","metadata":{"resourceVersion":"99","continue":"c"},"items":[)" + pod_json + "]}");
  REQUIRE(list);
  CHECK(list->version == "99");
  CHECK(list->continue_token == "c");
  REQUIRE(list->items.size() == 1);
  CHECK(list->items[0]->key() == "shop/web-0");
  // Go writes an empty list as null.
  CHECK(read_list(resource::pod, R"({"metadata":{"resourceVersion":"1"},"items":null})")->items.empty());
}

TEST_CASE("an error in a watch tells its code") {
  auto event = read_event(resource::pod,
                          event_of("ERROR", R"({"kind":"Status","code":410,"reason":"Expired","message":"too old"})"));
  REQUIRE(event);
  CHECK(event->kind == event_kind::error);
  CHECK(event->code == 410);
  CHECK(event->message == "too old");
}

TEST_CASE("a bookmark has a version and need not have a name") {
  auto event = read_event(resource::node, event_of("BOOKMARK", R"({"metadata":{"resourceVersion":"5"}})"));
  REQUIRE(event);
  CHECK(event->kind == event_kind::bookmark);
  CHECK(event->object->version == "5");
}

TEST_CASE("absent is told from empty where it makes a difference") {
  auto event = read_event(resource::endpoint_slice, event_of("ADDED", R"({
    "metadata": {"name": "s", "namespace": "ns", "resourceVersion": "1"},
    "addressType": "IPv4",
    "ports": [{"name": "", "port": 80}, {"protocol": "UDP", "appProtocol": "h2c"}],
    "endpoints": [
      {"addresses": ["1.1.1.1", 2], "conditions": {"ready": true, "serving": false},
       "hostname": "h", "nodeName": "n", "zone": "z", "targetRef": {"kind": "Pod", "name": "p", "namespace": "ns"},
       "deprecatedTopology": {"rack": "1"}},
      {"addresses": []}
    ]
  })"));
  REQUIRE(event);
  const auto& slice = std::get<endpoint_slice>(event->object->body);
  REQUIRE(slice.ports.size() == 2);
  CHECK(slice.ports[0] == port{"", 80, std::nullopt, std::nullopt});
  CHECK(slice.ports[1] == port{std::nullopt, std::nullopt, "UDP", "h2c"});
  REQUIRE(slice.endpoints.size() == 2);
  const auto& full = slice.endpoints[0];
  CHECK(full.addresses == std::vector<std::string>{"1.1.1.1"});
  CHECK(full.ready == true);
  CHECK(full.serving == false);
  CHECK(full.terminating == std::nullopt);
  CHECK(full.target == target_reference{"Pod", "p", "ns"});
  CHECK(full.topology == text_pairs{{"rack", "1"}});
  CHECK(slice.endpoints[1] == slice_endpoint{});
}

TEST_CASE("fields of the wrong type count as absent") {
  auto event = read_event(resource::service, event_of("ADDED", R"({
    "metadata": {"name": "s", "namespace": "ns", "resourceVersion": "1", "labels": [], "ownerReferences": {"a": 1}},
    "spec": {"type": 1, "clusterIP": null, "ports": [{"port": "http"}, 7, null], "ipFamilies": ["IPv6"]}
  })"));
  REQUIRE(event);
  const auto& about = std::get<service>(event->object->body);
  CHECK(about.type.empty());
  CHECK(about.ip_family == "IPv6");
  REQUIRE(about.ports.size() == 3);
  CHECK(about.ports[0] == port{});
}

TEST_CASE("what is no event or no list is an error") {
  for (const char* bad :
       {"", "{", "null", "[]", "1", R"({"type":"NEW","object":{"metadata":{"name":"a","resourceVersion":"1"}}})",
        R"({"type":"ADDED"})", R"({"type":"ADDED","object":{"metadata":{"name":"a"}}})",
        R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}})", R"({"object":{}})"}) {
    INFO(bad);
    CHECK_FALSE(read_event(resource::pod, bad));
  }
  for (const char* bad : {"", "[]", "{}", R"({"metadata":{"resourceVersion":"1"},"items":[{}]})",
                          R"({"metadata":{"resourceVersion":"1"},"items":[)"}) {
    INFO(bad);
    CHECK_FALSE(read_list(resource::pod, bad));
  }
  const auto deep = std::string(10'000, '[');
  CHECK_FALSE(read_event(resource::pod, R"({"type":"ADDED","object":)" + deep + std::string(10'000, ']') + "}"));
}

TEST_CASE("the message of a refusal is that of its Status, or its beginning") {
  CHECK(read_status_message(R"({"kind":"Status","message":"pods is forbidden","code":403})") == "pods is forbidden");
  CHECK(read_status_message("<html>") == "<html>");
  CHECK(read_status_message(std::string(1000, 'x')).size() == 200);
}
