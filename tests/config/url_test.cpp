#include "config/url.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

TEST_CASE("accepts http URLs with a host") {
  auto url = GENERATE(as<std::string>{}, "http://a", "https://a.example:9090/path?x=y#z", "HTTP://a",
                      "http://[::1]:9090/", "http://user:pa:ss@host/", "http://a:/x", "http://10.0.0.1");
  CAPTURE(url);
  CHECK(check_http_url(url));
}

TEST_CASE("says what a URL lacks") {
  auto [url, message] = GENERATE(table<std::string, std::string>({
      {"", "URL is missing"},
      {"host:9090", "URL scheme must be 'http' or 'https'"},
      {"/path", "URL scheme must be 'http' or 'https'"},
      {"http", "URL scheme must be 'http' or 'https'"},
      {"ftp://host", "URL scheme must be 'http' or 'https'"},
      {"http:", "host is missing in URL"},
      {"http:/path", "host is missing in URL"},
      {"http://", "host is missing in URL"},
      {"http://?x", "host is missing in URL"},
      {"http://:80", "host is missing in URL"},
      {"http://user@", "host is missing in URL"},
      {"http://[::1", "missing ']' in host"},
      {"http://[::1]x", "invalid port \"x\" after host"},
      {"http://a:b", "invalid port \":b\" after host"},
      {"http://a b", "invalid character in URL"},
      {"http://a\n", "invalid character in URL"},
  }));
  CAPTURE(url);
  auto valid = check_http_url(url);
  REQUIRE_FALSE(valid);
  CHECK(valid.error().message == message);
}

TEST_CASE("hides the password of a URL and nothing else") {
  auto [url, shown] = GENERATE(table<std::string, std::string>({
      {"http://user:secret@host/a@b:c", "http://user:xxxxx@host/a@b:c"},
      {"http://user:se@cr:et@host", "http://user:xxxxx@host"},
      {"http://user:@host", "http://user:xxxxx@host"},
      {"http://user@host:80/", "http://user@host:80/"},
      {"http://host:80/x", "http://host:80/x"},
      {"http://host/?a:b@c", "http://host/?a:b@c"},
      {"not a url", "not a url"},
      {"", ""},
  }));
  CHECK(redacted_url(url) == shown);
}

}  // namespace
