#include "lib/web/metadata_json.hpp"

#include "lib/web/json_writer.hpp"

#include <charconv>

namespace rollcall::web {

namespace {

// A negative limit is none, as in Prometheus.
result<void> read_limit(const query_string& query, std::string_view key, size_t& limit) {
  std::string_view text = query.get(key);
  if (text.empty()) return {};
  int64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return fail(errc::invalid_argument, std::string(key) + " must be a number");
  }
  if (number >= 0) limit = static_cast<size_t>(number);
  return {};
}

void write_description(json_writer& out, exposition::metric_type type, std::string_view help, std::string_view unit) {
  out.member("type", to_string(type)).member("help", help).member("unit", unit);
}

constexpr std::string_view envelope = R"({"status":"success","data":)";

}  // namespace

result<target_metadata_json> target_metadata_json::from(const query_string& query) {
  target_metadata_json made;
  if (auto read = read_limit(query, "limit", made.limit_); !read) return tl::unexpected(std::move(read.error()));
  made.metric_ = query.get("metric");
  std::string_view match = query.get("match_target");
  if (match.empty()) return made;
  auto parsed = selector::parse(match);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  made.match_target_ = std::move(*parsed);
  return made;
}

bool target_metadata_json::is_wanted(const series::target_labels& target) const {
  if (!match_target_) return true;
  std::vector<label> all;
  for (size_t slot = 0; slot < target.size(); ++slot) all.push_back(target.at(slot));
  return match_target_->matches(all);
}

void target_metadata_json::add(const series::target_labels& target, const series::metadata_table& families) {
  if (written_ >= limit_ || !is_wanted(target)) return;
  for (const auto& each : families) {
    if (!metric_.empty() && each.family != metric_) continue;
    if (written_ >= limit_) return;
    if (written_++ > 0) items_ += ',';
    json_writer out(items_);
    out.begin_object().key("target").object_of(target.set());
    if (metric_.empty()) out.member("metric", each.family);
    write_description(out, each.type, each.help, each.unit);
    out.end_object();
  }
}

std::optional<std::string> target_metadata_json::finish() {
  if (written_ == 0) return std::nullopt;
  return std::string(envelope) + '[' + std::move(items_) + "]}";
}

result<metadata_json> metadata_json::from(const query_string& query) {
  metadata_json made;
  made.metric_ = query.get("metric");
  if (auto read = read_limit(query, "limit", made.limit_); !read) return tl::unexpected(std::move(read.error()));
  if (auto read = read_limit(query, "limit_per_metric", made.limit_per_metric_); !read) {
    return tl::unexpected(std::move(read.error()));
  }
  return made;
}

void metadata_json::add(const series::metadata_table& families) {
  for (const auto& each : families) {
    if (!metric_.empty() && each.family != metric_) continue;
    auto& descriptions = families_[each.family];
    if (descriptions.size() < limit_per_metric_) descriptions.emplace(each.type, each.help, each.unit);
  }
}

std::string metadata_json::finish() const {
  std::string body(envelope);
  json_writer out(body);
  out.begin_object();
  size_t written = 0;
  for (const auto& [family, descriptions] : families_) {
    if (written++ == limit_) break;
    out.key(family).begin_array();
    for (const auto& [type, help, unit] : descriptions) {
      out.begin_object();
      write_description(out, type, help, unit);
      out.end_object();
    }
    out.end_array();
  }
  out.end_object();
  return body + '}';
}

}  // namespace rollcall::web
