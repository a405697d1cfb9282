#include "tests/conformance/directory.hpp"

#include <algorithm>

namespace rollcall::conformance {

namespace fs = std::filesystem;

namespace {

// Takes the field that says why the product is known to differ; "" without one.
std::string take_known_difference(case_file& stated) {
  auto at = std::find_if(stated.fields.begin(), stated.fields.end(),
                         [](const field& each) { return each.key == "known difference"; });
  if (at == stated.fields.end()) return "";
  if (at->value.empty()) refuse(*at, "a difference has a reason");
  auto reason = at->value;
  stated.fields.erase(at);
  return reason;
}

std::vector<std::string> check_one(const fs::path& file, const case_check& check, directory_report& report) {
  if (file.extension() != ".case") throw malformed_case(0, "the name of a case ends with .case");
  auto stated = read_case(file);
  auto reason = take_known_difference(stated);
  auto found = check(stated);
  ++report.run;
  if (reason.empty()) return std::move(found.differences);
  if (found.differences.empty()) return {"there is no difference any more: " + reason};
  ++report.known_to_differ;
  return {};
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
  for (const auto& file : files) {
    auto name = file.filename().string();
    try {
      auto differences = check_one(file, check, report);
      if (!differences.empty()) report.failed[name] = std::move(differences);
    } catch (const std::exception& trouble) {
      report.failed[name] = {std::string("malformed case: ") + trouble.what()};
    }
  }
  return report;
}

}  // namespace rollcall::conformance
