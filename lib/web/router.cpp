#include "lib/web/router.hpp"

#include <algorithm>

namespace rollcall::web {

namespace {

/// Takes the text before the next slash.
std::string_view take_segment(std::string_view& rest) {
  std::string_view segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

bool matches(std::string_view pattern, std::string_view path) {
  while (pattern.starts_with('/')) {
    if (!path.starts_with('/')) return false;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    if (pattern.starts_with('*')) return true;
    std::string_view wanted = take_segment(pattern);
    std::string_view segment = take_segment(path);
    if (wanted.starts_with(':') ? segment.empty() : wanted != segment) return false;
  }
  return path.empty();
}

}  // namespace

router::router(std::string_view prefix) : prefix_(prefix) {
  while (prefix_.ends_with('/')) prefix_.pop_back();
  if (!prefix_.empty() && !prefix_.starts_with('/')) prefix_.insert(0, 1, '/');
}

void router::add(std::vector<std::string_view> methods, std::string pattern, int page) {
  routes_.push_back({std::move(methods), std::move(pattern), page});
}

bool router::knows(std::string_view path) const {
  return std::any_of(routes_.begin(), routes_.end(), [path](const route& each) { return matches(each.pattern, path); });
}

router::match router::find(std::string_view method, std::string_view path) const {
  match answer;
  if (!path.starts_with(prefix_)) return answer;
  path.remove_prefix(prefix_.size());
  std::vector<std::string_view> allowed;
  for (const auto& each : routes_) {
    if (!matches(each.pattern, path)) continue;
    if (each.methods.empty() || std::find(each.methods.begin(), each.methods.end(), method) != each.methods.end()) {
      return {outcome::found, each.page, each.pattern, {}};
    }
    allowed.insert(allowed.end(), each.methods.begin(), each.methods.end());
  }
  if (!allowed.empty()) {
    answer.outcome = outcome::wrong_method;
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    for (auto name : allowed) answer.allow += (answer.allow.empty() ? "" : ", ") + std::string(name);
  } else if (path.size() > 1 && path.ends_with('/') && knows(path.substr(0, path.size() - 1))) {
    answer.outcome = outcome::moved;
  }
  return answer;
}

}  // namespace rollcall::web
