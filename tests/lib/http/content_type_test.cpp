#include "lib/http/content_type.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::http;

TEST_CASE("media types are taken apart") {
  struct row {
    const char* text;
    media_type expected;
  };
  const row rows[] = {
      {"text/plain", {"text/plain", {}}},
      {" Text/PLAIN ", {"text/plain", {}}},
      {"text/plain; version=0.0.4", {"text/plain", {{"version", "0.0.4"}}}},
      {"text/plain;version=0.0.4;charset=utf-8", {"text/plain", {{"version", "0.0.4"}, {"charset", "utf-8"}}}},
      {"text/plain; Version=\"0.0.4\"", {"text/plain", {{"version", "0.0.4"}}}},
      {"a/b; x=\"semi;colon \\\"quoted\\\"\"", {"a/b", {{"x", "semi;colon \"quoted\""}}}},
      {"text/plain;", {"text/plain", {}}},
      {"text/plain; ", {"text/plain", {}}},
      {"text/plain; a=1; a=1", {"text/plain", {{"a", "1"}}}},
      {"form-data", {"form-data", {}}},
      {"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
       {"application/vnd.google.protobuf",
        {{"proto", "io.prometheus.client.MetricFamily"}, {"encoding", "delimited"}}}},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    auto parsed = parse_media_type(row.text);
    REQUIRE(parsed);
    CHECK(*parsed == row.expected);
  }
}

TEST_CASE("what is no media type is refused") {
  for (const char* text :
       {"", ";", "/", "text/", "/plain", "text/plain/x", "text plain", "te(xt)/plain", "text/plain; charset",
        "text/plain; charset=", "text/plain; =utf-8", "text/plain; a=\"open", "text/plain; a=1; a=2",
        "text/plain; a=1 b=2", "text/plain,text/html", "text/\x01plain", "t\xc3\xa9xt/plain"}) {
    INFO(text);
    auto parsed = parse_media_type(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == errc::syntax);
  }
}

TEST_CASE("the parser is chosen by the media type alone") {
  CHECK(choose_exposition_format("text/plain; version=9.9.9", std::nullopt) == exposition_format::text);
  CHECK(choose_exposition_format("application/openmetrics-text; version=1.0.0; charset=utf-8", std::nullopt) ==
        exposition_format::openmetrics);
  CHECK(choose_exposition_format("application/vnd.google.protobuf", std::nullopt) == exposition_format::protobuf);
  CHECK(choose_exposition_format("text/plain", exposition_format::openmetrics) == exposition_format::text);
}

TEST_CASE("without a fallback an unusable type is an error that names it") {
  CHECK(choose_exposition_format("", std::nullopt).error().message ==
        "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target");
  CHECK(choose_exposition_format("text/html", std::nullopt).error().message ==
        "received unsupported Content-Type \"text/html\" and no fallback_scrape_protocol specified for target");
  CHECK(choose_exposition_format("a \"b\"", std::nullopt).error().message ==
        "cannot parse Content-Type \"a \\\"b\\\"\" and no fallback_scrape_protocol for target");
  CHECK(choose_exposition_format("text/html", std::nullopt).error().code == errc::unsupported);
}

TEST_CASE("with a fallback an unusable type falls back") {
  for (const char* type : {"", "text/html", "application/json; charset", "a b"}) {
    INFO(type);
    CHECK(choose_exposition_format(type, exposition_format::openmetrics) == exposition_format::openmetrics);
  }
}
