#include "lib/dns/resolv_conf.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::dns;

using texts = std::vector<std::string>;

TEST_CASE("servers, search list and ndots are read, and what is not known means nothing") {
  auto conf = parse_resolv_conf(
      "# nameserver 1.1.1.1\n;x\n\nnameserver 10.0.0.1 trailing\n\tnameserver  ::1\n"
      "search a.example\tb.example\noptions timeout:1 ndots:2 rotate\nsortlist x\r\n");
  CHECK(conf == resolv_conf{{"10.0.0.1", "::1"}, {"a.example", "b.example"}, 2});
  CHECK(parse_resolv_conf("") == resolv_conf{});
  CHECK(parse_resolv_conf("nameserver\nnameserver 10.0.0.1").servers == texts{"10.0.0.1"});
}

TEST_CASE("the last of search and domain counts") {
  CHECK(parse_resolv_conf("search a b\ndomain c d\n").search == texts{"c"});
  CHECK(parse_resolv_conf("domain c\nsearch a b\n").search == texts{"a", "b"});
  CHECK(parse_resolv_conf("search a b\nsearch\n").search.empty());
  CHECK(parse_resolv_conf("search a b\ndomain\n").search.empty());
}

TEST_CASE("ndots has bounds, and is 0 when it is no number") {
  CHECK(parse_resolv_conf("").ndots == 1);
  CHECK(parse_resolv_conf("options ndots:0").ndots == 0);
  CHECK(parse_resolv_conf("options ndots:15").ndots == 15);
  CHECK(parse_resolv_conf("options ndots:16").ndots == 15);
  CHECK(parse_resolv_conf("options ndots:99999999999999999999999").ndots == 15);
  CHECK(parse_resolv_conf("options ndots:-1").ndots == 0);
  CHECK(parse_resolv_conf("options ndots:x").ndots == 0);
}

TEST_CASE("no more servers and domains are taken than the bounds say") {
  std::string text = "search";
  for (size_t i = 0; i < 100; ++i) text += " d" + std::to_string(i);
  for (size_t i = 0; i < 100; ++i) text += "\nnameserver 10.0.0." + std::to_string(i);
  auto conf = parse_resolv_conf(text);
  CHECK(conf.search.size() == resolv_conf::search_max);
  CHECK(conf.servers.size() == resolv_conf::servers_max);
}

TEST_CASE("a name with enough dots is tried as it is first, others in the domains first") {
  resolv_conf conf{{}, {"a.example", "b.example."}, 2};
  CHECK(names_to_try(conf, "x.y.z") == texts{"x.y.z.", "x.y.z.a.example.", "x.y.z.b.example."});
  CHECK(names_to_try(conf, "x.y") == texts{"x.y.a.example.", "x.y.b.example.", "x.y."});
  conf.ndots = 0;
  CHECK(names_to_try(conf, "x") == texts{"x.", "x.a.example.", "x.b.example."});
}

TEST_CASE("a name with a final dot is tried alone, as is any where there is no search list") {
  CHECK(names_to_try({{}, {"a.example"}, 1}, "x.") == texts{"x."});
  CHECK(names_to_try({}, "x") == texts{"x."});
  CHECK(names_to_try({{}, {"."}, 1}, "x") == texts{"x.", "x."});
}
