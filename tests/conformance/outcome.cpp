#include "tests/conformance/outcome.hpp"

#include <algorithm>
#include <iterator>

namespace rollcall::conformance {

namespace {

std::string place(const field& where) { return "line " + std::to_string(where.line) + ", " + where.key + ": "; }

void note_all(std::vector<std::string>& out, const std::string& prefix, const std::vector<std::string>& lines) {
  for (const auto& line : lines) out.push_back(prefix + line);
}

}  // namespace

void outcome::compare(const field& stated, std::string_view expected, std::string_view actual) {
  if (expected == actual) return;
  differences.push_back(place(stated) + "expected `" + std::string(expected) + "`, got `" + std::string(actual) + '`');
}

void outcome::compare(const field& stated, std::vector<std::string> expected, std::vector<std::string> actual) {
  std::sort(expected.begin(), expected.end());
  std::sort(actual.begin(), actual.end());
  std::vector<std::string> missing;
  std::vector<std::string> surplus;
  std::set_difference(expected.begin(), expected.end(), actual.begin(), actual.end(), std::back_inserter(missing));
  std::set_difference(actual.begin(), actual.end(), expected.begin(), expected.end(), std::back_inserter(surplus));
  note_all(differences, place(stated) + "missing: ", missing);
  note_all(differences, place(stated) + "not expected: ", surplus);
}

void outcome::compare_error(const field& stated, const std::optional<error>& actual) {
  if (!actual) {
    differences.push_back(place(stated) + "expected the error `" + stated.value + "`, got none");
    return;
  }
  bool is_whole = stated.key == "error";
  if (is_whole ? actual->message == stated.value : actual->message.find(stated.value) != std::string::npos) return;
  differences.push_back(place(stated) + "got the error `" + actual->message + "`, expected " +
                        (is_whole ? "`" : "one with `") + stated.value + '`');
}

void outcome::unexpected_error(const field& where, const error& actual) {
  differences.push_back(place(where) + "unexpected error `" + actual.message + '`');
}

bool is_error(const field& candidate) { return candidate.key == "error" || candidate.key == "error has"; }

}  // namespace rollcall::conformance
