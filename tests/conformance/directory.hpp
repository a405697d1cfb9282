#pragma once

#include "tests/conformance/case_file.hpp"
#include "tests/conformance/outcome.hpp"

#include <functional>
#include <map>
#include <string>

namespace rollcall::conformance {

using case_check = std::function<outcome(const case_file&)>;

/// What came of all cases in a directory.
struct directory_report {
  size_t run = 0;
  size_t known_to_differ = 0;
  std::map<std::string, std::vector<std::string>> failed;  ///< File name -> differences, or why it is malformed.
};

/// Checks every file in a directory but README.md. An empty or missing directory counts as a failed case, and so does a
/// file with another ending than .case. A case with the field `known difference` fails when there is none any more.
directory_report check_directory(const std::filesystem::path& directory, const case_check& check);

}  // namespace rollcall::conformance
