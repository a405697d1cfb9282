#include "config/yaml_writer.hpp"

#include "config/yaml_tree.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

TEST_CASE("writes nested maps and lists in block style") {
  yaml_writer writer;
  writer.field("text", "plain");
  writer.field("flag", true);
  writer.field("count", uint64_t{18446744073709551615u});
  writer.field("share", 0.5);
  writer.field("wait", milliseconds(90'000));
  writer.map("map", [&] {
    writer.field("inner", "x");
    writer.map("empty", [] {});
    writer.list("none", [] {});
    writer.list("items", [&] {
      writer.item("a");
      writer.item([&] {
        writer.field("first", "1");
        writer.list("second", [&] { writer.item("b"); });
      });
      writer.item([] {});
      writer.item([&] { writer.map("deep", [&] { writer.field("x", "y"); }); });
    });
  });
  writer.secret("password", "p");
  writer.secret("no_password", "");
  CHECK(writer.text() ==
        "text: plain\n"
        "flag: true\n"
        "count: 18446744073709551615\n"
        "share: 0.5\n"
        "wait: 1m30s\n"
        "map:\n"
        "  inner: x\n"
        "  empty: {}\n"
        "  none: []\n"
        "  items:\n"
        "  - a\n"
        "  - first: \"1\"\n"
        "    second:\n"
        "    - b\n"
        "  - {}\n"
        "  - deep:\n"
        "      x: \"y\"\n"
        "password: <secret>\n");
}

TEST_CASE("quotes text exactly where it would read as something else") {
  auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"", R"("")"},
      {"plain text", "plain text"},
      {"a:b", "a:b"},
      {"a: b", R"("a: b")"},
      {"a:", R"("a:")"},
      {"a#b", "a#b"},
      {"a #b", R"("a #b")"},
      {"(.*)", "(.*)"},
      {"$1", "$1"},
      {"<secret>", "<secret>"},
      {"<<", R"("<<")"},
      {"true", R"("true")"},
      {"No", R"("No")"},
      {"NULL", R"("NULL")"},
      {"~", R"("~")"},
      {"12", R"("12")"},
      {"-1.5e3", R"("-1.5e3")"},
      {"0x1F", R"("0x1F")"},
      {".inf", R"(".inf")"},
      {"12:30", R"("12:30")"},
      {"10.0.0.1:9100", R"("10.0.0.1:9100")"},
      {"*star", R"("*star")"},
      {"- x", R"("- x")"},
      {" x", R"(" x")"},
      {"x ", R"("x ")"},
      {"say \"hi\"", "say \"hi\""},
      {"\"hi\"", R"("\"hi\"")"},
      {"back\\slash", "back\\slash"},
      {"tab\there", R"("tab\there")"},
      {"line\nbreak", R"("line\nbreak")"},
      {std::string("nul\0", 4), R"("nul\x00")"},
      {"sm\xC3\xB8rrebr\xC3\xB8"
       "d",
       "\"sm\xC3\xB8rrebr\xC3\xB8"
       "d\""},
  }));
  CAPTURE(text);
  yaml_writer writer;
  writer.field("k", text);
  CHECK(writer.text() == "k: " + expected + "\n");
  auto root = parse_yaml(writer.text());
  REQUIRE(root);
  const auto& value = root->map.at(0).value;
  CHECK(value.kind == yaml_kind::scalar);
  CHECK(value.text == text);
}

TEST_CASE("writes any byte so that it reads back, as a value, an item and a key") {
  for (int c = 1; c < 128; ++c) {
    for (const auto& text :
         {std::string(1, static_cast<char>(c)), std::string("a") + static_cast<char>(c),
          static_cast<char>(c) + std::string("a"), std::string("a ") + static_cast<char>(c) + " b"}) {
      CAPTURE(c, text);
      yaml_writer writer;
      writer.map("top", [&] { writer.field(text, text); });
      writer.list("list", [&] { writer.item(text); });
      auto root = parse_yaml(writer.text());
      REQUIRE(root);
      CHECK(root->map.at(0).value.map.at(0).key == text);
      CHECK(root->map.at(0).value.map.at(0).value.text == text);
      CHECK(root->map.at(1).value.items.at(0).text == text);
    }
  }
}

}  // namespace
