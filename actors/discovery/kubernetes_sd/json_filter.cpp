#include "actors/discovery/kubernetes_sd/json_filter.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace rollcall::kubernetes {

namespace {

using nlohmann::json;

/// Deeper than any object of the API; a text that is nested deeper is refused.
constexpr size_t depth_max = 64;

/// Follows the parser and tells it what to keep.
class key_filter {
 public:
  explicit key_filter(const kept_key& root) { values_[0] = &root; }

  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    const auto level = static_cast<size_t>(depth);
    if (level + 1 >= depth_max) return refuse();
    switch (event) {
      case json::parse_event_t::key:
        return enter(level, parsed.get_ref<const std::string&>());
      case json::parse_event_t::object_start:
        objects_[level + 1] = values_[level];
        return true;
      case json::parse_event_t::array_start:
        values_[level + 1] = values_[level];
        return true;
      default:
        return true;
    }
  }

  bool too_deep() const { return too_deep_; }

 private:
  // Everything below a leaf is kept, and nothing below what is dropped.
  static const kept_key* everything() { return nullptr; }
  static const kept_key* nothing() {
    static const kept_key none{"", {{"", {}}}};
    return &none;
  }

  bool enter(size_t level, std::string_view key) {
    const auto* object = objects_[level];
    values_[level] = object;
    if (object == everything()) return true;
    auto found = std::find_if(object->below.begin(), object->below.end(),
                              [&](const kept_key& each) { return !each.name.empty() && each.name == key; });
    if (found == object->below.end()) {
      values_[level] = nothing();
      return false;
    }
    values_[level] = found->below.empty() ? everything() : &*found;
    return true;
  }

  bool refuse() {
    too_deep_ = true;
    return false;
  }

  // By depth: what to keep of the value there, and of the object whose keys are there.
  std::array<const kept_key*, depth_max> values_{};
  std::array<const kept_key*, depth_max> objects_{};
  bool too_deep_ = false;
};

}  // namespace

result<json> parse_filtered(std::string_view text, const kept_key& root) {
  key_filter filter(root);
  auto parsed = json::parse(text, std::ref(filter), false);
  if (filter.too_deep()) return fail(errc::syntax, "JSON is nested too deeply");
  if (parsed.is_discarded() || !parsed.is_object()) return fail(errc::syntax, "not a JSON object");
  return parsed;
}

}  // namespace rollcall::kubernetes
