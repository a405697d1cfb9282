#include "actors/scrape/scrape_body.hpp"

#include <catch2/catch.hpp>
#include <libdeflate.h>

#include <string>

using namespace rollcall;

namespace {

const body_limits plenty{.bytes_max = 1 << 20};

std::string gzip(const std::string& text) {
  auto* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

http::response ok(std::string body, const std::string& type = "text/plain; version=0.0.4") {
  http::response result;
  result.status = 200;
  result.reason = "OK";
  result.content_type = type;
  result.body = std::move(body);
  return result;
}

http::response zipped(const std::string& body) {
  auto result = ok(gzip(body));
  result.content_encoding = "gzip";
  return result;
}

result<std::string_view> text_of(const http::response& response, const body_limits& limits) {
  return read_body(response, limits).map([](const scraped_body& body) { return body.text; });
}

error error_of(const http::response& response, const body_limits& limits = plenty) {
  auto body = read_body(response, limits);
  REQUIRE_FALSE(body);
  return body.error();
}

}  // namespace

TEST_CASE("a plain body is its text, a compressed one is inflated") {
  CHECK(text_of(ok("a 1\n"), plenty) == "a 1\n");
  CHECK(text_of(zipped("a 1\n"), plenty) == "a 1\n");
  std::string large(500'000, 'x');
  CHECK(text_of(zipped(large), plenty) == large);
  CHECK(text_of(zipped(large), {.bytes_max = 1 << 20, .bytes_expected = 500'000}) == large);
}

TEST_CASE("only gzip is taken for a compression, as in Prometheus") {
  auto response = ok("a 1\n");
  for (const char* encoding : {"identity", "deflate", "br", "GZIP"}) {
    response.content_encoding = encoding;
    CHECK(text_of(response, plenty) == "a 1\n");
  }
}

TEST_CASE("the job's limit may not be reached, the built-in one may") {
  const std::string body = "abcdefgh\n";
  auto compressed = GENERATE(false, true);
  auto response = compressed ? zipped(body) : ok(body);
  CHECK(read_body(response, {.configured = body.size() + 1, .bytes_max = 1}));
  for (uint64_t limit : {body.size(), body.size() - 1, size_t{1}}) {
    auto failure = error_of(response, {.configured = limit, .bytes_max = 1 << 20});
    CHECK(failure.code == errc::limit_exceeded);
    CHECK(failure.message == "body size limit exceeded");
  }
  CHECK(read_body(response, {.bytes_max = body.size()}));
  CHECK(error_of(response, {.bytes_max = body.size() - 1}).code == errc::limit_exceeded);
}

TEST_CASE("a small body that inflates to a giant one is refused at the limit") {
  auto bomb = zipped(std::string(50 << 20, '\0'));
  REQUIRE(bomb.body.size() < (1 << 20));
  CHECK(error_of(bomb).code == errc::limit_exceeded);
  // And the next one is read as if nothing had been.
  CHECK(text_of(zipped("a 1\n"), plenty) == "a 1\n");
}

TEST_CASE("compressed bytes that are damaged are an error") {
  auto response = zipped("a 1\nb 2\n");
  auto whole = response.body;
  response.body = whole.substr(0, whole.size() - 5);
  CHECK_FALSE(read_body(response, plenty));
  response.body = whole;
  response.body[whole.size() / 2] = static_cast<char>(response.body[whole.size() / 2] ^ 0x40);
  CHECK_FALSE(read_body(response, plenty));
  response.body = "not compressed";
  CHECK_FALSE(read_body(response, plenty));
}

TEST_CASE("what kept the request from being answered is the error, in its own words") {
  http::response response;
  response.error = "connection refused";
  response.failure = http::failure::transport;
  CHECK(error_of(response) == error{errc::io, "connection refused"});
  response.failure = http::failure::timeout;
  response.error = "context deadline exceeded";
  CHECK(error_of(response) == error{errc::timeout, "context deadline exceeded"});
  response.failure = http::failure::body_too_large;
  CHECK(error_of(response) == error{errc::limit_exceeded, "body size limit exceeded"});
}

TEST_CASE("any status but 200 is an error, with its reason if there is one") {
  for (int status : {201, 204, 301, 404, 500}) {
    auto response = ok("a 1\n");
    response.status = status;
    response.reason = "Why Not";
    CHECK(error_of(response).message == "server returned HTTP status " + std::to_string(status) + " Why Not");
    response.reason.clear();
    CHECK(error_of(response).message == "server returned HTTP status " + std::to_string(status));
  }
}

TEST_CASE("the type says which format the body is in") {
  using exposition::format;
  CHECK(read_body(ok("a 1\n", "text/plain"), plenty)->format == format::text);
  CHECK(read_body(ok("a 1\n", "text/plain; version=1.0.0; charset=utf-8"), plenty)->format == format::text);
  CHECK(read_body(ok("# EOF\n", "application/openmetrics-text; version=1.0.0"), plenty)->format ==
        format::open_metrics);
  CHECK(read_body(ok("x", "application/vnd.google.protobuf"), plenty)->format == format::protobuf);
}

TEST_CASE("a type that says nothing is an error, unless the job falls back to a format") {
  auto with_fallback = plenty;
  with_fallback.fallback = http::exposition_format::openmetrics;
  for (const char* type : {"", "text/html", "nonsense;;"}) {
    INFO(type);
    CHECK(error_of(ok("a 1\n", type)).code == errc::unsupported);
    CHECK(read_body(ok("a 1\n", type), with_fallback)->format == exposition::format::open_metrics);
  }
  CHECK_THAT(error_of(ok("a 1\n", "")).message, Catch::Contains("blank Content-Type"));
}

TEST_CASE("an empty body is good whatever its type") {
  CHECK(text_of(ok("", ""), plenty) == "");
  CHECK(text_of(ok("", "text/html"), plenty) == "");
  auto compressed = zipped("");
  compressed.content_type.clear();
  CHECK(text_of(compressed, plenty) == "");
}
