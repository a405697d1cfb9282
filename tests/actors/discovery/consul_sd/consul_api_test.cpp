#include "actors/discovery/consul_sd/consul_api.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

http::response answer(std::string body, int status = 200) {
  http::response result;
  result.status = status;
  result.reason = status == 200 ? "OK" : "Internal Server Error";
  result.body = std::move(body);
  return result;
}

http::response with_index(const std::string& index) {
  auto result = answer("[]");
  result.headers.push_back({"x-consul-index", index});
  return result;
}

std::string header(const http::request& request, const std::string& name) {
  for (const auto& each : *request.headers)
    if (each.name == name) return each.value;
  return "(none)";
}

const std::string one_instance = R"([{
  "Node": {"ID": "40e4", "Node": "node-1", "Address": "10.0.0.7", "Datacenter": "dc1",
           "TaggedAddresses": {"lan": "10.0.0.7", "wan-ipv4": "198.51.100.7"}, "Meta": {"rack.no": "r1", "empty": ""}},
  "Service": {"ID": "api-1", "Service": "api", "Tags": ["prod", "eu"], "Address": "10.1.0.7", "Port": 9100,
              "Meta": {"version": "2"}, "Namespace": "web", "Partition": "part"},
  "Checks": [{"CheckID": "serfHealth", "Status": "passing"}, {"CheckID": "service:api-1", "Status": "warning"}]
}])";

result<target_group> instances(const std::string& body, const std::string& separator = ",") {
  return read_consul_instances(answer(body), "api", "dc1", separator);
}

std::string health_of(const std::string& checks) {
  auto group = instances(R"([{"Node": {"Address": "a"}, "Service": {}, "Checks": )" + checks + "}]");
  REQUIRE(group);
  return std::string(group->targets.at(0).get("__meta_consul_health"));
}

}  // namespace

TEST_CASE("questions go to the server as it is written down") {
  consul_sd_options options;
  CHECK(consul_agent_request(options)->url == "http://localhost:8500/v1/agent/self");
  options.scheme = "https";
  options.path_prefix = "proxy/consul/";
  CHECK(consul_agent_request(options)->url == "https://localhost:8500/proxy/consul/v1/agent/self");
  options.path_prefix.clear();
  options.server = "http://other:1";
  CHECK(consul_place_of(options).base == "https://other:1");
  options.scheme = "http";
  options.server = "https://other:1";
  CHECK(consul_place_of(options).base == "https://other:1");
  options.server = "unix:///run/consul.sock";
  CHECK(consul_place_of(options).base == "http://localhost");
  CHECK(consul_agent_request(options)->unix_socket == "/run/consul.sock");
}

TEST_CASE("questions carry what narrows them down, and who asks") {
  consul_sd_options options;
  options.datacenter = "dc 1";
  options.name_space = "web";
  options.partition = "part";
  options.token = "sesame";
  options.tags = {"a", "b&c"};
  options.node_meta = {{"rack", "r1"}, {"row", "2"}};
  options.filter = "Tags contains x";
  options.health_filter = "Port>80";
  auto catalog = consul_catalog_request(options, {7, 120s});
  CHECK(catalog->url ==
        "http://localhost:8500/v1/catalog/services?dc=dc%201&ns=web&partition=part&stale=&node-meta=rack%3Ar1"
        "&node-meta=row%3A2&index=7&wait=120000ms&filter=Tags%20contains%20x");
  CHECK(header(*catalog, "X-Consul-Token") == "sesame");
  CHECK(catalog->wanted_headers == std::vector<std::string>{"x-consul-index"});
  options.allow_stale = false;
  CHECK(consul_health_request(options, "a/b?", {0, 120s})->url ==
        "http://localhost:8500/v1/health/service/a%2Fb%3F?dc=dc%201&ns=web&partition=part&node-meta=rack%3Ar1"
        "&node-meta=row%3A2&tag=a&tag=b%26c&filter=Port%3E80");
  CHECK(header(*consul_agent_request(consul_sd_options{}), "X-Consul-Token") == "(none)");
}

TEST_CASE("an index is a number, or is not there") {
  CHECK(consul_index_of(with_index("42")).value() == 42u);
  CHECK_FALSE(consul_index_of(answer("[]")).value().has_value());
  CHECK_FALSE(consul_index_of(with_index("")));
  CHECK_FALSE(consul_index_of(with_index("-1")));
  CHECK_FALSE(consul_index_of(with_index("1x")));
  CHECK_FALSE(consul_index_of(with_index("99999999999999999999")));
}

TEST_CASE("the next index follows the rules for blocking queries") {
  CHECK(consul_next_index(0, 5) == 5);
  CHECK(consul_next_index(5, 5) == 5);
  CHECK(consul_next_index(5, 9) == 9);
  CHECK(consul_next_index(9, 5) == 0);
  CHECK(consul_next_index(9, 0) == 0);
  CHECK(consul_next_index(0, 0) == 1);
  CHECK(consul_next_index(9, std::nullopt) == 0);
}

TEST_CASE("an agent says which datacenter it is in") {
  CHECK(read_consul_datacenter(answer(R"({"Config": {"Datacenter": "dc7"}, "Member": {}})")).value() == "dc7");
  CHECK_FALSE(read_consul_datacenter(answer(R"({"Config": {}})")));
  CHECK_FALSE(read_consul_datacenter(answer(R"({"Config": {"Datacenter": 7}})")));
  CHECK_FALSE(read_consul_datacenter(answer("{")));
}

TEST_CASE("a catalog is a map from services to tags") {
  auto catalog = read_consul_catalog(answer(R"({"consul": [], "api": ["prod", "eu"], "odd": null})"));
  REQUIRE(catalog);
  CHECK(*catalog == consul_catalog{{"api", {"prod", "eu"}}, {"consul", {}}, {"odd", {}}});
  CHECK(read_consul_catalog(answer("{}")).value().empty());
  for (const char* bad : {"", "null", "[]", R"({"api": "prod"})", R"({"api": [1]})", R"({"api": ["prod")"}) {
    INFO(bad);
    CHECK_FALSE(read_consul_catalog(answer(bad)));
  }
}

TEST_CASE("an answer with another status is an error that quotes the server") {
  auto refused = read_consul_catalog(answer("Permission denied\nmore", 500));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "server returned HTTP status 500 Internal Server Error: \"Permission denied\"");
}

TEST_CASE("services are wanted by name and by all tags") {
  consul_sd_options options;
  CHECK(is_wanted(options, "api", {}));
  options.services = {"api", "db"};
  CHECK(is_wanted(options, "api", {}));
  CHECK_FALSE(is_wanted(options, "web", {}));
  options.tags = {"a", "b"};
  CHECK(is_wanted(options, "api", {"b", "c", "a"}));
  CHECK_FALSE(is_wanted(options, "api", {"a"}));
}

TEST_CASE("an instance becomes a target with everything that Consul says of it") {
  auto group = instances(one_instance);
  REQUIRE(group);
  CHECK(group->source == "api");
  CHECK(group->common == labels::of({{"__meta_consul_service", "api"}, {"__meta_consul_dc", "dc1"}}));
  REQUIRE(group->targets.size() == 1);
  CHECK(group->targets[0] == labels::of({{"__address__", "10.1.0.7:9100"},
                                         {"__meta_consul_address", "10.0.0.7"},
                                         {"__meta_consul_health", "warning"},
                                         {"__meta_consul_metadata_rack_no", "r1"},
                                         {"__meta_consul_namespace", "web"},
                                         {"__meta_consul_node", "node-1"},
                                         {"__meta_consul_partition", "part"},
                                         {"__meta_consul_service_address", "10.1.0.7"},
                                         {"__meta_consul_service_id", "api-1"},
                                         {"__meta_consul_service_metadata_version", "2"},
                                         {"__meta_consul_service_port", "9100"},
                                         {"__meta_consul_tagged_address_lan", "10.0.0.7"},
                                         {"__meta_consul_tagged_address_wan_ipv4", "198.51.100.7"},
                                         {"__meta_consul_tags", ",prod,eu,"}}));
  CHECK(instances(one_instance, "; ")->targets[0].get("__meta_consul_tags") == "; prod; eu; ");
}

TEST_CASE("a service without an address is found at its node's") {
  auto group = instances(R"([{"Node": {"Address": "2001:db8::1"}, "Service": {"Port": 80, "Tags": null}}])");
  REQUIRE(group);
  CHECK(group->targets.at(0).get("__address__") == "[2001:db8::1]:80");
  CHECK(group->targets.at(0).get("__meta_consul_tags") == ",,");
  CHECK(group->targets.at(0).get("__meta_consul_health") == "passing");
}

TEST_CASE("the worst check decides, and maintenance before all") {
  CHECK(health_of("[]") == "passing");
  CHECK(health_of("null") == "passing");
  CHECK(health_of(R"([{"Status": "critical"}, {"Status": "warning"}])") == "critical");
  CHECK(health_of(R"([{"Status": "passing"}, {"Status": "warning"}])") == "warning");
  CHECK(health_of(R"([{"CheckID": "_node_maintenance", "Status": "critical"}])") == "maintenance");
  CHECK(health_of(R"([{"CheckID": "_service_maintenance:api-1", "Status": "critical"}])") == "maintenance");
}

TEST_CASE("instances that cannot be read are an error as a whole, with the place in the answer") {
  for (const char* bad :
       {"", "null", "{}", "[1]", R"([{"Node": {"Address": 1}, "Service": {}}])",
        R"([{"Node": {}, "Service": {"Port": "80"}}])", R"([{"Node": {}, "Service": {"Port": 1.5}}])",
        R"([{"Node": {}, "Service": {"Tags": "a"}}])", R"([{"Node": {}, "Service": {"Meta": []}}])"}) {
    INFO(bad);
    CHECK_FALSE(instances(bad));
  }
  CHECK(instances(R"([{"Node": {}, "Service": {"Port": "80"}}])").error().message ==
        "expected integer for [].Service.Port, found string");
}
