#include "lib/http/url.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::http;

TEST_CASE("URLs are taken apart") {
  struct row {
    const char* text;
    url expected;
    const char* host_header;
  };
  const row rows[] = {
      {"http://host/metrics", {"http", "", "host", 80, "/metrics"}, "host"},
      {"https://host", {"https", "", "host", 443, "/"}, "host"},
      {"HTTP://Host.Example:9100/a?b=c&d#e", {"http", "", "host.example", 9100, "/a?b=c&d"}, "host.example:9100"},
      {"http://host?q=1", {"http", "", "host", 80, "/?q=1"}, "host"},
      {"http://user:pa@ss@host/", {"http", "user:pa@ss", "host", 80, "/"}, "host"},
      {"https://[::1]:8443/x", {"https", "", "::1", 8443, "/x"}, "[::1]:8443"},
      {"https://[fe80::1]/x", {"https", "", "fe80::1", 443, "/x"}, "[fe80::1]"},
      {"http://host:80/", {"http", "", "host", 80, "/"}, "host"},
      {"http://host:/", {"http", "", "host", 80, "/"}, "host"},
      {"https://host:80/", {"https", "", "host", 80, "/"}, "host:80"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    auto parsed = parse_url(row.text);
    REQUIRE(parsed);
    CHECK(*parsed == row.expected);
    CHECK(parsed->host_header() == row.host_header);
    CHECK(parse_url(parsed->text()) == parsed);
  }
}

TEST_CASE("what is no http URL is refused without repeating it") {
  for (const char* text : {"", "host", "host:9100/metrics", "ftp://secret/", "file:///secret", "http://", "http:///x",
                           "http://:9100", "http://secret:99999/", "http://secret:x/", "http://[::1/", "http://[::1]x/",
                           "http://se cret/", "http://secret/\r\nX: y", "http://user:secret@/"}) {
    INFO(text);
    auto parsed = parse_url(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == errc::syntax);
    CHECK(parsed.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("a password in a URL is hidden") {
  CHECK(redact_password("http://user:secret@host/path") == "http://user:xxxxx@host/path");
  CHECK(redact_password("http://user:se@cr:et@host/path") == "http://user:xxxxx@host/path");
  CHECK(redact_password("http://user@host/a:b@c") == "http://user@host/a:b@c");
  CHECK(redact_password("http://host:80/?x=a:b@c") == "http://host:80/?x=a:b@c");
  CHECK(redact_password("http://:secret@host") == "http://:xxxxx@host");
  CHECK(redact_password("not a url") == "not a url");
  CHECK(redact_password("") == "");
}

TEST_CASE("this machine is recognised by its names") {
  for (const char* host : {"localhost", "127.0.0.1", "127.255.0.3", "::1"}) CHECK(is_loopback(host));
  for (const char* host : {"128.0.0.1", "localhost.example", "127.example.org", "::2", ""})
    CHECK_FALSE(is_loopback(host));
}
