#include "bench/http/request.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace rollcall::bench {
namespace {

TEST_CASE("reads the parts of a request") {
  std::string text =
      "POST /api/v1/write?x=1 HTTP/1.1\r\nHost: a\r\nContent-Encoding: snappy\r\ncontent-length:  5 \r\n\r\nhelloGET";
  auto parsed = parse_request(text, 100);
  REQUIRE(parsed.state == parse_state::complete);
  CHECK(parsed.request.method == "POST");
  CHECK(parsed.request.path == "/api/v1/write");
  CHECK(parsed.request.query == "x=1");
  CHECK(parsed.request.content_encoding == "snappy");
  CHECK(parsed.request.body == "hello");
  CHECK(parsed.request.wire_bytes == text.size() - 3);
  CHECK(parsed.request.keep_alive);
}

TEST_CASE("waits for the rest of a request cut off anywhere") {
  std::string text = "POST /w HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  for (size_t size = 0; size < text.size(); ++size) {
    INFO("first " << size << " bytes");
    CHECK(parse_request(std::string_view(text).substr(0, size), 100).state == parse_state::incomplete);
  }
  CHECK(parse_request(text, 100).state == parse_state::complete);
}

TEST_CASE("knows whether the client takes gzip") {
  struct {
    std::string value;
    bool accepted;
  } cases[] = {{"gzip", true},      {"GZIP;q=0.5", true}, {"deflate, gzip", true}, {"identity", false},
               {"gzip;q=0", false}, {"", false},          {"gzippy", false},       {"br;q=1.0,gzip;q=0.8", true}};
  for (const auto& each : cases) {
    std::string text = "GET / HTTP/1.1\r\nAccept-Encoding: " + each.value + "\r\n\r\n";
    INFO(each.value);
    CHECK(parse_request(text, 0).request.accepts_gzip == each.accepted);
  }
  CHECK_FALSE(parse_request("GET / HTTP/1.1\r\n\r\n", 0).request.accepts_gzip);
}

TEST_CASE("knows whether the connection stays open") {
  CHECK(parse_request("GET / HTTP/1.1\r\n\r\n", 0).request.keep_alive);
  CHECK_FALSE(parse_request("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", 0).request.keep_alive);
  CHECK_FALSE(parse_request("GET / HTTP/1.0\r\n\r\n", 0).request.keep_alive);
  CHECK(parse_request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 0).request.keep_alive);
}

TEST_CASE("tells that a client waits for leave to send its body") {
  auto parsed = parse_request("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", 100);
  CHECK(parsed.state == parse_state::incomplete);
  CHECK(parsed.expects_continue);
}

TEST_CASE("refuses what it does not speak") {
  for (std::string_view text :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"}) {
    INFO(text);
    CHECK(parse_request(text, 100).state == parse_state::malformed);
  }
}

TEST_CASE("bounds heads and bodies") {
  CHECK(parse_request("POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 100).state == parse_state::too_large);
  CHECK(parse_request(std::string(head_bytes_max - 1, 'x'), 100).state == parse_state::incomplete);
  CHECK(parse_request(std::string(head_bytes_max, 'x'), 100).state == parse_state::too_large);
}

}  // namespace
}  // namespace rollcall::bench
