#include "tests/conformance/directory.hpp"

#include <algorithm>

namespace rollcall::conformance {

namespace fs = std::filesystem;

namespace {

void check_one(const fs::path& file, const std::string& name, const case_check& check, directory_report& report) {
  try {
    if (file.extension() != ".case") throw malformed_case(0, "the name of a case ends with .case");
    auto found = check(read_case(file));
    ++(found.was_run ? report.run : report.not_run);
    if (!found.differences.empty()) report.failed[name] = std::move(found.differences);
  } catch (const malformed_case& malformed) {
    report.failed[name] = {std::string("malformed case: ") + malformed.what()};
  }
}

}  // namespace

directory_report check_directory(const fs::path& directory, const case_check& check) {
  directory_report report;
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(directory, failure)) {
    if (entry.path().filename() != "README.md") files.push_back(entry.path());
  }
  if (files.empty()) report.failed[directory.filename().string()] = {"no case was found"};
  std::sort(files.begin(), files.end());
  for (const auto& file : files) check_one(file, file.filename().string(), check, report);
  return report;
}

}  // namespace rollcall::conformance
