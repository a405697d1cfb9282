#include "config/yaml_reader.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

/// Reads a map with the visitor and gives the fault's message, or "".
std::string read(std::string_view text, const yaml_reader::visitor& visit, const std::string& file = "") {
  auto root = parse_yaml(text);
  REQUIRE(root);
  yaml_source source{file, "/dir", std::nullopt};
  yaml_reader(source, *root, "thing").fields(visit);
  return source.fault ? source.fault->message : "";
}

TEST_CASE("takes typed fields") {
  CHECK(read("n: 0x10\nm: +7\nf: 1e3\ng: -2\nb: TRUE\nd: 1m\ns: 1KB\nt: 007\np: x/../y\nl: [1, two]\nq: {a: 1, b: ~}\n",
             [](yaml_reader& reader) {
               uint64_t n = 0, m = 0, s = 0;
               double f = 0, g = 0;
               bool b = false;
               milliseconds d{0};
               std::string t, p;
               std::vector<std::string> l;
               std::map<std::string, std::string> q;
               CHECK((reader.read("n", n) && reader.read("m", m) && reader.read("f", f) && reader.read("g", g)));
               CHECK((reader.read("b", b) && reader.read("d", d) && reader.read_size("s", s) && reader.read("t", t)));
               CHECK((reader.read_path("p", p) && reader.read("l", l) && reader.read("q", q)));
               CHECK(n == 16);
               CHECK(m == 7);
               CHECK(f == 1000);
               CHECK(g == -2);
               CHECK(b);
               CHECK(d == 1min);
               CHECK(s == 1024);
               CHECK(t == "007");
               CHECK(p == "/dir/y");
               CHECK(l == std::vector<std::string>{"1", "two"});
               CHECK(q == std::map<std::string, std::string>{{"a", "1"}, {"b", ""}});
             }) == "");
}

TEST_CASE("leaves the default alone when a field is absent, null or wrong") {
  read("a:\nb: x\n", [](yaml_reader& reader) {
    uint64_t a = 5, b = 6, c = 7;
    CHECK_FALSE(reader.read("a", a));
    CHECK_FALSE(reader.read("b", b));
    CHECK_FALSE(reader.read("c", c));
    CHECK((a == 5 && b == 6 && c == 7));
  });
}

TEST_CASE("keeps the first fault and puts the file before it") {
  CHECK(read(
            "a: x\nb: y\n",
            [](yaml_reader& reader) {
              uint64_t number = 0;
              reader.read("b", number);
              reader.read("a", number);
            },
            "file.yml") == "file.yml:2:4: cannot unmarshal !!str `y` into uint");
}

TEST_CASE("reports what nobody asked for, the first of it") {
  CHECK(read("a: 1\nb: 2\nc: 3\n", [](yaml_reader& reader) {
          uint64_t a = 0;
          reader.read("a", a);
        }) == "2:1: field b not found in type thing");
}

TEST_CASE("shortens a long value in a message, between characters") {
  auto flag = [](yaml_reader& reader) {
    bool out = false;
    reader.read("a", out);
  };
  CHECK(read("a: 1234567890", flag) == "1:4: cannot unmarshal !!int `1234567890` into bool");
  CHECK(read("a: 12345678901", flag) == "1:4: cannot unmarshal !!int `1234567...` into bool");
  CHECK(read("a: abcdef\xC3\xA9\xC3\xA9\xC3\xA9", flag) == "1:4: cannot unmarshal !!str `abcdef...` into bool");
}

TEST_CASE("numbers too large for their type are refused") {
  auto number = [](yaml_reader& reader) {
    uint64_t out = 0;
    reader.read("a", out);
  };
  CHECK(read("a: 18446744073709551615", number) == "");
  CHECK(read("a: 18446744073709551616", number).ends_with("into uint"));
  CHECK(read("a: '5'", number) == "1:4: cannot unmarshal !!str `5` into uint");
}

}  // namespace
