#include "actors/discovery/dockerswarm_sd/dockerswarm_sd.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

using texts = std::vector<std::string>;
using pairs = std::vector<std::pair<std::string, std::string>>;

const std::string services_json = R"([
  {"ID": "s1", "UpdateStatus": {"State": "completed"},
   "Spec": {"Name": "web", "Labels": {"team.x": "a"}, "Mode": {"Replicated": {"Replicas": 2}},
            "TaskTemplate": {"ContainerSpec": {"Image": "web:1", "Hostname": "h"}}},
   "Endpoint": {"Ports": [{"Name": "http", "Protocol": "tcp", "PublishedPort": 8080, "PublishMode": "ingress"},
                          {"Protocol": "udp", "PublishedPort": 53, "PublishMode": "ingress"}],
                "VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.0.3/24"}, {"NetworkID": "n2", "Addr": "fd00::3/64"}]}},
  {"ID": "s2", "Spec": {"Name": "agent", "Mode": {"Global": {}}},
   "Endpoint": {"VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.0.9/24"}]}}
])";
const std::string tasks_json = R"([
  {"ID": "t1", "ServiceID": "s1", "NodeID": "m1", "Slot": 2, "DesiredState": "running",
   "Spec": {"ContainerSpec": {"Labels": {"tier-1": "x"}}},
   "Status": {"State": "running", "ContainerStatus": {"ContainerID": "c1"},
              "PortStatus": {"Ports": [{"Protocol": "tcp", "PublishedPort": 9000, "PublishMode": "host"}]}},
   "NetworksAttachments": [{"Network": {"ID": "n1"}, "Addresses": ["10.0.0.7/24"]}]},
  {"ID": "t2", "ServiceID": "s2", "NodeID": "m2", "DesiredState": "shutdown", "Status": {"State": "failed"},
   "NetworksAttachments": [{"Network": {"ID": "n2"}, "Addresses": ["fd00::7/64", "10.1.0.7/24"]}]}
])";
const std::string nodes_json = R"([
  {"ID": "m1", "Spec": {"Role": "manager", "Availability": "active", "Labels": {"zone": "z"}},
   "Description": {"Hostname": "one", "Platform": {"Architecture": "x86_64", "OS": "linux"},
                   "Engine": {"EngineVersion": "20.10"}},
   "Status": {"State": "ready", "Addr": "192.168.0.1"},
   "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "192.168.0.1:2377"}},
  {"ID": "m2", "Spec": {"Role": "worker"}, "Status": {"Addr": "fd00::1"}}
])";
const std::string networks_json =
    R"([{"Id": "n1", "Name": "ingress", "Scope": "swarm", "Internal": false, "Ingress": true}])";

const pairs network_1 = {{"__meta_dockerswarm_network_id", "n1"},
                         {"__meta_dockerswarm_network_name", "ingress"},
                         {"__meta_dockerswarm_network_scope", "swarm"},
                         {"__meta_dockerswarm_network_internal", "false"},
                         {"__meta_dockerswarm_network_ingress", "true"}};
const pairs service_1 = {{"__meta_dockerswarm_service_id", "s1"},
                         {"__meta_dockerswarm_service_name", "web"},
                         {"__meta_dockerswarm_service_mode", "replicated"},
                         {"__meta_dockerswarm_service_label_team_x", "a"}};
const pairs node_1 = {{"__meta_dockerswarm_node_id", "m1"},
                      {"__meta_dockerswarm_node_role", "manager"},
                      {"__meta_dockerswarm_node_availability", "active"},
                      {"__meta_dockerswarm_node_hostname", "one"},
                      {"__meta_dockerswarm_node_platform_architecture", "x86_64"},
                      {"__meta_dockerswarm_node_platform_os", "linux"},
                      {"__meta_dockerswarm_node_engine_version", "20.10"},
                      {"__meta_dockerswarm_node_status", "ready"},
                      {"__meta_dockerswarm_node_address", "192.168.0.1"},
                      {"__meta_dockerswarm_node_manager_leader", "true"},
                      {"__meta_dockerswarm_node_manager_reachability", "reachable"},
                      {"__meta_dockerswarm_node_manager_address", "192.168.0.1:2377"},
                      {"__meta_dockerswarm_node_label_zone", "z"}};

labels joined(std::initializer_list<pairs> parts) {
  pairs all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return labels::of(all);
}

request_plan plan(swarm_role role) {
  dockerswarm_sd_options options;
  options.role = role;
  options.common.port = 9100;
  options.common.address = {"http://h", "", false};
  options.common.filters = {{"label", {"x"}}};
  return plan_swarm_refresh(options);
}

std::vector<std::string> asked(swarm_role role) {
  std::vector<std::string> out;
  for (const auto& request : plan(role).requests) out.push_back(request->url);
  return out;
}

result<std::vector<target_group>> read(swarm_role role, const std::vector<std::string>& bodies) {
  std::vector<http::response> answers;
  for (const auto& body : bodies) {
    http::response answer;
    answer.status = 200;
    answer.body = body;
    answers.push_back(answer);
  }
  return plan(role).read(answers);
}

std::vector<packed_labels> targets(swarm_role role, const std::vector<std::string>& bodies) {
  auto groups = read(role, bodies);
  REQUIRE(groups);
  REQUIRE(groups->size() == 1);
  CHECK(groups->at(0).source == "DockerSwarm");
  return groups->at(0).targets;
}

texts of(const std::vector<packed_labels>& found) {
  texts out;
  for (const auto& target : found) out.push_back(std::string(target.get("__address__")));
  return out;
}

const std::string filters = "?filters=%7B%22label%22%3A%5B%22x%22%5D%7D";

}  // namespace

TEST_CASE("each role asks for what it needs, with the filters on what it lists") {
  CHECK(asked(swarm_role::services) == texts{"http://h/services" + filters, "http://h/networks"});
  CHECK(asked(swarm_role::tasks) ==
        texts{"http://h/tasks" + filters, "http://h/services", "http://h/nodes", "http://h/networks"});
  CHECK(asked(swarm_role::nodes) == texts{"http://h/nodes" + filters});
}

TEST_CASE("a service has a target for each virtual address and published TCP port") {
  auto found = targets(swarm_role::services, {services_json, networks_json});
  CHECK(of(found) == texts{"10.0.0.3:8080", "[fd00::3]:8080", "10.0.0.9:9100"});
  CHECK(found[0] == joined({service_1,
                            network_1,
                            {{"__address__", "10.0.0.3:8080"},
                             {"__meta_dockerswarm_service_endpoint_port_name", "http"},
                             {"__meta_dockerswarm_service_endpoint_port_publish_mode", "ingress"},
                             {"__meta_dockerswarm_service_task_container_hostname", "h"},
                             {"__meta_dockerswarm_service_task_container_image", "web:1"},
                             {"__meta_dockerswarm_service_updating_status", "completed"}}}));
  CHECK(found[2] == joined({network_1,
                            {{"__address__", "10.0.0.9:9100"},
                             {"__meta_dockerswarm_service_id", "s2"},
                             {"__meta_dockerswarm_service_name", "agent"},
                             {"__meta_dockerswarm_service_mode", "global"}}}));
}

TEST_CASE("a task has a target for each port on its node, and for each of its addresses") {
  auto found = targets(swarm_role::tasks, {tasks_json, services_json, nodes_json, networks_json});
  CHECK(of(found) == texts{"192.168.0.1:9000", "10.0.0.7:8080", "[fd00::7]:9100", "10.1.0.7:9100"});
  const pairs task = {{"__meta_dockerswarm_task_id", "t1"},
                      {"__meta_dockerswarm_task_container_id", "c1"},
                      {"__meta_dockerswarm_task_desired_state", "running"},
                      {"__meta_dockerswarm_task_state", "running"},
                      {"__meta_dockerswarm_task_slot", "2"},
                      {"__meta_dockerswarm_container_label_tier_1", "x"}};
  CHECK(found[0] ==
        joined({service_1,
                node_1,
                task,
                {{"__address__", "192.168.0.1:9000"}, {"__meta_dockerswarm_task_port_publish_mode", "host"}}}));
  CHECK(found[1] ==
        joined({service_1,
                node_1,
                task,
                network_1,
                {{"__address__", "10.0.0.7:8080"}, {"__meta_dockerswarm_task_port_publish_mode", "ingress"}}}));
  CHECK(found[2].get("__meta_dockerswarm_task_slot") == "0");
  CHECK(found[2].get("__meta_dockerswarm_node_role") == "worker");
  CHECK(found[2].get("__meta_dockerswarm_node_manager_leader").empty());
}

TEST_CASE("a task whose service and node are not listed has no labels of them") {
  auto found = targets(swarm_role::tasks, {tasks_json, "[]", "[]", "[]"});
  CHECK(of(found) == texts{":9000", "10.0.0.7:9100", "[fd00::7]:9100", "10.1.0.7:9100"});
  CHECK(found[0].get("__meta_dockerswarm_service_id").empty());
  CHECK(found[0].get("__meta_dockerswarm_node_id").empty());
}

TEST_CASE("every node is a target") {
  auto found = targets(swarm_role::nodes, {nodes_json});
  CHECK(of(found) == texts{"192.168.0.1:9100", "[fd00::1]:9100"});
  CHECK(found[0] == joined({node_1, {{"__address__", "192.168.0.1:9100"}}}));
  CHECK(targets(swarm_role::nodes, {"[]"}).empty());
  CHECK(targets(swarm_role::nodes, {"null"}).empty());
}

TEST_CASE("an address that is none fails the refresh") {
  for (const char* bad :
       {"", "10.0.0.3", "10.0.0.3/", "10.0.0.3/33", "10.0.0/24", "10.0.0.3/x", "fd00::1/129", "/24"}) {
    INFO(bad);
    auto answer =
        read(swarm_role::services,
             {R"([{"ID": "s", "Endpoint": {"VirtualIPs": [{"Addr": ")" + std::string(bad) + R"("}]}}])", "[]"});
    REQUIRE_FALSE(answer);
    CHECK_THAT(answer.error().message, Catch::Contains("error while parsing address"));
  }
}

TEST_CASE("what is not what Docker sends is an error that says what was asked") {
  auto answer = read(swarm_role::tasks, {"[]", "{", "[]", "[]"});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "error while listing swarm services: invalid JSON at byte 2 of 1");
  for (const char* bad : {"[1]", R"([{"ID": 1}])", R"([{"Spec": []}])", R"([{"Endpoint": {"VirtualIPs": "x"}}])"}) {
    INFO(bad);
    CHECK(read(swarm_role::services, {bad, "[]"}).error().code == errc::syntax);
  }
}
