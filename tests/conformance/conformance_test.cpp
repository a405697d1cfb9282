#include "tests/conformance/content_type_case.hpp"
#include "tests/conformance/directory.hpp"
#include "tests/conformance/exposition_case.hpp"
#include "tests/conformance/relabel_case.hpp"
#include "tests/conformance/target_case.hpp"

#define CATCH_CONFIG_EXTERNAL_INTERFACES  // for the listener
#include <catch2/catch.hpp>

#include <iostream>

using namespace rollcall;
using conformance::case_file;

namespace {

/// How many cases ran, told when the run is over.
class tally : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  static void add(const std::string& directory, const conformance::directory_report& report) {
    total += report.run;
    text += (text.empty() ? "" : ", ") + directory + ' ' + std::to_string(report.run);
    if (report.known_to_differ > 0) text += " (" + std::to_string(report.known_to_differ) + " known to differ)";
  }

  void testRunEnded(const Catch::TestRunStats&) override {
    if (!text.empty()) std::cout << "conformance: " << total << " cases: " << text << std::endl;
  }

 private:
  static inline size_t total = 0;
  static inline std::string text;
};

// `at_least` keeps cases from getting lost unnoticed.
void check_all(const std::string& directory, size_t at_least, const conformance::case_check& check) {
  auto report = conformance::check_directory(TEST_SOURCE_DIR "/conformance/" + directory, check);
  tally::add(std::filesystem::path(directory).filename().string(), report);
  for (const auto& [name, differences] : report.failed) {
    for (const auto& difference : differences) {
      FAIL_CHECK("tests/conformance/" << directory << '/' << name << ": " << difference);
    }
  }
  CHECK(report.run >= at_least);
}

conformance::case_check expositions_in(http::exposition_format format) {
  return [format](const case_file& stated) { return conformance::check_exposition(stated, format); };
}

}  // namespace

CATCH_REGISTER_LISTENER(tally)

TEST_CASE("text expositions become the samples that Prometheus makes of them") {
  check_all("scrape/text", 110, expositions_in(http::exposition_format::text));
}

TEST_CASE("OpenMetrics expositions become the samples that Prometheus makes of them") {
  check_all("scrape/openmetrics", 110, expositions_in(http::exposition_format::openmetrics));
}

TEST_CASE("protobuf expositions become the samples that Prometheus makes of them") {
  check_all("scrape/protobuf", 50, expositions_in(http::exposition_format::protobuf));
}

TEST_CASE("series go stale when Prometheus lets them go stale") {
  check_all("scrape/staleness", 25, expositions_in(http::exposition_format::text));
}

TEST_CASE("relabeling rules do what Prometheus's do") { check_all("relabel", 70, conformance::check_relabel); }

TEST_CASE("discovered targets become the targets that Prometheus makes of them") {
  check_all("target_labels", 40, conformance::check_target_labels);
}

TEST_CASE("content types choose the parser that Prometheus chooses") {
  check_all("content_type", 20, conformance::check_content_type);
}
