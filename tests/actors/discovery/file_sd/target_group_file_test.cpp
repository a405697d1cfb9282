#include "actors/discovery/file_sd/target_group_file.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

const target_group_origin origin = {"/sd/nodes", "__meta_filepath"};

std::vector<target_group> read(std::string_view text, target_group_format format) {
  auto groups = parse_target_groups(text, format, origin);
  if (!groups) FAIL(groups.error().message);
  return *groups;
}

std::string message_of(std::string_view text, target_group_format format) {
  auto groups = parse_target_groups(text, format, origin);
  REQUIRE_FALSE(groups);
  return groups.error().message;
}

TEST_CASE("reads the same groups from YAML and from JSON") {
  const std::vector<target_group> expected = {
      {"/sd/nodes:0",
       labels::of({{"__meta_filepath", "/sd/nodes"}, {"dc", "a"}, {"odd name", "x"}}),
       {labels::of({{"__address__", "a:9100"}}), labels::of({{"__address__", "http://b/"}})}},
      {"/sd/nodes:1", labels::of({{"__meta_filepath", "/sd/nodes"}}), {}},
  };
  CHECK(read("- targets: [a:9100, 'http://b/']\n"
             "  labels: {dc: a, odd name: x, empty: '', __meta_filepath: other}\n"
             "- labels:\n",
             target_group_format::yaml) == expected);
  const std::string json =
      R"([{"targets": ["a:9100", "http:\/\/b/"], "labels": {"dc": "a", "odd name": "x", "empty": null,)"
      R"( "__meta_filepath": "other"}}, {"labels": null, "targets": []}])";
  CHECK(read(json, target_group_format::json) == expected);
  // JSON is YAML too, but for the escaped slash.
  CHECK(read(R"([{"targets": ["a:1"]}])", target_group_format::yaml) ==
        read(R"([{"targets": ["a:1"]}])", target_group_format::json));
}

TEST_CASE("takes an empty list, and an empty YAML text as one") {
  CHECK(read("[]", target_group_format::json).empty());
  CHECK(read("[]", target_group_format::yaml).empty());
  CHECK(read("", target_group_format::yaml).empty());
  CHECK(read("null", target_group_format::json).empty());
}

TEST_CASE("the last of equal keys and labels wins in JSON") {
  auto groups =
      read(R"([{"targets": ["a"], "targets": ["b"], "labels": {"x": "1", "x": "2"}}])", target_group_format::json);
  CHECK(groups.at(0).targets == std::vector<packed_labels>{labels::of({{"__address__", "b"}})});
  CHECK(groups.at(0).common.get("x") == "2");
}

TEST_CASE("says what is wrong with YAML, and where") {
  auto [text, message] = GENERATE(table<std::string, std::string>({
      {"- targets: [a]\n-\n", "2:1: nil target group item found (index 1)"},
      {"- ~\n", "1:3: nil target group item found (index 0)"},
      {"- target: [a]\n", "1:3: field target not found in type target_group"},
      {"targets: [a]\n", "1:1: cannot unmarshal !!map into []target_group"},
      {"- a:9100\n", "1:3: cannot unmarshal !!str `a:9100` into target_group"},
      {"- targets: a\n", "1:12: cannot unmarshal !!str `a` into []string"},
      {"- targets: [[a]]\n", "1:13: cannot unmarshal !!seq into string"},
      {"- labels: [a]\n", "1:11: cannot unmarshal !!seq into labels"},
      {"- labels: {a: [b]}\n", "1:15: cannot unmarshal !!seq into string"},
      {"- labels:\n    '': b\n", "2:9: \"\" is not a valid label name"},
      {"- targets: [a]\n  targets: [b]\n", "2:3: key \"targets\" already set in map at line 1"},
      {"- targets: [a\n", "2:1: end of sequence flow not found"},
  }));
  CAPTURE(text);
  CHECK(message_of(text, target_group_format::yaml) == message);
}

TEST_CASE("says what is wrong with JSON, and where") {
  auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "1:1: unexpected end of JSON input"},
      {"[{}, null]", "1:9: nil target group item found (index 1)"},
      {"[\n{\"target\": [\"a\"]}]", "2:9: field target not found in type target_group"},
      {"{\"targets\": []}", "1:1: expected a list of target groups, found object"},
      {"\"a\"", "1:3: expected a list of target groups, found string"},
      {"[[]]", "1:2: expected a target group, found array"},
      {"[\"a\"]", "1:4: expected a target group, found string"},
      {"[{\"targets\": \"a\"}]", "1:16: expected a list of addresses for targets, found string"},
      {"[{\"targets\": {}}]", "1:14: expected a list of addresses for targets, found object"},
      {"[{\"targets\": [true]}]", "1:18: expected an address, found bool"},
      {"[{\"labels\": []}]", "1:13: expected a map of labels for labels, found array"},
      {"[{\"labels\": {\"a\": {}}}]", "1:19: expected a label value, found object"},
      {"[{\"labels\": {\"\": \"a\"}}]", "1:15: \"\" is not a valid label name"},
  }));
  CAPTURE(text);
  CHECK(message_of(text, target_group_format::json) == message);
}

TEST_CASE("refuses JSON that is broken, cut off or followed by more") {
  auto text = GENERATE(as<std::string>{}, "[", "[{", "[{\"targets\"", "[{\"targets\": [\"a\"", "[{}]]", "[{}] []",
                       "[{},]", "[{'targets': []}]", "[{\"targets\": [\"\xFF\"]}]", "nul",
                       "[{\"labels\": {\"a\": 1e999999}}]", "[{\"labels\": {\"a\": 12}}]");
  CAPTURE(text);
  auto message = message_of(text, target_group_format::json);
  CHECK(message.starts_with("1:"));
}

TEST_CASE("a deeply nested text is refused, not followed") {
  for (auto format : {target_group_format::yaml, target_group_format::json})
    CHECK_FALSE(parse_target_groups(std::string(1'000'000, '['), format, origin));
}

TEST_CASE("tells the format from the file's name") {
  CHECK(format_of_file("/a/b.json") == target_group_format::json);
  CHECK(format_of_file("/a/b.JSON") == target_group_format::json);
  CHECK(format_of_file("/a/json.yml") == target_group_format::yaml);
  CHECK(format_of_file("/a/b.yaml") == target_group_format::yaml);
}

}  // namespace
