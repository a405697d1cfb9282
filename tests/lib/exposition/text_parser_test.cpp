#include "lib/exposition/text_parser.hpp"

#include "lib/exposition/line_scan.hpp"
#include "lib/exposition/number.hpp"
#include "lib/labels/names.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace rollcall;
using exposition::text_parser;

namespace {

struct text_case {
  std::string name;
  std::string body;
  std::string expected;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Turns <hh> into bytes and lets <> take the newline at the end away.
std::string decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_byte = text[i] == '<' && i + 3 < text.size() && text[i + 3] == '>' &&
                   std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                   std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    if (is_byte) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 3;
    } else if (text.substr(i) == "<>\n") {
      break;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<text_case> all_cases() {
  std::vector<text_case> cases;
  for (const auto& file : std::filesystem::directory_iterator(TEST_SOURCE_DIR "/conformance/text")) {
    if (file.path().extension() != ".case") continue;
    std::string text = read_file(file.path());
    auto border = text.find("----\n");
    REQUIRE(border != std::string::npos);
    cases.push_back({file.path().stem(), decode(std::string_view(text).substr(0, border)),
                     decode(std::string_view(text).substr(border + 5))});
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return cases;
}

std::string escaped(std::string_view text, bool with_quotes) {
  std::string out;
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && with_quotes)) {
      (out += '\\') += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string name_text(std::string_view name, bool is_metric) {
  bool is_plain = is_metric ? is_valid_metric_name(name, name_validation::legacy)
                            : is_valid_label_name(name, name_validation::legacy);
  return is_plain ? std::string(name) : '"' + escaped(name, true) + '"';
}

std::string describe_sample(const text_parser& parser) {
  std::vector<std::pair<std::string, std::string>> labels;
  parser.append_labels(labels);
  CHECK(labels.at(0).first == "__name__");
  std::string out = "sample " + name_text(labels.at(0).second, true);
  for (size_t i = 1; i < labels.size(); ++i) {
    out += i == 1 ? "{" : ",";
    out += name_text(labels[i].first, false) + "=\"" + escaped(labels[i].second, true) + '"';
  }
  if (labels.size() > 1) out += '}';
  out += ' ';
  auto value = std::bit_cast<double>(parser.value_bits());
  if (value != value) CHECK(parser.value_bits() == 0x7ff8000000000001u);
  exposition::append_number(out, value);
  if (parser.timestamp()) out += " @" + std::to_string(*parser.timestamp());
  return out + '\n';
}

std::string describe(std::string_view body) {
  text_parser parser(body);
  std::string out;
  for (;;) {
    auto entry = parser.next();
    if (!entry) {
      CHECK(entry.error().code == errc::syntax);
      return out + "error " + entry.error().message + '\n';
    }
    switch (*entry) {
      case text_parser::entry::end:
        return out;
      case text_parser::entry::sample:
        out += describe_sample(parser);
        break;
      case text_parser::entry::comment:
        out += "comment\n";
        break;
      case text_parser::entry::help:
        out += "help " + name_text(parser.family(), true) + ' ' + escaped(parser.help(), false) + '\n';
        break;
      case text_parser::entry::type:
        out += "type " + name_text(parser.family(), true) + ' ' + std::string(to_string(parser.type())) + '\n';
        break;
      case text_parser::entry::histogram:
      case text_parser::entry::unit:
        FAIL("the text format has neither");
    }
  }
}

}  // namespace

TEST_CASE("the text parser reads every conformance case as expected") {
  auto cases = all_cases();
  CHECK(cases.size() >= 80);
  for (const auto& [name, body, expected] : cases) {
    INFO("tests/conformance/text/" << name << ".case");
    CHECK(describe(body) == expected);
  }
}

TEST_CASE("the short way over metadata lines agrees with the parser") {
  size_t skipped = 0;
  for (const auto& [name, body, expected] : all_cases()) {
    INFO("tests/conformance/text/" << name << ".case");
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
  for (const auto& [name, body, expected] : all_cases()) {
    INFO("tests/conformance/text/" << name << ".case");
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
