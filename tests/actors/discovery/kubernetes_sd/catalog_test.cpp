#include "actors/discovery/kubernetes_sd/catalog.hpp"

#include "actors/discovery/kubernetes_sd/object_reader.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace rollcall;
using namespace rollcall::kubernetes;

namespace {

using label_map = std::map<std::string, std::string>;
using texts = std::vector<std::string>;

object_ptr read(resource of, const std::string& json) {
  auto event = read_event(of, R"({"type":"ADDED","object":)" + json + "}");
  if (!event) throw std::runtime_error(event.error().message);
  return event->object;
}

/// The labels of a target with those of its group, without the prefix that all meta labels have.
label_map merged(const target_group& group, size_t index) {
  label_map out;
  auto add = [&](const packed_labels& from) {
    for (const auto& each : from) {
      std::string name(each.name);
      const std::string prefix = "__meta_kubernetes_";
      out[name.starts_with(prefix) ? name.substr(prefix.size()) : name] = std::string(each.value);
    }
  };
  add(group.common);
  add(group.targets.at(index));
  return out;
}

texts addresses(const target_group& group) {
  texts out;
  for (const auto& each : group.targets) out.emplace_back(each.get("__address__"));
  return out;
}

/// A catalog that is filled with JSON, and tells its groups by source.
struct fixture {
  explicit fixture(resource role, attached_metadata attach = {}) : subject(role, attach) {}

  void put(resource of, const std::string& json) {
    auto made = read(of, json);
    subject.apply(of, {{made->key(), made}});
  }
  void remove(resource of, const std::string& key) { subject.apply(of, {{key, nullptr}}); }

  std::map<std::string, target_group> take() {
    std::map<std::string, target_group> out;
    for (const auto& group : subject.take_changes([](std::string_view) { return true; }))
      out.emplace(group->source, *group);
    return out;
  }
  texts touched() {
    texts out;
    for (const auto& [source, group] : take()) out.push_back(source);
    return out;
  }

  catalog subject;
};

const std::string web_pod = R"({
  "metadata": {"name": "web", "namespace": "ns", "uid": "u1", "resourceVersion": "1",
               "labels": {"app.kubernetes.io/name": "web"}, "annotations": {"a-b": "c"},
               "ownerReferences": [{"kind": "ReplicaSet", "name": "web-5d", "controller": true}]},
  "spec": {"nodeName": "n1",
           "containers": [{"name": "c1", "image": "i1",
                           "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"},
                                     {"name": "admin", "containerPort": 81, "protocol": "TCP"}]},
                          {"name": "c2", "image": "i2"}],
           "initContainers": [{"name": "c0", "image": "i0"}]},
  "status": {"podIP": "10.0.0.1", "hostIP": "192.168.0.1", "phase": "Running",
             "conditions": [{"type": "Ready", "status": "True"}],
             "containerStatuses": [{"name": "c1", "containerID": "cri://1"}]}
})";

const label_map web_pod_labels = {{"pod_name", "web"},
                                  {"pod_label_app_kubernetes_io_name", "web"},
                                  {"pod_labelpresent_app_kubernetes_io_name", "true"},
                                  {"pod_annotation_a_b", "c"},
                                  {"pod_annotationpresent_a_b", "true"},
                                  {"pod_ip", "10.0.0.1"},
                                  {"pod_ready", "true"},
                                  {"pod_phase", "Running"},
                                  {"pod_node_name", "n1"},
                                  {"pod_host_ip", "192.168.0.1"},
                                  {"pod_uid", "u1"},
                                  {"pod_controller_kind", "ReplicaSet"},
                                  {"pod_controller_name", "web-5d"}};

label_map with(label_map base, const label_map& more) {
  base.insert(more.begin(), more.end());
  return base;
}

}  // namespace

TEST_CASE("a pod has a target for every port of its containers, and one for a container without ports") {
  fixture all(resource::pod);
  all.put(resource::pod, web_pod);
  auto groups = all.take();
  REQUIRE(groups.size() == 1);
  const auto& group = groups.at("pod/ns/web");
  CHECK(addresses(group) == texts{"10.0.0.1:80", "10.0.0.1:81", "10.0.0.1", "10.0.0.1"});
  const auto common = with(web_pod_labels, {{"namespace", "ns"}});
  CHECK(merged(group, 0) == with(common, {{"__address__", "10.0.0.1:80"},
                                          {"pod_container_name", "c1"},
                                          {"pod_container_id", "cri://1"},
                                          {"pod_container_image", "i1"},
                                          {"pod_container_init", "false"},
                                          {"pod_container_port_name", "http"},
                                          {"pod_container_port_number", "80"},
                                          {"pod_container_port_protocol", "TCP"}}));
  CHECK(merged(group, 3) == with(common, {{"__address__", "10.0.0.1"},
                                          {"pod_container_name", "c0"},
                                          {"pod_container_image", "i0"},
                                          {"pod_container_init", "true"}}));
}

TEST_CASE("a pod without an address has no targets, and one that went neither") {
  fixture all(resource::pod);
  all.put(resource::pod, R"({"metadata": {"name": "p", "namespace": "ns", "resourceVersion": "1"}})");
  CHECK(all.take().at("pod/ns/p").targets.empty());
  all.remove(resource::pod, "ns/p");
  CHECK(all.take().at("pod/ns/p").targets.empty());
}

TEST_CASE("a node is reached by its best address and the port of its kubelet") {
  fixture all(resource::node);
  all.put(resource::node, R"({
    "metadata": {"name": "n1", "resourceVersion": "1", "labels": {"zone": "a"}},
    "spec": {"providerID": "cloud://n1"},
    "status": {"addresses": [{"type": "Hostname", "address": "host"}, {"type": "InternalIP", "address": "fd00::1"},
                             {"type": "InternalIP", "address": "10.0.0.1"}],
               "conditions": [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "Unknown"}],
               "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}
  })");
  CHECK(merged(all.take().at("node/n1"), 0) == label_map{{"__address__", "[fd00::1]:10250"},
                                                         {"instance", "n1"},
                                                         {"node_name", "n1"},
                                                         {"node_label_zone", "a"},
                                                         {"node_labelpresent_zone", "true"},
                                                         {"node_provider_id", "cloud://n1"},
                                                         {"node_condition_ready", "true"},
                                                         {"node_condition_diskpressure", "unknown"},
                                                         {"node_address_Hostname", "host"},
                                                         {"node_address_InternalIP", "fd00::1"}});
}

TEST_CASE("a node that has no address any more keeps its target") {
  fixture all(resource::node);
  all.put(resource::node, R"({"metadata": {"name": "n1", "resourceVersion": "1"}, "status": {}})");
  CHECK(all.take().empty());
  all.remove(resource::node, "n1");
  CHECK(all.touched() == texts{"node/n1"});
}

TEST_CASE("a service has a target for every port, and labels by its type") {
  fixture all(resource::service);
  auto put = [&](const std::string& spec) {
    all.put(resource::service,
            R"({"metadata": {"name": "s", "namespace": "ns", "resourceVersion": "1"}, "spec": )" + spec + "}");
    return merged(all.take().at("svc/ns/s"), 0);
  };
  const label_map base = {
      {"namespace", "ns"},           {"service_name", "s"},         {"__address__", "s.ns.svc:80"},
      {"service_port_name", "http"}, {"service_port_number", "80"}, {"service_port_protocol", "TCP"}};
  const std::string ports = R"("ports": [{"name": "http", "port": 80, "protocol": "TCP"}])";
  CHECK(put(R"({"type": "ClusterIP", "clusterIP": "10.96.0.1", )" + ports + "}") ==
        with(base, {{"service_type", "ClusterIP"}, {"service_cluster_ip", "10.96.0.1"}}));
  CHECK(put(R"({"type": "LoadBalancer", "clusterIP": "10.96.0.1", "loadBalancerIP": "1.2.3.4", )" + ports + "}") ==
        with(base, {{"service_type", "LoadBalancer"},
                    {"service_cluster_ip", "10.96.0.1"},
                    {"service_loadbalancer_ip", "1.2.3.4"}}));
  CHECK(put(R"({"type": "ExternalName", "externalName": "db.example", )" + ports + "}") ==
        with(base, {{"service_type", "ExternalName"}, {"service_external_name", "db.example"}}));
}

TEST_CASE("endpoints are joined with their service and pods, whose other ports are targets too") {
  fixture all(resource::endpoints, {.node = true});
  all.put(resource::endpoints, R"({
    "metadata": {"name": "web", "namespace": "ns", "resourceVersion": "1", "labels": {"x": "y"}},
    "subsets": [{"addresses": [{"ip": "10.0.0.1", "nodeName": "n1", "hostname": "h",
                                "targetRef": {"kind": "Pod", "name": "web", "namespace": "ns"}}],
                 "notReadyAddresses": [{"ip": "10.0.0.9"}],
                 "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}]
  })");
  // Nothing else is known yet.
  CHECK(addresses(all.take().at("endpoints/ns/web")) == texts{"10.0.0.1:80", "10.0.0.9:80"});

  all.put(resource::service, R"({"metadata": {"name": "web", "namespace": "ns", "resourceVersion": "1"}})");
  CHECK(all.touched() == texts{"endpoints/ns/web"});
  all.put(resource::node, R"({"metadata": {"name": "n1", "resourceVersion": "1", "labels": {"zone": "a"}}})");
  CHECK(all.touched() == texts{"endpoints/ns/web"});
  all.put(resource::pod, web_pod);
  auto group = all.take().at("endpoints/ns/web");
  CHECK(addresses(group) == texts{"10.0.0.1:80", "10.0.0.9:80", "10.0.0.1:81"});

  const label_map common = {{"namespace", "ns"},
                            {"service_name", "web"},
                            {"endpoints_name", "web"},
                            {"endpoints_label_x", "y"},
                            {"endpoints_labelpresent_x", "true"}};
  const auto of_pod = with(common, web_pod_labels);
  CHECK(merged(group, 0) == with(of_pod, {{"__address__", "10.0.0.1:80"},
                                          {"endpoint_port_name", "http"},
                                          {"endpoint_port_protocol", "TCP"},
                                          {"endpoint_ready", "true"},
                                          {"endpoint_node_name", "n1"},
                                          {"endpoint_hostname", "h"},
                                          {"endpoint_address_target_kind", "Pod"},
                                          {"endpoint_address_target_name", "web"},
                                          {"node_name", "n1"},
                                          {"node_label_zone", "a"},
                                          {"node_labelpresent_zone", "true"},
                                          {"pod_container_name", "c1"},
                                          {"pod_container_image", "i1"},
                                          {"pod_container_init", "false"},
                                          {"pod_container_port_name", "http"},
                                          {"pod_container_port_number", "80"},
                                          {"pod_container_port_protocol", "TCP"}}));
  CHECK(merged(group, 1) == with(common, {{"__address__", "10.0.0.9:80"},
                                          {"endpoint_port_name", "http"},
                                          {"endpoint_port_protocol", "TCP"},
                                          {"endpoint_ready", "false"}}));
  CHECK(merged(group, 2) == with(of_pod, {{"__address__", "10.0.0.1:81"},
                                          {"pod_container_name", "c1"},
                                          {"pod_container_image", "i1"},
                                          {"pod_container_init", "false"},
                                          {"pod_container_port_name", "admin"},
                                          {"pod_container_port_number", "81"},
                                          {"pod_container_port_protocol", "TCP"}}));
}

TEST_CASE("an endpoint slice has all that is said of its endpoints, and the labels of the service that it names") {
  fixture all(resource::endpoint_slice);
  all.put(resource::service, R"({"metadata": {"name": "web", "namespace": "ns", "resourceVersion": "1"}})");
  all.put(resource::endpoint_slice, R"({
    "metadata": {"name": "web-x", "namespace": "ns", "resourceVersion": "1",
                 "labels": {"kubernetes.io/service-name": "web"}},
    "addressType": "IPv6",
    "ports": [{"name": "http", "port": 80, "protocol": "TCP", "appProtocol": "h2c"}, {"name": "any"}],
    "endpoints": [{"addresses": ["fd00::1"], "conditions": {"ready": true, "serving": true, "terminating": false},
                   "hostname": "h", "nodeName": "n1", "zone": "z",
                   "targetRef": {"kind": "Node", "name": "n1"}, "deprecatedTopology": {"a/b": "c"}}]
  })");
  auto group = all.take().at("endpointslice/ns/web-x");
  CHECK(addresses(group) == texts{"[fd00::1]:80", "fd00::1"});
  CHECK(merged(group, 0) == label_map{{"__address__", "[fd00::1]:80"},
                                      {"namespace", "ns"},
                                      {"service_name", "web"},
                                      {"endpointslice_name", "web-x"},
                                      {"endpointslice_label_kubernetes_io_service_name", "web"},
                                      {"endpointslice_labelpresent_kubernetes_io_service_name", "true"},
                                      {"endpointslice_address_type", "IPv6"},
                                      {"endpointslice_port", "80"},
                                      {"endpointslice_port_name", "http"},
                                      {"endpointslice_port_protocol", "TCP"},
                                      {"endpointslice_port_app_protocol", "h2c"},
                                      {"endpointslice_endpoint_conditions_ready", "true"},
                                      {"endpointslice_endpoint_conditions_serving", "true"},
                                      {"endpointslice_endpoint_conditions_terminating", "false"},
                                      {"endpointslice_endpoint_hostname", "h"},
                                      {"endpointslice_endpoint_node_name", "n1"},
                                      {"endpointslice_endpoint_zone", "z"},
                                      {"endpointslice_address_target_kind", "Node"},
                                      {"endpointslice_address_target_name", "n1"},
                                      {"endpointslice_endpoint_topology_a_b", "c"},
                                      {"endpointslice_endpoint_topology_present_a_b", "true"}});
}

TEST_CASE("the slice of a dual-stack service's second family yields no targets") {
  const auto policy = GENERATE(as<std::string>(), "PreferDualStack", "RequireDualStack", "SingleStack");
  fixture all(resource::endpoint_slice);
  all.put(resource::service, R"({"metadata": {"name": "web", "namespace": "ns", "resourceVersion": "1"},
                                 "spec": {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": ")" +
                                 policy + R"("}})");
  for (const char* type : {"IPv4", "IPv6"})
    all.put(resource::endpoint_slice, R"({"metadata": {"name": ")" + std::string(type) +
                                          R"(", "namespace": "ns", "resourceVersion": "1",
                                          "labels": {"kubernetes.io/service-name": "web"}},
                                          "addressType": ")" +
                                          type + R"(", "ports": [{"port": 1}], "endpoints": [{"addresses": ["x"]}]})");
  auto groups = all.take();
  CHECK(groups.at("endpointslice/ns/IPv4").targets.size() == 1);
  CHECK(groups.at("endpointslice/ns/IPv6").targets.size() == (policy == "SingleStack" ? 1 : 0));
}

TEST_CASE("an ingress has a target for every path of its rules, encrypted where a certificate covers the host") {
  fixture all(resource::ingress);
  all.put(resource::ingress, R"({
    "metadata": {"name": "i", "namespace": "ns", "resourceVersion": "1"},
    "spec": {"ingressClassName": "nginx", "tls": [{"hosts": ["a.example", "*.b.example"]}],
             "rules": [{"host": "a.example", "http": {"paths": [{"path": "/x"}, {}]}},
                       {"host": "one.b.example"}, {"host": "two.one.b.example"}, {"host": "b.example"},
                       {"host": ".b.example"}]}
  })");
  auto group = all.take().at("ingress/ns/i");
  CHECK(merged(group, 0) == label_map{{"__address__", "a.example"},
                                      {"namespace", "ns"},
                                      {"ingress_name", "i"},
                                      {"ingress_class_name", "nginx"},
                                      {"ingress_scheme", "https"},
                                      {"ingress_host", "a.example"},
                                      {"ingress_path", "/x"}});
  texts schemes;
  for (size_t i = 0; i < group.targets.size(); ++i)
    schemes.push_back(merged(group, i)["ingress_host"] + merged(group, i)["ingress_path"] + ' ' +
                      merged(group, i)["ingress_scheme"]);
  CHECK(schemes == texts{"a.example/x https", "a.example/ https", "one.b.example/ https", "two.one.b.example/ http",
                         "b.example/ http", ".b.example/ http"});
}

TEST_CASE("what is attached comes from nodes, namespaces and the owners of owners") {
  fixture all(resource::pod, {.node = true, .name_space = true, .deployment = true, .job = true, .cron_job = true});
  all.put(resource::pod, web_pod);
  all.put(resource::pod, R"({
    "metadata": {"name": "run", "namespace": "ns", "resourceVersion": "1",
                 "ownerReferences": [{"kind": "Job", "name": "nightly-1", "controller": true}]},
    "spec": {"containers": [{"name": "c"}]}, "status": {"podIP": "10.0.0.2"}})");
  all.put(resource::node, R"({"metadata": {"name": "n1", "resourceVersion": "1", "labels": {"zone": "a"}}})");
  all.put(resource::name_space,
          R"({"metadata": {"name": "ns", "resourceVersion": "1", "annotations": {"team": "t"}}})");
  all.put(resource::replica_set, R"({"metadata": {"name": "web-5d", "namespace": "ns", "resourceVersion": "1",
    "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]}})");
  all.put(resource::job, R"({"metadata": {"name": "nightly-1", "namespace": "ns", "resourceVersion": "1",
    "ownerReferences": [{"kind": "CronJob", "name": "nightly", "controller": true}]}})");
  auto groups = all.take();
  auto web = merged(groups.at("pod/ns/web"), 0);
  CHECK(web["node_name"] == "n1");
  CHECK(web["node_label_zone"] == "a");
  CHECK(web["namespace_annotation_team"] == "t");
  CHECK(web["namespace_annotationpresent_team"] == "true");
  CHECK_FALSE(web.contains("namespace_name"));
  CHECK(web["pod_deployment_name"] == "web");
  CHECK_FALSE(web.contains("pod_job_name"));
  auto run = merged(groups.at("pod/ns/run"), 0);
  CHECK(run["pod_job_name"] == "nightly-1");
  CHECK(run["pod_cronjob_name"] == "nightly");
  CHECK_FALSE(run.contains("pod_deployment_name"));
}

TEST_CASE("only the groups that an object is part of are touched by it") {
  fixture all(resource::endpoints);
  for (const char* name : {"a", "b"})
    all.put(resource::endpoints, R"({"metadata": {"name": ")" + std::string(name) +
                                     R"(", "namespace": "ns", "resourceVersion": "1"},
      "subsets": [{"addresses": [{"ip": "1.1.1.1", "targetRef": {"kind": "Pod", "namespace": "ns", "name": ")" +
                                     name + R"("}}],
                   "ports": [{"port": 1}]}]})");
  CHECK(all.touched() == texts{"endpoints/ns/a", "endpoints/ns/b"});
  CHECK(all.touched().empty());
  auto pod = [](const std::string& name) {
    return R"({"metadata": {"name": ")" + name + R"(", "namespace": "ns", "resourceVersion": "1"}})";
  };
  all.put(resource::pod, pod("a"));
  CHECK(all.touched() == texts{"endpoints/ns/a"});
  all.put(resource::pod, pod("c"));
  CHECK(all.touched().empty());
  all.remove(resource::pod, "ns/a");
  CHECK(all.touched() == texts{"endpoints/ns/a"});
  // What an object no longer refers to does not touch it any more.
  all.put(resource::endpoints, R"({"metadata": {"name": "a", "namespace": "ns", "resourceVersion": "2"}})");
  CHECK(all.touched() == texts{"endpoints/ns/a"});
  all.put(resource::pod, pod("a"));
  CHECK(all.touched().empty());
}

TEST_CASE("groups of a namespace that is not wanted wait") {
  fixture all(resource::pod);
  all.put(resource::pod, web_pod);
  CHECK(all.subject.take_changes([](std::string_view name_space) { return name_space != "ns"; }).empty());
  CHECK(all.touched() == texts{"pod/ns/web"});
  all.subject.touch_all();
  CHECK(all.touched() == texts{"pod/ns/web"});
}

TEST_CASE("what was taken before everything was known is told once more then, as it is by now") {
  fixture all(resource::pod);
  for (const char* name : {"a", "b", "c"})
    all.put(resource::pod, R"({"metadata": {"name": ")" + std::string(name) +
                               R"(", "namespace": "ns", "resourceVersion": "1"},
                               "spec": {"containers": [{"name": "c"}]}, "status": {"podIP": "10.0.0.1"}})");
  CHECK(all.touched() == texts{"pod/ns/a", "pod/ns/b", "pod/ns/c"});
  all.remove(resource::pod, "ns/b");
  CHECK(all.touched() == texts{"pod/ns/b"});
  all.remove(resource::pod, "ns/c");
  all.put(resource::pod, web_pod);
  all.subject.touch_all();
  auto groups = all.take();
  CHECK_FALSE(groups.at("pod/ns/a").targets.empty());
  CHECK((!groups.contains("pod/ns/b") || groups.at("pod/ns/b").targets.empty()));
  CHECK(groups.at("pod/ns/c").targets.empty());
  CHECK_FALSE(groups.at("pod/ns/web").targets.empty());
  CHECK(all.touched().empty());
}

TEST_CASE("what was let go after everything was known is told again by its next change") {
  fixture all(resource::pod);
  all.put(resource::pod, web_pod);
  all.subject.touch_all();
  CHECK(all.touched() == texts{"pod/ns/web"});
  all.put(resource::pod, web_pod);
  auto groups = all.take();
  REQUIRE(groups.size() == 1);
  CHECK_FALSE(groups.at("pod/ns/web").targets.empty());
  all.remove(resource::pod, "ns/web");
  groups = all.take();
  REQUIRE(groups.size() == 1);
  CHECK(groups.at("pod/ns/web").targets.empty());
}
