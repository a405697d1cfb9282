#include "tests/conformance/content_type_case.hpp"
#include "tests/conformance/directory.hpp"
#include "tests/conformance/exposition_case.hpp"
#include "tests/conformance/label_notation.hpp"
#include "tests/conformance/relabel_case.hpp"
#include "tests/conformance/scrape_step.hpp"
#include "tests/conformance/target_case.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace rollcall;
using namespace rollcall::conformance;
namespace fs = std::filesystem;

namespace {

const field nowhere{"test", "", {}, 1};

std::string fault_of(std::string_view text, const case_check& check = check_relabel) {
  try {
    check(parse_case(text));
  } catch (const malformed_case& malformed) {
    return malformed.what();
  }
  return "";
}

outcome exposition(std::string_view text) { return check_exposition(parse_case(text), http::exposition_format::text); }

/// A directory of its own, gone afterwards.
struct scratch_directory {
  scratch_directory() {
    auto pattern = (fs::temp_directory_path() / "rollcall-conformance-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~scratch_directory() { fs::remove_all(path); }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  void write(const std::string& name, std::string_view text) const { std::ofstream(path / name) << text; }

  fs::path path;
};

}  // namespace

TEST_CASE("a case file is a sentence and fields with their blocks") {
  auto read = parse_case("# One\n# sentence.\na: 1\nb:\n  x\n\n    y\n\n# aside\nc d: \n");
  CHECK(read.sentence == "One sentence.");
  REQUIRE(read.fields.size() == 3);
  CHECK(read.fields[0].value == "1");
  CHECK(read.fields[1].text() == "x\n\n  y\n");
  CHECK(read.fields[1].line == 4);
  CHECK(read.fields[2].key == "c d");
}

TEST_CASE("what is not written as a case is refused") {
  CHECK_FALSE(fault_of("").empty());
  CHECK_FALSE(fault_of("labels: {}\nresult: {}\n").empty());
  CHECK_FALSE(fault_of("# Only a sentence.\n").empty());
  CHECK_FALSE(fault_of("# S.\n  indented\n").empty());
  CHECK_FALSE(fault_of("# S.\nno colon\n").empty());
  CHECK_FALSE(fault_of("# S.\nkey:value\n").empty());
}

TEST_CASE("keys that nobody knows and cases that expect nothing are refused") {
  auto text = [](const case_file& stated) { return check_exposition(stated, http::exposition_format::text); };
  CHECK(fault_of("# S.\nlabel: {}\n") == "line 2: label: unknown key, or not after what it belongs to");
  CHECK_FALSE(fault_of("# S.\nlabels: {a=\"b\"}\n").empty());
  CHECK(fault_of("# S.\nscrape:\n  a 1\nsample:\n  a 1\n", text) ==
        "line 4: sample: unknown key, or twice for one scrape");
  CHECK(fault_of("# S.\nscrape:\n  a 1\n", text) == "line 2: scrape: nothing is expected of this scrape");
  CHECK_FALSE(fault_of("# S.\nscrape:\n  a 1\nsamples:\n  a 1\ncounts: scrapes 1\n", text).empty());
  CHECK_FALSE(fault_of("# S.\njob:\n  sample_limits: 1\nscrape:\n  a 1\nsamples:\n  a 1\n", text).empty());
  CHECK_FALSE(fault_of("# S.\nscrape escaped:\n  a 1\\q\nsamples:\n", text).empty());
  CHECK_FALSE(fault_of("# S.\ngroup:\n  {__address__=\"a\"}\n", check_target_labels).empty());
  CHECK_FALSE(fault_of("# S.\ngroup:\n  {__address__=\"a\"}\ntarget:\n", check_target_labels).empty());
  CHECK_FALSE(fault_of("# S.\ncontent_type: text/plain\n", check_content_type).empty());
  CHECK_FALSE(fault_of("# S.\ncontent_type: text/plain\nformat: txt\n", check_content_type).empty());
}

TEST_CASE("samples are read in one form, however they are written") {
  CHECK(normalised_sample("a 1e3", nowhere) == "a 1000");
  CHECK(normalised_sample("a{c=\"1\", b=\"x\\\"\\n\"} -0 @5", nowhere) == "a{b=\"x\\\"\\n\",c=\"1\"} -0 @5");
  CHECK(normalised_sample("{b=\"1\",\"a.b\"} +Inf", nowhere) == "{\"a.b\",b=\"1\"} +Inf");
  CHECK(normalised_sample("a stale", nowhere) == "a stale");
  CHECK(normalised_sample("a{\"x.y\"=\"\\xc3\\xa4\"} NaN", nowhere) == "a{\"x.y\"=\"\xc3\xa4\"} NaN");
  CHECK(normalised_sample("a 3 # {t=\"1\"} 0.50 @7 # {} 2", nowhere) == "a 3 # {t=\"1\"} 0.5 @7 # {} 2");
  CHECK(normalised_sample("a {count:1, sum:2, (1,2]:1} @9", nowhere) == "a {count:1, sum:2, (1,2]:1} @9");
  CHECK_THROWS_AS(normalised_sample("a", nowhere), malformed_case);
  CHECK_THROWS_AS(normalised_sample("a 1 2", nowhere), malformed_case);
  CHECK_THROWS_AS(normalised_sample("a{b} 1", nowhere), malformed_case);
}

TEST_CASE("every kind of difference is told") {
  CHECK(exposition("# S.\nscrape:\n  a 1\nsamples:\n  a 1\n").differences.empty());
  CHECK(exposition("# S.\nscrape:\n  a 1\nsamples:\n  a 2\n").differences ==
        std::vector<std::string>{"line 4, samples: missing: a 2", "line 4, samples: not expected: a 1"});
  CHECK(exposition("# S.\nscrape:\n  a 1\n  a 1\nsamples:\n  a 1\n").differences.size() == 3);
  CHECK(exposition("# S.\nscrape:\n  a 1\nsamples:\n  a 1\ncounts: added 2\n").differences.size() == 1);
  CHECK(exposition("# S.\nscrape:\n  a 1\nerror has: x\nsamples:\n  a 1\n").differences.size() == 1);
  CHECK(exposition("# S.\nscrape:\n  a\nerror: x\n").differences.size() == 1);
  CHECK(exposition("# S.\nscrape:\n  a\nerror has: line 1\n").differences.empty());
  CHECK_FALSE(exposition("# S.\nscrape:\n  a\nsamples:\n").differences.empty());
  CHECK(check_relabel(parse_case("# S.\nlabels: {}\nrules:\n  - action: drop\nresult: {}\n")).differences.size() == 1);
  CHECK(check_relabel(parse_case("# S.\nrules:\n  - action: drop\nerror has: x\n")).differences.size() == 1);
  CHECK(check_content_type(parse_case("# S.\ncontent_type: a/b\nformat: text\n")).differences.size() == 1);
  CHECK(check_content_type(parse_case("# S.\nprotocols: PrometheusProto\naccept: x\n")).differences.size() == 1);
  CHECK(check_target_labels(parse_case("# S.\ngroup:\n  {__address__=\"a\"}\ntargets:\n  http://b/ {}\n"))
            .differences.size() == 2);
}

TEST_CASE("a directory without cases, and files that are none, are failures") {
  scratch_directory directory;
  CHECK(check_directory(directory.path, check_relabel).failed.size() == 1);
  CHECK(check_directory(directory.path / "missing", check_relabel).failed.size() == 1);
  directory.write("README.md", "words");
  CHECK(check_directory(directory.path, check_relabel).failed.size() == 1);
  directory.write("good.case", "# S.\nrules:\nlabels: {a=\"b\"}\nresult: {a=\"b\"}\n");
  auto report = check_directory(directory.path, check_relabel);
  CHECK(report.run == 1);
  CHECK(report.failed.empty());
  directory.write("good.txt", "# S.\nrules:\nlabels: {a=\"b\"}\nresult: {a=\"b\"}\n");
  directory.write("bad.case", "# S.\nrule:\n");
  fs::create_directory(directory.path / "unreadable.case");
  report = check_directory(directory.path, check_relabel);
  CHECK(report.run == 1);
  CHECK(report.failed.size() == 3);
}

TEST_CASE("a known difference has to be there") {
  scratch_directory directory;
  directory.write("differs.case", "# S.\nknown difference: why\nrules:\nlabels: {a=\"b\"}\nresult: {}\n");
  auto report = check_directory(directory.path, check_relabel);
  CHECK(report.failed.empty());
  CHECK(report.known_to_differ == 1);
  directory.write("differs.case", "# S.\nknown difference: why\nrules:\nlabels: {a=\"b\"}\nresult: {a=\"b\"}\n");
  CHECK(check_directory(directory.path, check_relabel).failed.size() == 1);
  directory.write("differs.case", "# S.\nknown difference:\nrules:\nlabels: {a=\"b\"}\nresult: {}\n");
  CHECK(check_directory(directory.path, check_relabel).failed.size() == 1);
}
