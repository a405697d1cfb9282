#include "lib/web/targets_json.hpp"

#include "lib/base/ascii.hpp"
#include "lib/base/duration.hpp"
#include "lib/web/json_writer.hpp"
#include "lib/web/time_text.hpp"

#include <algorithm>

namespace rollcall::web {

namespace {

void write(json_writer& out, const placed_view& placed) {
  out.member("owner", placed.owner).member("nextOwner", placed.next_owner).member_unsigned("weight", placed.weight);
  out.key("lastMove");
  if (placed.moved == 0) {
    out.null();
    return;
  }
  out.begin_object().member("time", format_time(placed.moved)).member("from", placed.moved_from);
  out.member("why", placed.moved_why).end_object();
}

}  // namespace

targets_wanted targets_wanted::from(std::string_view state) {
  auto is = [state](std::string_view word) {
    auto same = [](char a, char b) { return ascii_lower(a) == b; };
    return std::equal(state.begin(), state.end(), word.begin(), word.end(), same);
  };
  bool any = is("") || is("any");
  return {any || is("active"), any || is("dropped")};
}

targets_json::targets_json(external_address external, targets_wanted wanted)
    : external_(std::move(external)), wanted_(wanted) {}

void targets_json::add(const active_target_view& target) {
  if (!active_.empty()) active_ += ',';
  json_writer out(active_);
  out.begin_object();
  out.key("discoveredLabels").object_of(target.discovered);
  out.key("labels").object_of(target.visible);
  out.member("scrapePool", target.job);
  out.member("scrapeUrl", target.url);
  out.member("globalUrl", global_url(target.url, external_));
  out.member("lastError", target.last_error);
  out.member("lastScrape", format_time(target.last_scrape));
  out.key("lastScrapeDuration").number(std::chrono::duration<double>(target.last_duration).count());
  out.member("health", target.health);
  out.member("scrapeInterval", format_duration(target.interval));
  out.member("scrapeTimeout", format_duration(target.timeout));
  out.member_unsigned("restarts", target.restarts);
  if (target.placed) write(out, *target.placed);
  out.end_object();
}

void targets_json::add(const dropped_target_view& target) {
  if (!dropped_.empty()) dropped_ += ',';
  json_writer out(dropped_);
  out.begin_object();
  out.key("discoveredLabels").object_of(target.discovered);
  out.member("scrapePool", target.job);
  out.member("reason", target.reason);
  out.end_object();
}

void targets_json::count_dropped(std::string_view job, uint64_t count) {
  if (!counts_.empty()) counts_ += ',';
  json_writer(counts_).member_unsigned(job, count);
}

std::string targets_json::finish() {
  std::string body;
  body.reserve(active_.size() + dropped_.size() + counts_.size() + 128);
  body += R"({"status":"success","data":{"activeTargets":[)";
  body += active_;
  body += R"(],"droppedTargets":[)";
  body += dropped_;
  body += R"(],"droppedTargetCounts":)";
  body += wanted_.dropped ? '{' + counts_ + '}' : "null";
  return body += "}}";
}

}  // namespace rollcall::web
