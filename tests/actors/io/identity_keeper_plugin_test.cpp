#include "actors/io/identity_keeper.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

constexpr const char* version = "client.authentication.k8s.io/v1";

struct started_plugin {
  process_order order;
  uint64_t tag;
};

/// A keeper on a clock of its own, and everything that it does.
struct keeper_fixture {
  keeper_fixture()
      : keeper({[this](fetch order) { sent.push_back(std::move(order)); },
                [this](const fetch&, http::response response) { refused.push_back(std::move(response)); },
                [](const http::request_ptr&, const std::shared_ptr<const std::string>&, uint64_t) {
                  FAIL("a token server is asked");
                },
                [this](process_order order, uint64_t tag) { started.push_back({std::move(order), tag}); },
                [this] { return now; }, [](const std::string&) { return std::string(); }}) {}

  void take(const http::client_config_ptr& client) {
    auto request = std::make_shared<http::request>();
    request->url = "https://server.example/api";
    request->client = client;
    fetch order;
    order.request = request;
    REQUIRE(identity_keeper::is_needed_by(order));
    keeper.take(std::move(order));
  }

  void write(const process_output& output) { keeper.take_output(started.back().tag, output); }

  /// The server refuses a fetch that was sent.
  void refuse(size_t fetch) {
    http::response response;
    response.status = 401;
    REQUIRE(identity_keeper::is_refusal(sent.at(fetch), response));
    keeper.take_refusal(*sent[fetch].request->client, sent[fetch].credentials);
  }

  auth::time_point now{std::chrono::seconds(1'700'000'000)};
  std::vector<fetch> sent;
  std::vector<http::response> refused;
  std::vector<started_plugin> started;
  identity_keeper keeper;
};

http::client_config_ptr client_with_plugin(const std::string& command = "get-token") {
  http::exec_plugin plugin;
  plugin.api_version = version;
  plugin.command = command;
  plugin.arguments = {"--cluster", "c"};
  plugin.variables = {{"REGION", "r"}};
  plugin.install_hint = "get it from the shop";
  auto client = std::make_shared<http::client_config>();
  client->plugin = plugin;
  return client;
}

std::string credential(const std::string& status) {
  return std::string(R"({"kind": "ExecCredential", "apiVersion": ")") + version + R"(", "status": {)" + status + "}}";
}

http::header_list bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

}  // namespace

TEST_CASE("fetches wait for the plugin, which runs once, and have its token") {
  keeper_fixture fixture;
  auto client = client_with_plugin();
  fixture.take(client);
  fixture.take(client_with_plugin());
  REQUIRE(fixture.started.size() == 1);
  const auto& order = fixture.started[0].order;
  CHECK(order.program == "get-token");
  CHECK(order.arguments == std::vector<std::string>{"--cluster", "c"});
  REQUIRE(order.variables.size() == 2);
  CHECK(order.variables[0] == std::pair<std::string, std::string>("REGION", "r"));
  CHECK(order.variables[1].first == "KUBERNETES_EXEC_INFO");
  CHECK(fixture.sent.empty());
  fixture.write(credential(R"("token": "t")"));
  REQUIRE(fixture.sent.size() == 2);
  CHECK(fixture.sent[1].credentials == bearer("t"));
  fixture.now += 1000h;
  fixture.take(client);
  CHECK(fixture.sent.size() == 3);
  CHECK(fixture.started.size() == 1);
}

TEST_CASE("a plugin of another user runs by itself") {
  keeper_fixture fixture;
  fixture.take(client_with_plugin());
  fixture.take(client_with_plugin("another"));
  CHECK(fixture.started.size() == 2);
}

TEST_CASE("a plugin runs again shortly before what it gave expires") {
  keeper_fixture fixture;
  auto client = client_with_plugin();
  fixture.take(client);
  fixture.write(credential(R"("token": "first", "expirationTimestamp": "2023-11-14T22:15:00Z")"));
  fixture.now += 89s;
  fixture.take(client);
  CHECK(fixture.sent.size() == 2);
  fixture.now += 1s;
  fixture.take(client);
  REQUIRE(fixture.started.size() == 2);
  fixture.write(credential(R"("token": "second")"));
  CHECK(fixture.sent.back().credentials == bearer("second"));
}

TEST_CASE("a certificate goes with the request's own settings") {
  keeper_fixture fixture;
  auto client = std::make_shared<http::client_config>(*client_with_plugin());
  client->tls.ca = "ca";
  fixture.take(client);
  fixture.write(credential(R"("clientCertificateData": "c", "clientKeyData": "k")"));
  REQUIRE(fixture.sent.size() == 1);
  CHECK(fixture.sent[0].credentials.empty());
  const auto& tls = fixture.sent[0].request->client->tls;
  CHECK(tls.ca == "ca");
  CHECK(tls.cert == "c");
  CHECK(tls.key == http::secret{"k", ""});
  // Connections are told apart by their settings: all of one credential have the same.
  fixture.take(client);
  CHECK(fixture.sent[1].request->client == fixture.sent[0].request->client);
  CHECK(client->tls.cert.empty());
}

TEST_CASE("what a server refuses is forgotten, and the plugin runs again") {
  const std::string first =
      GENERATE(as<std::string>(), R"("token": "first")", R"("clientCertificateData": "c", "clientKeyData": "k")");
  keeper_fixture fixture;
  auto client = client_with_plugin();
  fixture.take(client);
  fixture.write(credential(first));
  fixture.refuse(0);
  CHECK(fixture.started.size() == 1);
  fixture.take(client);
  REQUIRE(fixture.started.size() == 2);
  fixture.write(credential(R"("token": "second")"));
  REQUIRE(fixture.sent.size() == 2);
  CHECK(fixture.sent[1].credentials == bearer("second"));
  CHECK(fixture.sent[1].request->client->tls.cert.empty());
}

TEST_CASE("a late refusal does not concern what the plugin gave since") {
  keeper_fixture fixture;
  auto client = client_with_plugin();
  fixture.take(client);
  fixture.take(client);
  fixture.write(credential(R"("token": "first")"));
  fixture.refuse(0);
  fixture.take(client);
  fixture.write(credential(R"("token": "second")"));
  fixture.refuse(1);
  fixture.take(client);
  CHECK(fixture.started.size() == 2);
  CHECK(fixture.sent.back().credentials == bearer("second"));
}

TEST_CASE("a refusal while the plugin runs changes nothing") {
  keeper_fixture fixture;
  auto client = client_with_plugin();
  fixture.take(client);
  fixture.write(credential(R"("token": "first", "expirationTimestamp": "2023-11-14T22:15:00Z")"));
  fixture.now += 2min;
  fixture.take(client);
  fixture.refuse(0);
  fixture.write(credential(R"("token": "second")"));
  CHECK(fixture.sent.back().credentials == bearer("second"));
}

TEST_CASE("a plugin that fails fails the fetches that wait, and the next one tries anew") {
  keeper_fixture fixture;
  auto client = client_with_plugin();
  fixture.take(client);
  fixture.take(client);
  fixture.write(fail(errc::io, "it ended with status 1"));
  REQUIRE(fixture.refused.size() == 2);
  CHECK(fixture.refused[1].failure == http::failure::credentials);
  CHECK(fixture.refused[1].error ==
        "Get \"https://server.example/api\": credential plugin \"get-token\": it ended with status 1");
  fixture.take(client);
  fixture.write("{");
  CHECK(fixture.refused.back().error ==
        "Get \"https://server.example/api\": credential plugin \"get-token\": its output is no JSON object");
  fixture.take(client);
  fixture.write(credential(R"("token": "t")"));
  CHECK(fixture.sent.size() == 1);
}

TEST_CASE("a plugin that is not there is told with where to get it") {
  keeper_fixture fixture;
  fixture.take(client_with_plugin());
  fixture.write(fail(errc::not_found, "No such file or directory"));
  REQUIRE(fixture.refused.size() == 1);
  CHECK_THAT(fixture.refused[0].error,
             Catch::EndsWith("\"get-token\": No such file or directory: get it from the shop"));
}
