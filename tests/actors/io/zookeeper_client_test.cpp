#include "actors/io/zookeeper_client.hpp"

#include "tests/support/actor_system.hpp"
#include "tests/support/tcp_server.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

// What it reads from a server, tests/discovery/zookeeper_test.py sees at a real one.

namespace {

struct client_fixture {
  client_fixture() {
    zookeeper_options options;
    options.retry_interval = 20ms;
    client = system.adopt(spawn_zookeeper_client(system.system(), options));
  }

  void watch(const std::string& server) { act::tell(client, watch_znodes{{server}, {"/a"}, 1s, sink.handle()}); }
  std::string first_error() {
    REQUIRE(sink.wait_for<znodes_unreadable>(1));
    return sink.received<znodes_unreadable>()[0].error;
  }

  test::threaded_system system;
  test::probe<znode_sink_actor> sink = system.spawn_probe<znode_sink_actor>();
  zookeeper_client_actor client;
};

}  // namespace

TEST_CASE_METHOD(client_fixture, "a server that is not there is told of, again and again") {
  auto server = "127.0.0.1:" + std::to_string(test::unused_port());
  watch(server);
  CHECK(first_error() == "not connected to " + server);
  CHECK(sink.wait_for<znodes_unreadable>(3));
  CHECK(sink.received<znodes_changed>().empty());
}

TEST_CASE_METHOD(client_fixture, "a server that hangs up, or speaks something else, is as one that is not there") {
  auto script = GENERATE(test::tcp_server::script([](test::tcp_connection&) {}),
                         test::tcp_server::script([](test::tcp_connection& peer) {
                           peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
                           peer.wait_for_close();
                         }));
  test::tcp_server server(script);
  watch("127.0.0.1:" + std::to_string(server.port()));
  CHECK_FALSE(first_error().empty());
  CHECK(sink.wait_for<znodes_unreadable>(3));
}

TEST_CASE_METHOD(client_fixture, "a list of servers that means nothing is told of") {
  watch("no host:port:at all");
  CHECK_FALSE(first_error().empty());
}

TEST_CASE_METHOD(client_fixture, "a watch that is replaced or given up does not keep the client from ending") {
  watch("127.0.0.1:" + std::to_string(test::unused_port()));
  watch("127.0.0.1:" + std::to_string(test::unused_port()));
  first_error();
  act::tell(client, unwatch_znodes{sink.handle()});
  auto end = system.watch(client);
  act::stop(client);
  CHECK(end.wait());
  CHECK(end.error().empty());
}
