#include "actors/discovery/json_reader.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

/// The document's text of a key, or what is wrong with the document.
std::string text_of(const std::string& document, std::string_view key, null_document null = null_document::refused) {
  std::string text;
  auto read = read_json(document, [&](const json_reader& reader) { text = reader.text(key); }, null);
  return read ? text : "error: " + read.error().message;
}

}  // namespace

TEST_CASE("a key is found whatever its case, and as it is written first") {
  CHECK(text_of(R"({"Name": "x"})", "Name") == "x");
  CHECK(text_of(R"({"NAME": "x"})", "name") == "x");
  CHECK(text_of(R"({"NAME": "x", "name": "y", "Name": "z"})", "name") == "y");
  CHECK(text_of(R"({"names": "x"})", "name").empty());
}

TEST_CASE("what is absent or null is the zero value, what is something else a fault") {
  CHECK(text_of("{}", "a").empty());
  CHECK(text_of(R"({"a": null})", "a").empty());
  CHECK(text_of(R"({"a": 1})", "a") == "error: expected string for .a, found number");
  CHECK(text_of("[]", "a") == "error: expected object for the document, found array");
  CHECK(text_of("{", "a") == "error: invalid JSON at byte 2 of 1");
}

TEST_CASE("a number that no double holds is a fault, wherever it stands") {
  const char* fault = "error: the JSON document has a number that no double holds";
  CHECK(text_of(R"({"a": "x", "b": 1e999})", "a") == fault);
  CHECK(text_of(R"({"a": "x", "b": -1)" + std::string(400, '0') + "}", "a") == fault);
  CHECK(text_of(R"({"a": "x", "b": 1e308})", "a") == "x");
}

TEST_CASE("a document that is null is refused unless it may be") {
  CHECK(text_of("null", "a") == "error: the JSON document is null");
  CHECK(text_of("null", "a", null_document::zero).empty());
}

TEST_CASE("the first fault counts") {
  auto read = read_json(R"({"a": {"b": [1]}})", [](const json_reader& document) {
    const auto a = document.field("a");
    CHECK(a.texts("b") == std::vector<std::string>{""});
    document.refuse("another fault");
  });
  REQUIRE_FALSE(read);
  CHECK(read.error() == error{errc::syntax, "expected string for .a.b[], found number"});
  auto refused = read_json("{}", [](const json_reader& document) {
    document.refuse("a fault");
    document.refuse("another");
  });
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == error{errc::syntax, "a fault"});
}
