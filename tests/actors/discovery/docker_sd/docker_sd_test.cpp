#include "actors/discovery/docker_sd/docker_sd.hpp"

#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

http::response json_answer(const std::string& body, int status = 200) {
  http::response result;
  result.status = status;
  result.reason = "Reason";
  result.body = body;
  return result;
}

const std::string networks = R"([
  {"Id": "n1", "Name": "front", "Scope": "local", "Internal": false, "Ingress": true, "Labels": {"net.tier": "1"}},
  {"Id": "n2", "Name": "back", "Scope": "swarm", "Internal": true, "Labels": null}
])";

struct reading {
  docker_sd_options options;

  result<std::vector<target_group>> operator()(const std::string& containers, const std::string& nets = networks) {
    std::vector<http::response> answers = {json_answer(containers), json_answer(nets)};
    return plan_docker_refresh(options).read(answers);
  }
  std::vector<packed_labels> targets(const std::string& containers) {
    auto groups = (*this)(containers);
    REQUIRE(groups);
    REQUIRE(groups->size() == 1);
    CHECK(groups->at(0).source == "Docker");
    return groups->at(0).targets;
  }
  texts found(const std::string& containers) {
    texts out;
    for (const auto& target : targets(containers)) out.push_back(std::string(target.get("__address__")));
    return out;
  }
};

/// A container with some more members.
std::string container(const std::string& id, const std::string& mode, const std::string& nets,
                      const std::string& ports = "[]") {
  return R"({"Id": ")" + id + R"(", "Names": ["/)" + id + R"("], "HostConfig": {"NetworkMode": ")" + mode +
         R"("}, "NetworkSettings": {"Networks": )" + nets + R"(}, "Ports": )" + ports + "}";
}

const std::string on_front = R"({"front": {"NetworkID": "n1", "IPAddress": "10.0.0.2"}})";

}  // namespace

TEST_CASE("a container's port becomes a target with all there is to tell") {
  reading read;
  auto targets = read.targets(R"([{
    "Id": "c1", "Names": ["/web", "/alias"], "Image": "web:1", "ImageID": "sha256:1", "Labels": {"com.x/y": "z"},
    "HostConfig": {"NetworkMode": "front"},
    "NetworkSettings": {"Networks": {"front": {"NetworkID": "n1", "IPAddress": "10.0.0.2"}}},
    "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
              {"PrivatePort": 53, "Type": "udp"}]
  }])");
  REQUIRE(targets.size() == 1);
  CHECK(targets[0] == labels::of({{"__address__", "10.0.0.2:80"},
                                  {"__meta_docker_container_id", "c1"},
                                  {"__meta_docker_container_name", "/web"},
                                  {"__meta_docker_container_image", "web:1"},
                                  {"__meta_docker_container_image_id", "sha256:1"},
                                  {"__meta_docker_container_network_mode", "front"},
                                  {"__meta_docker_container_label_com_x_y", "z"},
                                  {"__meta_docker_network_id", "n1"},
                                  {"__meta_docker_network_name", "front"},
                                  {"__meta_docker_network_scope", "local"},
                                  {"__meta_docker_network_internal", "false"},
                                  {"__meta_docker_network_ingress", "true"},
                                  {"__meta_docker_network_label_net_tier", "1"},
                                  {"__meta_docker_network_ip", "10.0.0.2"},
                                  {"__meta_docker_port_private", "80"},
                                  {"__meta_docker_port_public", "8080"},
                                  {"__meta_docker_port_public_ip", "0.0.0.0"}}));
}

TEST_CASE("a container without a TCP port has the configured one") {
  reading read;
  read.options.common.port = 9100;
  CHECK(read.found('[' + container("c", "front", on_front) + ']') == texts{"10.0.0.2:9100"});
  CHECK(read.found('[' + container("c", "front", on_front, R"([{"PrivatePort": 53, "Type": "udp"}])") + ']') ==
        texts{"10.0.0.2:9100"});
  CHECK(read.found('[' + container("c", "front", on_front, "null") + ']') == texts{"10.0.0.2:9100"});
}

TEST_CASE("a container in the network of its host has the configured address without a port") {
  reading read;
  read.options.host_networking_host = "gateway";
  CHECK(read.found('[' + container("c", "host", R"({"host": {"NetworkID": "n9", "IPAddress": ""}})") + ']') ==
        texts{"gateway"});
}

TEST_CASE("of several networks the first by name counts, or each") {
  reading read;
  const std::string two = R"({"z": null, "front": {"NetworkID": "n1", "IPAddress": "10.0.0.2"},
                              "back": {"NetworkID": "n2", "IPAddress": "10.1.0.2"}, "a": null})";
  auto list = '[' + container("c", "front", two, R"([{"PrivatePort": 1, "Type": "tcp"}])") + ']';
  CHECK(read.found(list) == texts{"10.1.0.2:1"});
  read.options.match_first_network = false;
  CHECK(read.found(list) == texts{"10.1.0.2:1", "10.0.0.2:1"});
}

TEST_CASE("a network without IPv4 gives the IPv6 address") {
  reading read;
  auto targets =
      read.targets('[' + container("c", "six", R"({"six": {"IPAddress": "", "GlobalIPv6Address": "fc00::2"}})") + ']');
  REQUIRE(targets.size() == 1);
  CHECK(targets[0].get("__address__") == "[fc00::2]:80");
  CHECK(targets[0].get("__meta_docker_network_ip") == "fc00::2");
}

TEST_CASE("a container that shares another's network is found at the other's address") {
  reading read;
  auto list = [](const std::string& last) {
    return '[' + container("a", "container:b", "{}", R"([{"PrivatePort": 7, "Type": "tcp"}])") + ',' +
           container("b", "container:c", "{}") + ',' + last + ']';
  };
  CHECK(read.found(list(container("c", "front", on_front))) == texts{"10.0.0.2:7", "10.0.0.2:80", "10.0.0.2:80"});
  SECTION("unless that one is not there") { CHECK(read.found(list(container("x", "none", "{}"))).empty()); }
  SECTION("or they go round in a circle") { CHECK(read.found(list(container("c", "container:a", "{}"))).empty()); }
}

TEST_CASE("a container without a name or without networks is none") {
  reading read;
  CHECK(read.found(R"([{"Id": "c", "Names": [], "NetworkSettings": {"Networks": {"n": {}}}}])").empty());
  CHECK(read.found(R"([{"Id": "c", "Names": ["/c"]}])").empty());
  CHECK(read.found(R"([{"Id": "c", "Names": ["/c"], "NetworkSettings": null, "HostConfig": null}])").empty());
  CHECK(read.found("[]").empty());
}

TEST_CASE("a network that is not listed has no labels of its own") {
  reading read;
  auto targets =
      read.targets('[' + container("c", "x", R"({"x": {"NetworkID": "n7", "IPAddress": "10.0.0.9"}})") + ']');
  REQUIRE(targets.size() == 1);
  CHECK(targets[0].get("__meta_docker_network_id").empty());
}

TEST_CASE("what is not what Docker sends is an error, as a whole") {
  reading read;
  for (const char* bad :
       {"", "{", "{}", "3", "[1]", "[[]]", R"([{"Names": "x"}])", R"([{"Names": [3]}])",
        R"([{"Id": 7, "Names": ["/c"]}])", R"([{"Names": ["/c"], "Labels": {"a": 1}}])",
        R"([{"Names": ["/c"], "Labels": []}])", R"([{"Names": ["/c"], "NetworkSettings": {"Networks": [1]}}])",
        R"([{"Names": ["/c"], "NetworkSettings": {"Networks": {"a": 1}}}])",
        R"([{"Names": ["/c"], "NetworkSettings": {"Networks": {"a": {}}}, "Ports": {"a": 1}}])",
        R"([{"Names": ["/c"], "NetworkSettings": {"Networks": {"a": {}}},
                              "Ports": [{"Type": "tcp", "PrivatePort": "80"}]}])"}) {
    INFO(bad);
    auto groups = read(bad);
    REQUIRE_FALSE(groups);
    CHECK(groups.error().code == errc::syntax);
  }
  CHECK_FALSE(read("[]", "[3]"));
  CHECK_FALSE(read("[]", R"([{"Id": "n", "Internal": "yes"}])"));
}

TEST_CASE("a status other than 200 is an error in the daemon's own words") {
  std::vector<http::response> answers = {json_answer(R"({"message": "page not found"})", 404), json_answer(networks)};
  auto groups = plan_docker_refresh({}).read(answers);
  REQUIRE_FALSE(groups);
  CHECK(groups.error().message ==
        "error while listing containers: server returned HTTP status 404 Reason: page not found");
  answers = {json_answer("[]"), json_answer("<html>", 500)};
  CHECK(plan_docker_refresh({}).read(answers).error().message ==
        "error while computing network labels: server returned HTTP status 500 Reason");
}

TEST_CASE_METHOD(test::services_fixture, "the daemon is asked for containers with the filters, then for networks") {
  auto options = std::make_shared<docker_sd_options>();
  options->common.address = parse_docker_host("unix:///run/docker.sock").value();
  options->common.filters = {{"status", {"running"}}};
  options->common.refresh_interval = 30s;
  auto targets = spawn_probe<target_sink_actor>();
  adopt(docker_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
  settle();
  auto first = http.take<fetch>();
  REQUIRE(first.size() == 1);
  CHECK(first[0].request->unix_socket == "/run/docker.sock");
  CHECK(first[0].request->url == "http://docker/containers/json?filters=%7B%22status%22%3A%5B%22running%22%5D%7D");
  CHECK(first[0].timeout == 30s);
  answer(first[0], json_answer('[' + container("c", "front", on_front) + ']'));
  auto second = http.take<fetch>();
  REQUIRE(second.size() == 1);
  CHECK(second[0].request->url == "http://docker/networks");
  answer(second[0], json_answer(networks));
  REQUIRE(targets.received<update>().size() == 1);
  CHECK(targets.received<update>()[0].complete);
  CHECK(targets.received<update>()[0].groups.at(0)->targets.size() == 1);
}
