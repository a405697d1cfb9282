#include "config/diff.hpp"

#include <unordered_map>

namespace rollcall {
namespace {

using jobs_by_name = std::unordered_map<std::string_view, const scrape_config*>;

jobs_by_name index(const config& from) {
  jobs_by_name out;
  for (const auto& job : from.scrape_configs) out.emplace(job->job_name, job.get());
  return out;
}

bool same_endpoints(const std::vector<remote_write_config>& before, const std::vector<remote_write_config>& after) {
  return std::is_permutation(before.begin(), before.end(), after.begin(), after.end());
}

}  // namespace

config_diff diff(const config& before, const config& after) {
  config_diff out;
  const auto old_jobs = index(before);
  const auto new_jobs = index(after);
  for (const auto& job : before.scrape_configs)
    if (!new_jobs.contains(job->job_name)) out.jobs_removed.push_back(job->job_name);
  for (const auto& job : after.scrape_configs) {
    auto old = old_jobs.find(job->job_name);
    if (old == old_jobs.end())
      out.jobs_added.push_back(job->job_name);
    else if (*old->second == *job)
      out.jobs_unchanged.push_back(job->job_name);
    else
      out.jobs_changed.push_back(job->job_name);
  }
  out.external_labels_changed = before.global.external_labels != after.global.external_labels;
  out.remote_write_changed = out.external_labels_changed || !same_endpoints(before.remote_writes, after.remote_writes);
  return out;
}

}  // namespace rollcall
