#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::web {

/// Which page answers a request: a table of methods and path patterns. In a pattern, `:name` stands for one segment of
/// the path and `*name` at its end for all the rest. Pages are numbers, given by whoever fills the table.
class router {
 public:
  enum class outcome : unsigned char {
    found,
    not_found,
    wrong_method,  ///< See allow.
    moved,         ///< The same path without the slash at its end is known.
  };
  struct match {
    router::outcome outcome = outcome::not_found;
    int page = 0;
    std::string_view pattern;  ///< Of the page; valid as long as the router.
    std::string allow;         ///< The methods that the path knows: "GET, HEAD, OPTIONS".
  };

  /// `prefix` is what every path begins with: "", "/" or "/rollcall".
  explicit router(std::string_view prefix);

  void get(std::string pattern, int page) { add({"GET", "HEAD"}, std::move(pattern), page); }
  /// Under POST and PUT.
  void post(std::string pattern, int page) { add({"POST", "PUT"}, std::move(pattern), page); }
  void get_or_post(std::string pattern, int page) { add({"GET", "HEAD", "POST"}, std::move(pattern), page); }
  void any(std::string pattern, int page) { add({}, std::move(pattern), page); }

  /// The first entry of the table whose pattern and method match. `path` is decoded.
  match find(std::string_view method, std::string_view path) const;
  /// "" or a path without a slash at its end.
  const std::string& prefix() const { return prefix_; }

 private:
  struct route {
    std::vector<std::string_view> methods;  // empty for all
    std::string pattern;
    int page;
  };

  void add(std::vector<std::string_view> methods, std::string pattern, int page);
  bool knows(std::string_view path) const;

  std::string prefix_;
  std::vector<route> routes_;
};

}  // namespace rollcall::web
