#pragma once

#include "lib/web/query_string.hpp"
#include "lib/web/targets_json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::web {

/// What a viewer of the page asked for, through the query string: ?health=down&job=node&page=2.
struct targets_filter {
  std::string health;  ///< "up", "down", "unknown", "dropped" or empty for all.
  std::string job;     ///< Empty for all.
  size_t page = 1;

  static targets_filter from(const query_string& query);
  bool operator==(const targets_filter&) const = default;
};

/// One job's targets, viewed inside their owners.
struct job_view {
  std::string_view job;
  std::vector<active_target_view> active;
  std::vector<dropped_target_view> dropped;
  uint64_t dropped_total = 0;  ///< May be more than `dropped` holds.
  uint64_t restarts = 0;
  std::string note;  ///< What a viewer should know of its discovery; may be empty.
};

/// The page of all targets: a table per job, at most `rows_max` rows of all jobs on one page. `path` is what the page's
/// own links begin with: "" or "/rollcall". `now` is in milliseconds since the Unix epoch.
class targets_page {
 public:
  static constexpr size_t rows_max = 500;

  targets_page(targets_filter filter, std::string path, int64_t now);

  std::string render(const std::vector<job_view>& jobs);

 private:
  void write_head(const std::vector<job_view>& jobs);
  void write_form();
  void write_job(const job_view& job);
  void write_heading(const job_view& job, size_t shown);
  void write_active(const active_target_view& target);
  void write_dropped(const dropped_target_view& target);
  void write_labels(const labels& set);
  void write_pages();
  void write_link(size_t page, std::string_view text);
  void text(std::string_view unsafe);
  /// Whether the next row, of all rows that pass the filter, is on this page.
  bool is_on_page();
  bool wants_health(std::string_view health) const;

  targets_filter filter_;
  std::string path_;
  int64_t now_;
  std::string out_;
  size_t row_ = 0;  // rows that pass the filter so far, on this page or not
};

}  // namespace rollcall::web
