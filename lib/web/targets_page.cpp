#include "lib/web/targets_page.hpp"

#include "lib/web/html.hpp"
#include "lib/web/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rollcall::web {

namespace {

std::string format_seconds(std::chrono::nanoseconds duration) {
  auto seconds = std::chrono::duration<double>(duration).count();
  return seconds < 1 ? fmt::format("{:.3f}ms", seconds * 1000) : fmt::format("{:.3f}s", seconds);
}

bool is_known_health(std::string_view health) {
  return health == "up" || health == "down" || health == "unknown" || health == "dropped";
}

}  // namespace

targets_filter targets_filter::from(const query_string& query) {
  targets_filter filter;
  if (auto health = query.get("health"); is_known_health(health)) filter.health = health;
  filter.job = query.get("job");
  auto page = query.get("page");
  size_t number = 0;
  auto [end, failure] = std::from_chars(page.data(), page.data() + page.size(), number);
  if (failure == std::errc() && end == page.data() + page.size() && number > 0) filter.page = number;
  // Beyond this no page has anything, and the sum of rows before it still fits.
  filter.page = std::min<size_t>(filter.page, 1'000'000);
  return filter;
}

targets_page::targets_page(targets_filter filter, std::string path, int64_t now)
    : filter_(std::move(filter)), path_(std::move(path)), now_(now) {}

void targets_page::text(std::string_view unsafe) { append_html(out_, unsafe); }

bool targets_page::is_on_page() {
  size_t row = row_++;
  return row / rows_max + 1 == filter_.page;
}

bool targets_page::wants_health(std::string_view health) const {
  return filter_.health.empty() || filter_.health == health;
}

std::string targets_page::render(const std::vector<job_view>& jobs) {
  write_head(jobs);
  write_form();
  for (const auto& job : jobs) {
    if (filter_.job.empty() || filter_.job == job.job) write_job(job);
  }
  if (row_ == 0) out_ += "<p>No target to show.</p>\n";
  write_pages();
  out_ += "</body></html>\n";
  return std::move(out_);
}

void targets_page::write_head(const std::vector<job_view>& jobs) {
  size_t active = 0;
  size_t up = 0;
  uint64_t dropped = 0;
  for (const auto& job : jobs) {
    active += job.active.size();
    dropped += job.dropped_total;
    up += static_cast<size_t>(
        std::count_if(job.active.begin(), job.active.end(), [](const auto& each) { return each.health == "up"; }));
  }
  out_ += "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Targets - Rollcall</title>";
  out_ += "<link rel=\"stylesheet\" href=\"";
  text(path_);
  out_ += "/static/page.css\"></head><body>\n";
  out_ += fmt::format("<h1>Targets <span class=\"count\">{} of {} up, {} dropped, {} jobs</span></h1>\n", up, active,
                      dropped, jobs.size());
}

void targets_page::write_form() {
  out_ += "<form method=\"get\"><label>Job <input name=\"job\" value=\"";
  text(filter_.job);
  out_ += "\"></label> <label>State <select name=\"health\"><option value=\"\">all</option>";
  for (std::string_view health : {"up", "down", "unknown", "dropped"}) {
    out_ += fmt::format("<option{}>{}</option>", filter_.health == health ? " selected" : "", health);
  }
  out_ += "</select></label> <button>Show</button></form>\n";
}

void targets_page::write_job(const job_view& job) {
  size_t first = row_;
  std::string before = std::exchange(out_, {});
  for (const auto& target : job.active) {
    if (wants_health(target.health) && is_on_page()) write_active(target);
  }
  for (const auto& target : job.dropped) {
    if (wants_health("dropped") && is_on_page()) write_dropped(target);
  }
  std::string rows = std::exchange(out_, std::move(before));
  if (row_ == first && !filter_.health.empty()) return;
  write_heading(job, row_ - first);
  if (rows.empty()) return;
  out_ += "<table><tr><th>Endpoint</th><th>State</th><th>Labels</th><th>Last scrape</th><th>Duration</th>";
  out_ += "<th>Error or reason</th></tr>\n";
  out_ += rows;
  out_ += "</table>\n";
}

void targets_page::write_heading(const job_view& job, size_t shown) {
  auto up = std::count_if(job.active.begin(), job.active.end(), [](const auto& each) { return each.health == "up"; });
  out_ += "<h2>";
  text(job.job);
  out_ += fmt::format(" <span class=\"count\">{} of {} up, {} dropped, {} match", up, job.active.size(),
                      job.dropped_total, shown);
  if (job.restarts > 0) out_ += fmt::format(", {} restarts", job.restarts);
  out_ += "</span></h2>\n";
  if (job.note.empty()) return;
  out_ += "<p class=\"note\">";
  text(job.note);
  out_ += "</p>\n";
}

void targets_page::write_active(const active_target_view& target) {
  out_ += "<tr><td>";
  text(target.url);
  out_ += "</td><td class=\"";
  text(target.health);
  out_ += "\">";
  text(target.health);
  if (target.placed) {
    out_ += target.placed->owner.empty() ? " at no worker" : " at ";
    text(target.placed->owner);
  }
  out_ += "</td><td>";
  write_labels(target.visible);
  out_ += "</td><td>";
  out_ += target.last_scrape == 0 ? "never" : format_age(now_ - target.last_scrape) + " ago";
  out_ += "</td><td>" + (target.last_scrape == 0 ? std::string() : format_seconds(target.last_duration));
  out_ += "</td><td class=\"error\">";
  text(target.last_error);
  if (target.restarts > 0) out_ += fmt::format(" ({} restarts)", target.restarts);
  out_ += "</td></tr>\n";
}

void targets_page::write_dropped(const dropped_target_view& target) {
  out_ += "<tr><td>";
  text(target.discovered.get("__address__"));
  out_ += "</td><td>dropped</td><td>";
  write_labels(target.discovered);
  out_ += "</td><td></td><td></td><td>";
  text(target.reason);
  out_ += "</td></tr>\n";
}

void targets_page::write_labels(const labels& set) {
  for (label each : set) {
    out_ += "<span class=\"label\">";
    text(each.name);
    out_ += "=\"";
    text(each.value);
    out_ += "\"</span>";
  }
}

void targets_page::write_pages() {
  size_t pages = (row_ + rows_max - 1) / rows_max;
  if (pages <= 1 && filter_.page == 1) return;
  out_ += "<nav>";
  if (filter_.page > 1) write_link(std::min(filter_.page - 1, std::max<size_t>(pages, 1)), "previous");
  out_ += fmt::format(" page {} of {} ", filter_.page, pages);
  if (filter_.page < pages) write_link(filter_.page + 1, "next");
  out_ += "</nav>\n";
}

void targets_page::write_link(size_t page, std::string_view label) {
  out_ += "<a href=\"";
  text(fmt::format("?job={}&health={}&page={}", percent_encode(filter_.job), filter_.health, page));
  out_ += "\">";
  text(label);
  out_ += "</a>";
}

}  // namespace rollcall::web
