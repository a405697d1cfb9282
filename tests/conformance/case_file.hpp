#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Golden cases: what they look like is in tests/conformance/README.md.
namespace rollcall::conformance {

/// A case that is not written as README.md says; it fails, whatever the product does.
class malformed_case : public std::runtime_error {
 public:
  malformed_case(size_t line, const std::string& message)
      : std::runtime_error("line " + std::to_string(line) + ": " + message) {}
};

/// `key: value`, and the block of indented lines below it without their indentation.
struct field {
  std::string key;
  std::string value;
  std::vector<std::string> block;
  size_t line = 0;  ///< Where it stands in the file, from 1.

  /// The block with a newline at the end of every line.
  std::string text() const;
};

/// A case file taken apart. What the keys mean is for the checks to say.
struct case_file {
  std::string sentence;  ///< The comment at the top: what the case shows.
  std::vector<field> fields;
};

case_file parse_case(std::string_view text);
case_file read_case(const std::filesystem::path& file);

/// Resolves \n, \r, \t, \0, \\, \" and \xNN.
std::string unescape(std::string_view text, size_t line);
/// The reverse, for people: newlines, quotes, backslashes and control characters are escaped, all else is as it is.
std::string escape(std::string_view text);

/// Refuses a field with the words that tell where and why.
[[noreturn]] void refuse(const field& where, const std::string& message);

}  // namespace rollcall::conformance
