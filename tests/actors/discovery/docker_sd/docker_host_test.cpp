#include "actors/discovery/docker_sd/docker_host.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

TEST_CASE("a Docker daemon is found at a socket or at an address") {
  CHECK(parse_docker_host("unix:///var/run/docker.sock").value() ==
        docker_host{"http://docker", "/var/run/docker.sock", false});
  CHECK(parse_docker_host("tcp://10.0.0.1:2375").value() == docker_host{"http://10.0.0.1:2375", "", false});
  CHECK(parse_docker_host("tcp://[::1]:2375/base/").value() == docker_host{"http://[::1]:2375/base", "", false});
  CHECK(parse_docker_host("http://docker.example").value() == docker_host{"http://docker.example", "", true});
  CHECK(parse_docker_host("https://docker.example:2376/x").value() ==
        docker_host{"https://docker.example:2376/x", "", true});
}

TEST_CASE("what is no host of a daemon is refused") {
  for (const char* bad : {"", "docker.sock", "unix://", "unix://relative", "tcp://", "ftp://host", "http://host/?a=b",
                          "http://host/#x", "http://ho st", "tcp://host:port", "://host", "UNIX:///x"}) {
    INFO(bad);
    CHECK(parse_docker_host(bad).error().code == errc::syntax);
  }
  CHECK(parse_docker_host("npipe:////./pipe/docker_engine").error().code == errc::unsupported);
  CHECK_THAT(parse_docker_host("http://user:secret@ho st").error().message, !Catch::Contains("secret"));
}

TEST_CASE("a request goes where the daemon is, with client settings only over http and https") {
  http::client_config client;
  client.follow_redirects = false;
  auto over_tcp = make_docker_request({"http://h:1", "", false}, client, "/networks", {});
  CHECK(over_tcp->url == "http://h:1/networks");
  CHECK(over_tcp->client == nullptr);
  CHECK(over_tcp->method == "GET");
  auto over_http = make_docker_request({"http://h:1", "", true}, client, "/networks", {});
  REQUIRE(over_http->client);
  CHECK(*over_http->client == client);
  auto over_unix = make_docker_request({"http://docker", "/run/docker.sock", false}, client, "/networks", {});
  CHECK(over_unix->unix_socket == "/run/docker.sock");
}

TEST_CASE("filters are a query in JSON, those of one name together") {
  auto url = [](const std::vector<docker_filter>& filters) {
    return make_docker_request({"http://h", "", false}, {}, "/tasks", filters)->url;
  };
  CHECK(url({{"desired-state", {"running"}}}) ==
        "http://h/tasks?filters=%7B%22desired-state%22%3A%5B%22running%22%5D%7D");
  CHECK(url({{"label", {"b"}}, {"label", {"a", "b"}}}) ==
        "http://h/tasks?filters=%7B%22label%22%3A%5B%22a%22%2C%22b%22%5D%7D");
  CHECK(url({{"a\"b", {}}}) == "http://h/tasks?filters=%7B%22a%5C%22b%22%3A%5B%5D%7D");
  CHECK(url({{"name", {"\xff"}}}) == "http://h/tasks?filters=%7B%22name%22%3A%5B%22%EF%BF%BD%22%5D%7D");
}
