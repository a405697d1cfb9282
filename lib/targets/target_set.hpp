#pragma once

#include "lib/base/result.hpp"
#include "lib/targets/target.hpp"
#include "lib/targets/target_group.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rollcall {

struct target_set_options {
  target_settings settings;
  size_t keep_dropped_targets = 0;  ///< How many dropped targets visit_dropped() shows at most; 0 means all.
  size_t target_limit = 0;          ///< 0 means none.
};

/// A group that is new, changed or, when it has no targets, gone.
struct source_change {
  uint64_t provider = 0;   ///< Sources are unique within their provider.
  target_group_ptr group;  ///< Not null.
};

/// Whether changes name all sources there are, or leave the others as they are.
enum class sources_named : unsigned char { some, all };

/// What a change means for the targets that are scraped.
struct target_delta {
  std::vector<target_ptr> started;
  std::vector<target_ptr> stopped;
  size_t unchanged = 0;               ///< Targets that were active before and still are.
  size_t failed = 0;                  ///< Discovered targets that were looked at and found unfit.
  std::vector<std::string> failures;  ///< Why, for the first `failures_reported_max` of them.
};

inline constexpr size_t failures_reported_max = 10;

/// Every discovered target is counted in exactly one of these.
struct target_counts {
  size_t active = 0;
  size_t dropped_by_rule = 0;
  size_t duplicates = 0;  ///< Beside the active target that they are equal to.
  size_t failed = 0;

  bool operator==(const target_counts&) const = default;
};

/// Why a discovered target is not active.
struct dropped_target {
  enum class reason : unsigned char { rule, duplicate, failed };

  labels discovered;
  dropped_target::reason why = reason::rule;
  size_t rule = 0;      ///< For `rule`: the index of the relabeling rule.
  std::string message;  ///< For `failed`.
};

/// The targets of one job, kept up to date group by group: what stays out of a change costs nothing. Equal targets,
/// even of different groups, are one target, which lives as long as any of them does. What comes out depends on the
/// groups alone, not on the order in which they came. Groups are shared, not copied, and are the keys of what is known
/// of them; labels before relabeling are computed when asked for. Used by one thread at a time.
class target_set {
 public:
  explicit target_set(target_set_options options);
  ~target_set();
  target_set(target_set&&) noexcept;
  target_set& operator=(target_set&&) noexcept;

  /// Takes the named sources' groups; later changes of one source replace earlier ones. A target that moves from one
  /// source to another within one call neither stops nor starts.
  target_delta apply(std::span<const source_change> changes, sources_named named = sources_named::some);
  /// Computes everything anew under other settings.
  target_delta reconfigure(target_set_options options);

  target_counts counts() const;
  /// The error that all targets have while there are more than target_limit.
  std::optional<error> limit_exceeded() const;

  bool contains(uint64_t identity) const { return active_.contains(identity); }
  /// The labels of an active target before relabeling; of equal ones those of the first provider and source.
  std::optional<labels> discovered(uint64_t identity) const;
  /// Goes through the active targets in the order of provider, source and place in the group.
  void visit_active(const std::function<void(const target_ptr&, const labels& discovered)>& visitor) const;
  /// Goes through the others in the same order, up to keep_dropped_targets.
  void visit_dropped(const std::function<void(const dropped_target&)>& visitor) const;

 private:
  // What became of one target of a group.
  struct outcome {
    enum class kind : unsigned char { active, rule, failed };
    outcome::kind what = kind::failed;
    uint64_t detail = 0;  // identity or rule index
  };

  using outcome_list = std::unique_ptr<outcome[]>;  // parallel to the targets of a group

  struct source_name {
    uint64_t provider = 0;
    std::string_view source;

    auto operator<=>(const source_name&) const = default;
  };

  struct source_key {
    uint64_t provider = 0;
    target_group_ptr group;

    source_name name() const { return {provider, group->source}; }
  };

  struct source_entry {
    outcome_list outcomes;
    uint64_t named_in = 0;  // the last pass that named it
  };

  struct by_name {
    using is_transparent = void;
    bool operator()(const source_key& a, const source_key& b) const { return a.name() < b.name(); }
    bool operator()(const source_key& a, const source_name& b) const { return a.name() < b; }
    bool operator()(const source_name& a, const source_key& b) const { return a < b.name(); }
  };

  using source_table = std::map<source_key, source_entry, by_name>;
  using known_source = source_table::value_type;

  // One place where a target was discovered.
  struct holder {
    const known_source* source = nullptr;
    size_t index = 0;

    bool operator==(const holder&) const = default;
    bool operator<(const holder& other) const;
  };

  struct active_entry {
    target_ptr value;
    holder first;                              // null source: none is left
    std::unique_ptr<std::set<holder>> others;  // null in the usual case of a single place
    bool fresh = true;                         // not reported as started yet
  };

  // What one call of apply() or reconfigure() has done so far.
  struct pass {
    target_delta delta;
    std::vector<uint64_t> created;
    std::vector<uint64_t> orphaned;
  };

  void change(const source_change& change, pass& pass);
  void withdraw_unnamed(pass& pass);
  source_table::iterator regroup(source_table::iterator at, target_group_ptr group);
  void fill(known_source& source, outcome_list before, const target_group* group_before, pass& pass);
  void empty(known_source& source, pass& pass);
  outcome make(const known_source& source, size_t index, pass& pass);
  void count(const outcome& result, size_t step);
  void add_holder(active_entry& entry, holder added);
  void remove_holder(uint64_t identity, holder removed, pass& pass);
  target_delta finish(pass pass);

  target_set_options options_;
  mutable target_factory factory_;  // holds working memory
  source_table sources_;
  uint64_t passes_ = 0;
  std::unordered_map<uint64_t, active_entry> active_;
  size_t places_ = 0;  // of active targets: equal ones counted each
  size_t dropped_by_rule_ = 0;
  size_t failed_ = 0;
};

}  // namespace rollcall
