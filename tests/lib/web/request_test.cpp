#include "lib/web/compress.hpp"
#include "lib/web/cors.hpp"
#include "lib/web/global_url.hpp"
#include "lib/web/query_string.hpp"
#include "lib/web/router.hpp"

#include <catch2/catch.hpp>
#include <libdeflate.h>

namespace rollcall::web {

TEST_CASE("reads query strings as Go does") {
  query_string query("match[]=up&match%5B%5D=a+b%2Bc&empty=&flag&=nameless&x=1=2");
  CHECK(query.all("match[]") == std::vector<std::string_view>{"up", "a b+c"});
  CHECK(query.get("match[]") == "up");
  CHECK(query.get("empty").empty());
  CHECK(query.all("empty").size() == 1);
  CHECK(query.all("flag") == std::vector<std::string_view>{""});
  CHECK(query.get("") == "nameless");
  CHECK(query.get("x") == "1=2");
  CHECK(query.all("absent").empty());
  CHECK_FALSE(query.malformed());
}

TEST_CASE("leaves malformed pairs out and remembers the first") {
  struct row {
    std::string text;
    std::string message;
  };
  for (const auto& [text, message] :
       {row{"a=1&x=%zz&b=%", "invalid URL escape \"%zz\""}, row{"a=1&%4=x", "invalid URL escape \"%4\""},
        row{"a=1&x=%", "invalid URL escape \"%\""}, row{"a=1&x=1;y=2", "invalid semicolon separator in query"}}) {
    CAPTURE(text);
    query_string query(text);
    REQUIRE(query.malformed());
    CHECK(query.malformed()->message == message);
    CHECK(query.get("a") == "1");
    CHECK(query.all("x").empty());
  }
}

TEST_CASE("cuts request targets into path and query") {
  auto parts = split_target("/a%20b/c+d?x=%2F&y=?#z");
  REQUIRE(parts);
  CHECK(parts->path == "/a b/c+d");
  CHECK(parts->query.get("x") == "/");
  CHECK(parts->query.get("y") == "?");
  CHECK(split_target("http://host:80/metrics?a=b")->path == "/metrics");
  CHECK(split_target("/")->path == "/");
  CHECK_FALSE(split_target("*"));
  CHECK_FALSE(split_target(""));
  CHECK_FALSE(split_target("http://host"));
  CHECK_FALSE(split_target("/%f"));
}

TEST_CASE("percent-encodes what percent-decoding gives back") {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
  CHECK(percent_decode(percent_encode(every_byte), true) == every_byte);
  CHECK(percent_encode("/a-b_c.d~e f\"<\n") == "/a-b_c.d~e%20f%22%3C%0A");
}

namespace {

router make_table(std::string_view prefix = "") {
  router table(prefix);
  table.get("/", 1);
  table.get("/targets", 2);
  table.post("/-/reload", 3);
  table.get_or_post("/query", 4);
  table.any("/label/:name/values", 5);
  table.any("/admin/*command", 6);
  return table;
}

}  // namespace

TEST_CASE("finds pages by path and method") {
  struct row {
    std::string method;
    std::string path;
    int page;
  };
  auto table = make_table();
  for (const auto& [method, path, page] :
       {row{"GET", "/", 1}, row{"HEAD", "/", 1}, row{"GET", "/targets", 2}, row{"POST", "/-/reload", 3},
        row{"PUT", "/-/reload", 3}, row{"GET", "/query", 4}, row{"POST", "/query", 4},
        row{"GET", "/label/a b/values", 5}, row{"DELETE", "/label/x/values", 5}, row{"PUT", "/admin/a/b", 6},
        row{"GET", "/admin/", 6}}) {
    CAPTURE(method, path);
    auto match = table.find(method, path);
    CHECK(match.outcome == router::outcome::found);
    CHECK(match.page == page);
  }
  CHECK(table.find("GET", "/label/x/values").pattern == "/label/:name/values");
}

TEST_CASE("finds no page for paths that are not in the table") {
  auto table = make_table();
  for (std::string path :
       {"", "x", "/nope", "/targets/x", "/label//values", "/label/x", "/label/x/values/y", "/admin", "/targets//"}) {
    CAPTURE(path);
    CHECK(table.find("GET", path).outcome == router::outcome::not_found);
  }
}

TEST_CASE("names the methods that a path knows") {
  auto table = make_table();
  auto match = table.find("DELETE", "/targets");
  CHECK(match.outcome == router::outcome::wrong_method);
  CHECK(match.allow == "GET, HEAD");
  CHECK(table.find("GET", "/-/reload").allow == "POST, PUT");
  CHECK(table.find("PUT", "/query").allow == "GET, HEAD, POST");
}

TEST_CASE("knows a path with a slash too many") {
  auto table = make_table();
  CHECK(table.find("GET", "/targets/").outcome == router::outcome::moved);
  CHECK(table.find("GET", "//").outcome == router::outcome::moved);
  CHECK(table.find("GET", "/nope/").outcome == router::outcome::not_found);
}

TEST_CASE("finds pages below a prefix only") {
  for (std::string prefix : {"/roll/call", "roll/call/", "/roll/call//"}) {
    auto table = make_table(prefix);
    CHECK(table.prefix() == "/roll/call");
    CHECK(table.find("GET", "/roll/call/targets").page == 2);
    CHECK(table.find("GET", "/roll/call/").page == 1);
    CHECK(table.find("GET", "/targets").outcome == router::outcome::not_found);
    CHECK(table.find("GET", "/roll/calltargets").outcome == router::outcome::not_found);
    CHECK(table.find("GET", "/roll/call").outcome == router::outcome::not_found);
  }
  CHECK(make_table("/").find("GET", "/targets").page == 2);
}

TEST_CASE("replaces local hosts in URLs") {
  external_address external{"https", "monitor.example.com:8443", "9095", ""};
  external_address portless{"https", "monitor.example.com", "9095", ""};
  external_address six{"http", "[2001:db8::1]:80", "9095", ""};
  struct row {
    std::string url;
    external_address external;
    std::string expected;
  };
  for (const auto& [url, address, expected] :
       {row{"http://localhost:9100/metrics?x=y", external, "http://monitor.example.com:9100/metrics?x=y"},
        row{"http://127.0.0.1:9095/metrics", external, "https://monitor.example.com:8443/metrics"},
        row{"http://[::1]:9100/metrics", external, "http://monitor.example.com:9100/metrics"},
        row{"http://[::1]:9095", portless, "https://monitor.example.com"},
        row{"http://localhost:1/", portless, "http://monitor.example.com:1/"},
        row{"http://localhost:1/", six, "http://[2001:db8::1]:1/"},
        row{"http://10.0.0.1:9095/metrics", external, "http://10.0.0.1:9095/metrics"},
        row{"http://[fe80::1]:9095/metrics", external, "http://[fe80::1]:9095/metrics"},
        row{"http://localhost/metrics", external, "http://localhost/metrics"},
        row{"localhost:9095", external, "localhost:9095"},
        row{"http://localhost:9100/", external_address{}, "http://localhost:9100/"}}) {
    CAPTURE(url);
    CHECK(global_url(url, address) == expected);
  }
}

TEST_CASE("reads external URLs") {
  auto full = parse_external_url("https://example.com:8443/rollcall/?x#y");
  CHECK(full.scheme == "https");
  CHECK(full.host == "example.com:8443");
  CHECK(full.path == "/rollcall");
  auto bare = parse_external_url("example.com");
  CHECK(bare.scheme == "http");
  CHECK(bare.host == "example.com");
  CHECK(bare.path.empty());
  CHECK(parse_external_url("http://a/").path.empty());
}

TEST_CASE("understands which clients take gzip") {
  for (std::string header :
       {"gzip", "deflate, gzip", "GZIP;q=0.5", "*", "gzip;q=1.0, identity;q=0", "br;q=1 , x-gzip", "*;q=0, gzip"}) {
    CAPTURE(header);
    CHECK(accepts_gzip(header));
  }
  for (std::string header : {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "gzip;q=0, *", "*;q=0", "gzipped"}) {
    CAPTURE(header);
    CHECK_FALSE(accepts_gzip(header));
  }
}

TEST_CASE("compresses large bodies for those who take it") {
  const std::string body(100'000, 'x');
  response answer{200, json_text, body, {}};
  compress(answer, "gzip");
  REQUIRE(answer.body.size() < 2000);
  CHECK(answer.headers ==
        std::vector<std::pair<std::string, std::string>>{{"Vary", "Accept-Encoding"}, {"Content-Encoding", "gzip"}});
  std::string inflated(body.size(), '\0');
  auto* decompressor = libdeflate_alloc_decompressor();
  CHECK(libdeflate_gzip_decompress(decompressor, answer.body.data(), answer.body.size(), inflated.data(),
                                   inflated.size(), nullptr) == LIBDEFLATE_SUCCESS);
  libdeflate_free_decompressor(decompressor);
  CHECK(inflated == body);
}

TEST_CASE("leaves bodies as they are when compression is not wanted or does not help") {
  response refused{200, json_text, std::string(5000, 'x'), {}};
  compress(refused, "identity");
  CHECK(refused.body == std::string(5000, 'x'));
  CHECK(refused.headers == std::vector<std::pair<std::string, std::string>>{{"Vary", "Accept-Encoding"}});
  response small{200, json_text, std::string(uncompressed_body_max, 'x'), {}};
  compress(small, "gzip");
  CHECK(small.body.size() == uncompressed_body_max);
  CHECK(small.headers.empty());
  std::string noise;
  uint64_t state = 1;
  for (int i = 0; i < 3000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    noise += static_cast<char>(state >> 56);
  }
  response random{200, json_text, noise, {}};
  compress(random, "gzip");
  CHECK(random.body == noise);
}

TEST_CASE("lets pages of allowed sites read the API") {
  auto header = [](const response& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return std::string("none");
  };
  auto ask = [&](const std::string& allowed, const std::string& origin) {
    response answer;
    auto rule = cors::compile(allowed);
    REQUIRE(rule);
    rule->apply(answer, origin);
    return header(answer, "Access-Control-Allow-Origin");
  };
  CHECK(ask(".*", "https://a.example.com") == "*");
  CHECK(ask(".*", "") == "none");
  CHECK(ask("https?://(a|b).example.com", "https://a.example.com") == "https://a.example.com");
  CHECK(ask("https?://(a|b).example.com", "https://a.example.com.evil.org") == "none");
  CHECK_FALSE(cors::compile("("));
}

}  // namespace rollcall::web
