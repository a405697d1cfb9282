#include "lib/exposition/text_parser.hpp"

#include "lib/exposition/line_scan.hpp"
#include "tests/lib/exposition/conformance.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using exposition::text_parser;

TEST_CASE("the text parser reads every conformance case as expected") {
  auto cases = test::conformance_cases("text");
  CHECK(cases.size() >= 80);
  for (const auto& [name, body, expected] : cases) {
    INFO(name);
    CHECK(test::describe<text_parser>(body, exposition::text_name) == expected);
  }
}

TEST_CASE("the short way over metadata lines agrees with the parser") {
  size_t skipped = 0;
  for (const auto& [name, body, expected] : test::conformance_cases("text")) {
    INFO(name);
    std::string lines = body + "\n";
    for (size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
      if (lines[at] != '#') continue;
      exposition::metadata_scanner scanner;
      const char* p = lines.data() + at;
      if (!scanner.skip(p, lines.data() + lines.size())) {
        CHECK(p == lines.data() + at);
        continue;
      }
      ++skipped;
      text_parser parser(lines);
      parser.seek(at);
      auto entry = parser.next();
      REQUIRE(entry);
      CHECK((*entry == text_parser::entry::help || *entry == text_parser::entry::type));
      CHECK(parser.position() == static_cast<size_t>(p - lines.data()));
      CHECK(parser.type() == scanner.type());
    }
  }
  CHECK(skipped > 20);
}

TEST_CASE("the short way over metadata lines does not take a longer name for the one before") {
  std::string lines = "# TYPE ab counter\n# TYPE abc gauge\n# TYPE ab.c gauge\n";
  exposition::metadata_scanner scanner;
  const char* at = lines.data();
  const char* end = at + lines.size();
  CHECK(scanner.skip(at, end));
  CHECK(scanner.type() == exposition::metric_type::counter);
  CHECK(scanner.skip(at, end));
  CHECK(scanner.type() == exposition::metric_type::gauge);
  CHECK_FALSE(scanner.skip(at, end));
}

TEST_CASE("the short way over samples agrees with the parser") {
  size_t scanned = 0;
  for (const auto& [name, body, expected] : test::conformance_cases("text")) {
    INFO(name);
    std::string lines = body + "\n";
    text_parser parser(lines);
    for (auto entry = parser.next(); entry && *entry != text_parser::entry::end; entry = parser.next()) {
      if (*entry != text_parser::entry::sample) continue;
      const char* at = parser.series_text().data() + parser.series_text().size();
      exposition::scanned_sample sample;
      if (!exposition::scan_after_series(at, sample)) continue;
      ++scanned;
      CHECK(at == lines.data() + parser.position());
      CHECK(sample.value_bits == parser.value_bits());
      CHECK(sample.has_timestamp == parser.timestamp().has_value());
      if (sample.has_timestamp) CHECK(sample.timestamp == parser.timestamp());
    }
  }
  CHECK(scanned > 80);
}

TEST_CASE("the short way over samples refuses what is no sample") {
  for (std::string_view rest : {"x1\n", " x\n", " 1{\n", " 1 -5\n", " 1 5 6\n", " \n", "\n",
                                " 1 99999999999999999999\n", " {a=\"b\"} 1\n", " 1e999\n"}) {
    INFO(rest);
    std::string line = "metric" + std::string(rest);
    const char* at = line.data() + 6;
    exposition::scanned_sample sample;
    CHECK_FALSE(exposition::scan_after_series(at, sample));
  }
}

TEST_CASE("the text parser stays at the entry that it refuses") {
  text_parser parser("a 1\nb\n");
  CHECK(parser.next() == text_parser::entry::sample);
  auto position = parser.position();
  CHECK_FALSE(parser.next());
  CHECK(parser.position() == position);
  CHECK_FALSE(parser.next());
}

TEST_CASE("the text parser tells the series text without the blanks around it") {
  text_parser parser("  a  1\n\tb { c = \"d\" }  2\n");
  CHECK(parser.next() == text_parser::entry::sample);
  CHECK(parser.series_text() == "a");
  CHECK(parser.raw_name() == "a");
  CHECK(parser.next() == text_parser::entry::sample);
  CHECK(parser.series_text() == "b { c = \"d\" }");
  CHECK(parser.next() == text_parser::entry::end);
}
