#include "lib/labels/names.hpp"

#include "lib/labels/code_point.hpp"
#include "lib/labels/quote.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

TEST_CASE("label names follow the chosen scheme") {
  struct {
    std::string_view name;
    bool legacy, utf8;
  } cases[] = {
      {"job", true, true},    {"__name__", true, true}, {"_", true, true},       {"A9_", true, true},
      {"", false, false},     {"9a", false, true},      {"a:b", false, true},    {"a.b", false, true},
      {"naïve", false, true}, {"a b", false, true},     {"a\xFF", false, false}, {"\xED\xA0\x80", false, false},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(is_valid_label_name(c.name, name_validation::legacy) == c.legacy);
    CHECK(is_valid_label_name(c.name, name_validation::utf8) == c.utf8);
  }
}

TEST_CASE("metric names may have colons in the legacy scheme") {
  CHECK(is_valid_metric_name("job:rate:5m", name_validation::legacy));
  CHECK(is_valid_metric_name(":x", name_validation::legacy));
  CHECK_FALSE(is_valid_metric_name("5m", name_validation::legacy));
  CHECK_FALSE(is_valid_metric_name("a.b", name_validation::legacy));
  CHECK_FALSE(is_valid_metric_name("", name_validation::legacy));
  CHECK(is_valid_metric_name("a.b", name_validation::utf8));
  CHECK_FALSE(is_valid_metric_name("", name_validation::utf8));
  CHECK_FALSE(is_valid_metric_name("\x80", name_validation::utf8));
}

TEST_CASE("sanitizing puts one underscore for each character that is not allowed") {
  CHECK(sanitize_label_name("app.kubernetes.io/name") == "app_kubernetes_io_name");
  CHECK(sanitize_label_name("größe") == "gr__e");
  CHECK(sanitize_label_name("a\xFF\xFE") == "a__");
  CHECK(sanitize_label_name("😀") == "_");
  CHECK(sanitize_label_name("ok_9") == "ok_9");
  CHECK(sanitize_label_name("").empty());
}

TEST_CASE("text is quoted as in Go") {
  CHECK(quoted("plain") == "\"plain\"");
  CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quoted("\n\t\r\a\b\f\v") == R"("\n\t\r\a\b\f\v")");
  CHECK(quoted(std::string_view("\0\x7f\x1b", 3)) == R"("\x00\x7f\x1b")");
  CHECK(quoted("\xFFé") == "\"\\xffé\"");
  CHECK(quoted("\xC2\x85") == R"("\u0085")");
  CHECK(quoted("\xEF\xBF\xBD") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("every code point survives being written and read") {
  for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x1000 ? 1 : 97) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    size_t bytes = text.size();
    text += 'x';
    auto front = front_code_point(text);
    if (front.value != c || front.bytes != bytes) FAIL("code point " << static_cast<uint32_t>(c));
  }
}

TEST_CASE("a byte outside UTF-8 reads as one replacement character") {
  for (std::string_view text : {"\x80", "\xC0\x80", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xC3("}) {
    CHECK(front_code_point(text).value == replacement_character);
    CHECK(front_code_point(text).bytes == 1);
  }
}
