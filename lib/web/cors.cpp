#include "lib/web/cors.hpp"

namespace rollcall::web {

result<cors> cors::compile(std::string_view origin) {
  auto allowed = relabel::regex::compile(origin);
  if (!allowed) return tl::unexpected(allowed.error());
  return cors(std::move(*allowed), origin == ".*");
}

void cors::apply(response& answer, std::string_view origin) const {
  if (origin.empty()) return;
  answer.headers.emplace_back("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Origin");
  answer.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  answer.headers.emplace_back("Access-Control-Expose-Headers", "Date");
  answer.headers.emplace_back("Vary", "Origin");
  if (any_) {
    answer.headers.emplace_back("Access-Control-Allow-Origin", "*");
  } else if (allowed_.matches(origin)) {
    answer.headers.emplace_back("Access-Control-Allow-Origin", origin);
  }
}

}  // namespace rollcall::web
