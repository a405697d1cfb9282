#include "config/yaml_tree.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

const yaml_node* find(const yaml_node& node, std::string_view key) {
  for (const auto& entry : node.map)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

std::string keys_of(const yaml_node& node) {
  std::string out;
  for (const auto& entry : node.map) out += entry.key + ' ';
  return out;
}

TEST_CASE("knows kinds, quotes and places of values") {
  auto root = parse_yaml("a: plain\nb: 'quoted'\nc: [1, \"2\"]\nd: {e: ~}\nf: !!str 5\ng: |\n  block\nh: !!int 7\n");
  REQUIRE(root);
  CHECK(root->kind == yaml_kind::map);
  CHECK(keys_of(*root) == "a b c d f g h ");
  CHECK(find(*root, "a")->position == yaml_position{1, 4});
  CHECK_FALSE(find(*root, "a")->quoted);
  CHECK(find(*root, "b")->quoted);
  CHECK(find(*root, "b")->text == "quoted");
  REQUIRE(find(*root, "c")->items.size() == 2);
  CHECK(find(*root, "c")->items[1].quoted);
  CHECK(find(*root, "c")->items[1].position == yaml_position{3, 8});
  CHECK(find(*find(*root, "d"), "e")->kind == yaml_kind::null);
  CHECK(find(*root, "f")->quoted);
  CHECK(find(*root, "g")->text == "block\n");
  CHECK(find(*root, "g")->quoted);
  CHECK_FALSE(find(*root, "h")->quoted);
}

TEST_CASE("puts a value that is missing where its key or its dash stands") {
  auto root = parse_yaml("a:\nb:\n  -\n  - ~\n  -   # nothing\n  - x\n  -\n");
  REQUIRE(root);
  CHECK(find(*root, "a")->kind == yaml_kind::null);
  CHECK(find(*root, "a")->position == yaml_position{1, 1});
  const auto& items = find(*root, "b")->items;
  REQUIRE(items.size() == 5);
  CHECK(items[0].position == yaml_position{3, 3});
  CHECK(items[1].position == yaml_position{4, 5});
  CHECK(items[4].position == yaml_position{7, 3});
}

TEST_CASE("takes what has no content as null") {
  auto text = GENERATE(as<std::string>{}, "", "\n\n", "# comment\n", "---\n", "~", "null");
  auto root = parse_yaml(text);
  REQUIRE(root);
  CHECK(root->kind == yaml_kind::null);
}

TEST_CASE("merges maps: explicit keys win, then the first of several sources") {
  auto root = parse_yaml(
      "base: &base {a: base, b: base}\n"
      "more: &more {b: more, c: more}\n"
      "one:\n  a: own\n  <<: *base\n"
      "two:\n  <<: [*base, *more, {d: inline, a: inline}]\n"
      "chain:\n  <<: {<<: *more, c: outer}\n"
      "text:\n  '<<': kept\n");
  REQUIRE(root);
  const auto* one = find(*root, "one");
  CHECK(keys_of(*one) == "a b ");
  CHECK(find(*one, "a")->text == "own");
  CHECK(find(*one, "b")->position == yaml_position{1, 26});
  const auto* two = find(*root, "two");
  CHECK(keys_of(*two) == "a b c d ");
  CHECK(find(*two, "b")->text == "base");
  CHECK(find(*two, "c")->text == "more");
  CHECK(find(*two, "d")->text == "inline");
  const auto* chain = find(*root, "chain");
  CHECK(keys_of(*chain) == "c b ");
  CHECK(find(*chain, "c")->text == "outer");
  CHECK(keys_of(*find(*root, "text")) == "<< ");
}

TEST_CASE("refuses duplicate keys, also in flow style and of keys that only look different") {
  CHECK(parse_yaml("a: 1\n\"a\": 2\n").error().message == "2:1: key \"a\" already set in map at line 1");
  CHECK(parse_yaml("x: {b: 1, c: 2, b: 3}\n").error().message == "1:17: key \"b\" already set in map at line 1");
}

TEST_CASE("stops at an alias bomb without building it") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    auto previous = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ", ") + previous;
    text += "]\n";
  }
  auto root = parse_yaml(text, {.nodes_max = 100'000});
  REQUIRE_FALSE(root);
  CHECK(root.error().message.find("more than 100000 values once aliases are resolved") != std::string::npos);
}

TEST_CASE("stops at a bomb made of merge keys") {
  std::string text = "m0: &m0 {k: [x, x, x, x, x, x, x, x, x, x]}\n";
  for (int i = 1; i < 12; ++i) {
    auto previous = "*m" + std::to_string(i - 1);
    text += "m" + std::to_string(i) + ": &m" + std::to_string(i) + " {<<: [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ", ") + previous;
    text += "]}\n";
  }
  auto root = parse_yaml(text, {.nodes_max = 100'000});
  REQUIRE_FALSE(root);
  CHECK(root.error().message.find("more than 100000 values") != std::string::npos);
}

TEST_CASE("stops at a depth bomb of any style") {
  std::string flow_lists(100'000, '[');
  std::string flow_maps;
  std::string block_lists;
  for (int i = 0; i < 100'000; ++i) flow_maps += "{a: ";
  for (int i = 0; i < 100'000; ++i) block_lists += "- ";
  for (const auto& text : {flow_lists, flow_maps, block_lists}) CHECK_FALSE(parse_yaml(text));
  std::string closed(65, '[');
  closed += std::string(65, ']');
  CHECK(parse_yaml(closed).error().message == "1:65: values are nested more than 64 levels deep");
  std::string allowed(64, '[');
  allowed += std::string(64, ']');
  CHECK(parse_yaml(allowed));
}

TEST_CASE("finds anchors that contain themselves, directly, through others and through merges") {
  auto text = GENERATE(as<std::string>{}, "a: &x [*x]\n", "a: &x {b: *x}\n", "a: &x {<<: *x}\n",
                       "a: &x {b: &y [{c: *x}, *y]}\n", "a: &x {<<: [{b: *x}]}\n");
  CAPTURE(text);
  auto root = parse_yaml(text);
  REQUIRE_FALSE(root);
  CHECK(root.error().message.find("an anchor contains an alias of itself") != std::string::npos);
}

TEST_CASE("refuses a text beyond the limit before reading it") {
  auto root = parse_yaml("aaaaaaaaaaa", {.text_bytes_max = 10});
  REQUIRE_FALSE(root);
  CHECK(root.error() == error{errc::limit_exceeded, "1:1: the text is longer than 10 bytes"});
}

}  // namespace
