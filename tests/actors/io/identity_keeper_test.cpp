#include "actors/io/identity_keeper.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

struct question {
  http::request_ptr request;
  std::string body;
  uint64_t tag;
};

/// A keeper on a clock of its own, and everything that it does.
struct keeper_fixture {
  keeper_fixture()
      : keeper({[this](fetch order) { sent.push_back(std::move(order)); },
                [this](const fetch& order, http::response response) { refused[order.tag] = std::move(response); },
                [this](http::request_ptr request, std::shared_ptr<const std::string> body, uint64_t tag) {
                  asked.push_back({std::move(request), body ? *body : "", tag});
                },
                [](const process_order&, uint64_t) { FAIL("a plugin is run"); }, [this] { return now; },
                [this](const std::string& name) { return variables[name]; }}) {}

  /// A fetch of a job with these settings.
  void take(const http::client_config_ptr& client, uint64_t tag) {
    auto request = std::make_shared<http::request>();
    request->url = "http://target.example/metrics";
    request->client = client;
    fetch order;
    order.request = request;
    order.tag = tag;
    REQUIRE(identity_keeper::is_needed_by(order));
    keeper.take(std::move(order));
  }

  void answer(std::string body, int status = 200) {
    http::response response;
    response.status = status;
    response.body = std::move(body);
    keeper.take_answer(asked.back().tag, response);
  }

  std::string authorization_of(size_t fetch) const { return sent.at(fetch).credentials.at(0).value; }

  auth::time_point now{std::chrono::seconds(1'700'000'000)};
  std::map<std::string, std::string> variables;
  std::vector<fetch> sent;
  std::map<uint64_t, http::response> refused;
  std::vector<question> asked;
  identity_keeper keeper;
};

http::client_config_ptr aws_client(http::aws_identity who = {}) {
  who.region = "eu-west-1";
  auto client = std::make_shared<http::client_config>();
  client->identity = std::move(who);
  return client;
}

http::client_config_ptr oauth2_client(const std::string& id = "a") {
  http::oauth2_config oauth2;
  oauth2.client_id = id;
  oauth2.client_secret.value = "s";
  oauth2.token_url = "http://token.example/get";
  auto client = std::make_shared<http::client_config>();
  client->identity = oauth2;
  return client;
}

std::string token(const std::string& value, int seconds = 100) {
  return R"({"access_token":")" + value + R"(","expires_in":)" + std::to_string(seconds) + "}";
}

}  // namespace

TEST_CASE("fetches wait for one token, and have it") {
  keeper_fixture fixture;
  auto client = oauth2_client();
  fixture.take(client, 1);
  fixture.take(client, 2);
  REQUIRE(fixture.asked.size() == 1);
  CHECK(fixture.asked[0].request->url == "http://token.example/get");
  CHECK(fixture.sent.empty());
  fixture.answer(token("t"));
  REQUIRE(fixture.sent.size() == 2);
  CHECK(fixture.sent[1].credentials == http::header_list{{"Authorization", "Bearer t"}});
  fixture.take(client, 3);
  CHECK(fixture.sent.size() == 3);
  CHECK(fixture.asked.size() == 1);
}

TEST_CASE("a token is fetched anew shortly before it expires") {
  keeper_fixture fixture;
  auto client = oauth2_client();
  fixture.take(client, 1);
  fixture.answer(token("first", 100));
  fixture.now += 89s;
  fixture.take(client, 2);
  CHECK(fixture.authorization_of(1) == "Bearer first");
  fixture.now += 1s;
  fixture.take(client, 3);
  REQUIRE(fixture.asked.size() == 2);
  fixture.answer(token("second", 100));
  CHECK(fixture.authorization_of(2) == "Bearer second");
}

TEST_CASE("jobs that say the same share a token, others do not") {
  keeper_fixture fixture;
  auto first = oauth2_client(), same = oauth2_client(), other = oauth2_client("b");
  fixture.take(first, 1);
  fixture.answer(token("t"));
  fixture.take(same, 2);
  CHECK(fixture.sent.size() == 2);
  fixture.take(other, 3);
  CHECK(fixture.asked.size() == 2);
}

TEST_CASE("a client that the server does not know by the header names itself in the body") {
  keeper_fixture fixture;
  auto client = oauth2_client();
  fixture.take(client, 1);
  fixture.answer(R"({"error":"invalid_client"})", 401);
  REQUIRE(fixture.asked.size() == 2);
  CHECK(fixture.asked[1].body.find("client_secret=s") != std::string::npos);
  fixture.answer(token("t", 20));
  REQUIRE(fixture.sent.size() == 1);
  fixture.now += 20s;
  fixture.take(client, 2);
  CHECK(fixture.asked[2].body.find("client_secret=s") != std::string::npos);
}

TEST_CASE("a token that cannot be had is the answer to what waits, and the next fetch tries anew") {
  keeper_fixture fixture;
  auto client = oauth2_client();
  fixture.take(client, 1);
  fixture.answer("", 500);
  fixture.answer("down", 500);
  CHECK(fixture.sent.empty());
  CHECK(fixture.refused.at(1).failure == http::failure::credentials);
  CHECK(fixture.refused.at(1).error ==
        "Get \"http://target.example/metrics\": cannot fetch token: status 500: \"down\"");
  fixture.take(client, 2);
  CHECK(fixture.asked.size() == 3);
  fixture.answer(token("t"));
  CHECK(fixture.sent.size() == 1);
}

TEST_CASE("what waits can be cancelled") {
  keeper_fixture fixture;
  auto client = oauth2_client();
  fixture.take(client, 1);
  fixture.take(client, 2);
  fixture.keeper.cancel({}, 1);
  CHECK(fixture.refused.at(1).failure == http::failure::cancelled);
  fixture.answer(token("t"));
  REQUIRE(fixture.sent.size() == 1);
  CHECK(fixture.sent[0].tag == 2);
}

TEST_CASE("settings that nobody uses any more are forgotten") {
  keeper_fixture fixture;
  for (uint64_t i = 1; i <= 200; ++i) {
    fixture.take(oauth2_client(std::to_string(i)), i);
    fixture.answer(token("t"));
    fixture.sent.clear();
  }
  auto client = oauth2_client("200");
  fixture.take(client, 201);
  CHECK(fixture.sent.size() == 1);
}

TEST_CASE("requests to AWS are signed one by one with the keys at hand") {
  keeper_fixture fixture;
  auto client = aws_client();
  fixture.variables = {{"AWS_ACCESS_KEY_ID", "first"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
  fixture.take(client, 1);
  fixture.variables["AWS_ACCESS_KEY_ID"] = "second";
  fixture.take(client, 2);
  REQUIRE(fixture.sent.size() == 2);
  CHECK(fixture.authorization_of(0).find("Credential=first/20231114/eu-west-1/aps/aws4_request") != std::string::npos);
  CHECK(fixture.authorization_of(1).find("Credential=second/") != std::string::npos);
  CHECK(fixture.asked.empty());
}

TEST_CASE("the credentials of a role are used until they expire") {
  keeper_fixture fixture;
  http::aws_identity aws;
  aws.access_key = "mine";
  aws.secret_key = "s";
  aws.role_arn = "arn:role";
  auto client = aws_client(aws);
  fixture.take(client, 1);
  REQUIRE(fixture.asked.size() == 1);
  fixture.answer(R"({"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":
      {"AccessKeyId":"role","SecretAccessKey":"r","SessionToken":"session","Expiration":1700000900}}}})");
  fixture.take(client, 2);
  REQUIRE(fixture.sent.size() == 2);
  CHECK(fixture.authorization_of(1).find("Credential=role/") != std::string::npos);
  CHECK(fixture.sent[1].credentials.back() == http::header{"X-Amz-Security-Token", "session"});
  fixture.now += 900s;
  fixture.take(client, 3);
  CHECK(fixture.asked.size() == 2);
}

TEST_CASE("without keys at hand the instance is asked, one question after the other, and again before they expire") {
  keeper_fixture fixture;
  auto client = aws_client();
  fixture.variables = {{"HOME", "/nowhere"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://metadata.example"}};
  fixture.take(client, 1);
  fixture.take(client, 2);
  REQUIRE(fixture.asked.size() == 1);
  CHECK(fixture.asked[0].request->method == "PUT");
  CHECK(fixture.asked[0].request->url == "http://metadata.example/latest/api/token");
  fixture.answer("session");
  fixture.answer("my-role");
  fixture.answer(R"({"AccessKeyId":"A","SecretAccessKey":"B","Token":"C","Expiration":"2023-11-14T22:28:20Z"})");
  REQUIRE(fixture.asked.size() == 3);
  CHECK(fixture.asked[2].request->headers->at(0) == http::header{"X-aws-ec2-metadata-token", "session"});
  REQUIRE(fixture.sent.size() == 2);
  CHECK(fixture.authorization_of(1).find("Credential=A/") != std::string::npos);
  fixture.now += 900s;
  fixture.take(client, 3);
  CHECK(fixture.asked.size() == 4);
  fixture.answer("", 500);
  REQUIRE(fixture.refused.contains(3));
  CHECK(fixture.refused[3].error.find("the instance metadata service answers with status 500") != std::string::npos);
}
