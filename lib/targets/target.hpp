#pragma once

#include "lib/base/duration.hpp"
#include "lib/base/result.hpp"
#include "lib/labels/labels.hpp"
#include "lib/relabel/relabel.hpp"
#include "lib/targets/target_group.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rollcall {

inline constexpr std::string_view unix_socket_label = "__unix_socket__";
inline constexpr std::string_view convert_classic_histograms_label = "__convert_classic_histograms_to_nhcb__";
inline constexpr std::string_view always_scrape_classic_histograms_label = "__always_scrape_classic_histograms__";
inline constexpr std::string_view scrape_native_histograms_label = "__scrape_native_histograms__";

/// What a job says about its targets, in so far as it decides which targets there are.
struct target_settings {
  std::string job;
  milliseconds scrape_interval{60'000};
  milliseconds scrape_timeout{10'000};
  std::string metrics_path = "/metrics";
  std::string scheme = "http";
  std::map<std::string, std::vector<std::string>> params;
  relabel::program relabel;
  bool convert_classic_histograms_to_nhcb = false;
  bool always_scrape_classic_histograms = false;
  bool scrape_native_histograms = false;
};

/// Something to scrape. Immutable; all but `url` follows from `all` and the job's settings.
struct target {
  labels all;      ///< What relabeling left, without __meta_*; internal labels included.
  labels visible;  ///< Those without the prefix "__": what every series of the target gets.
  std::string url;
  std::string unix_socket;  ///< Path of a socket to connect to instead of the URL's host, or empty.
  milliseconds interval{0};
  milliseconds timeout{0};
  bool convert_classic_histograms_to_nhcb = false;
  bool always_scrape_classic_histograms = false;
  bool scrape_native_histograms = false;
  uint64_t identity = 0;  ///< Hash of `all` and `url`, the same on every machine: equal targets are one target.
};

using target_ptr = std::shared_ptr<const target>;

/// A target that a relabeling rule dropped.
struct dropped_by_rule {
  size_t rule = 0;

  bool operator==(const dropped_by_rule&) const = default;
};

/// What became of a discovered target. The error is errc::invalid_argument, worded as Prometheus does.
using target_outcome = std::variant<target, dropped_by_rule, error>;

/// Makes targets of one job out of discovered groups. Used by one thread at a time.
class target_factory {
 public:
  explicit target_factory(target_settings settings);

  const target_settings& settings() const { return settings_; }
  /// The labels of target `index` of the group before relabeling: its own, then the group's, then the job's defaults.
  labels discovered(const target_group& group, size_t index);
  /// Relabels and checks target `index` of the group.
  target_outcome make(const target_group& group, size_t index);
  /// The same from labels that discovered() gave.
  target_outcome make(const labels& discovered);

 private:
  void load(const target_group& group, size_t index);
  target_outcome make_loaded();
  result<void> check_loaded(target& out) const;
  result<void> check_times(target& out) const;
  result<void> check_flags(target& out) const;
  std::string url_of_loaded() const;

  target_settings settings_;
  labels defaults_;
  std::vector<std::pair<std::string, std::string>> params_;  // __param_<name> and the first value, which may be empty
  label_builder builder_;                                    // holds the target in work; kept for its memory
};

/// One target of a group before relabeling; for many of a job, a target_factory is faster.
labels discovered_labels(const target_group& group, size_t index, const target_settings& settings);
/// One target from labels before relabeling; for many of a job, a target_factory is faster.
target_outcome make_target(const labels& discovered, const target_settings& settings);

}  // namespace rollcall
