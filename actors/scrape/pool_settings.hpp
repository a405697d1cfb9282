#pragma once

#include "lib/targets/target_set.hpp"
#include "messages/scrape.hpp"

#include <map>
#include <memory>
#include <tuple>

namespace rollcall {

/// How a job's targets are made.
target_set_options target_options_of(const scrape_config& config);

/// The settings of a job's loops. All targets share them, but for those whose labels ask for other histograms than the
/// job: each such choice has settings of its own.
class job_settings {
 public:
  job_settings(const scrape_config& config, const scrape_mode& mode);

  /// Where nothing that makes series differs from `before`, the ingest options stay the same objects, so that loops
  /// keep their series.
  void reconfigure(const scrape_config& config, const scrape_config& before);

  const loop_settings_ptr& of(const target& target);

 private:
  using histogram_flags = std::tuple<bool, bool, bool>;

  void set_common(const scrape_config& config, std::shared_ptr<const series::ingest_options> ingest);

  scrape_mode mode_;
  std::shared_ptr<const series::ingest_options> ingest_;
  loop_settings_ptr common_;
  std::map<histogram_flags, loop_settings_ptr> variants_;
};

/// The request that scrapes a target: the job's headers, and its own timeout if that differs from the job's.
http::request_ptr request_of(const target& target, const loop_settings& settings, const scrape_config& config);

}  // namespace rollcall
