#include "actors/io/curl_headers.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

std::vector<std::string> lines_of(const curl_slist* list) {
  std::vector<std::string> lines;
  for (; list != nullptr; list = list->next) lines.emplace_back(list->data);
  return lines;
}

http::request request_with(const std::string& accept, const std::string& token) {
  http::request request;
  request.headers = std::make_shared<http::header_list>(http::header_list{{"Accept", accept}});
  http::client_config client;
  client.authorization = http::authorization{"Bearer", {token, ""}};
  request.client = std::make_shared<http::client_config>(client);
  return request;
}

}  // namespace

TEST_CASE("header lines are linked in order, before the tail") {
  header_lines common, own;
  common.add("A", "1");
  common.link(nullptr);
  own.suppress("Expect");
  own.add("Empty", "");
  CHECK(lines_of(own.link(common.first())) == std::vector<std::string>{"Expect:", "Empty;", "A: 1"});
  own.clear();
  CHECK(own.link(common.first()) == common.first());
  CHECK(own.link(nullptr) == nullptr);
}

TEST_CASE("lines are made once per headers and settings") {
  header_cache cache;
  const auto request = request_with("text/plain", "secret");
  auto first = cache.with_credentials(request);
  REQUIRE(first);
  CHECK(lines_of((*first)->first()) == std::vector<std::string>{"Accept: text/plain", "Authorization: Bearer secret"});
  CHECK(*cache.with_credentials(request) == *first);
  CHECK(lines_of(cache.without_credentials(request)->first()) == std::vector<std::string>{"Accept: text/plain"});
  CHECK(cache.size() == 2);
}

TEST_CASE("settings that read files are not remembered") {
  header_cache cache;
  auto request = request_with("text/plain", "");
  auto client = *request.client;
  client.authorization->credentials.file = "/dev/null";
  request.client = std::make_shared<http::client_config>(client);
  REQUIRE(cache.with_credentials(request));
  CHECK(cache.size() == 0);
}

TEST_CASE("lines of settings that nobody else holds any more are forgotten") {
  header_cache cache;
  const auto kept = request_with("kept", "secret");
  auto lines = cache.with_credentials(kept);
  for (int i = 0; i < 10'000; ++i) REQUIRE(cache.with_credentials(request_with("gone", std::to_string(i))));
  CHECK(cache.size() < 200);
  CHECK(*cache.with_credentials(kept) == *lines);
}
