#pragma once

#include "lib/base/result.hpp"
#include "lib/relabel/regex.hpp"
#include "lib/web/http_message.hpp"

#include <string>
#include <string_view>

namespace rollcall::web {

/// Which other sites' pages may read the API, as --web.cors.origin says it.
class cors {
 public:
  /// `origin` is a regular expression for the whole of a site's origin. Errors: those of relabel::regex.
  static result<cors> compile(std::string_view origin);

  /// Adds the headers that let a browser hand the answer to a page from `origin`; an empty origin asks for none.
  void apply(response& answer, std::string_view origin) const;

 private:
  cors(relabel::regex allowed, bool any) : allowed_(std::move(allowed)), any_(any) {}

  relabel::regex allowed_;
  bool any_;
};

}  // namespace rollcall::web
