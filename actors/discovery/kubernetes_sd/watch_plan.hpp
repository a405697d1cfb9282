#pragma once

#include "actors/discovery/kubernetes_sd/kubernetes_sd_options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// A list that a discoverer has to know, and what for.
struct planned_watch {
  kubernetes::resource resource = kubernetes::resource::pod;
  std::string name_space;  ///< Empty for all.
  /// Whether targets wait for it. What is not essential is only waited for until it has failed once.
  bool essential = true;
};

/// The lists that a configuration needs. `own_namespace` is used if the configuration asks for it.
std::vector<planned_watch> plan_watches(const kubernetes_sd_options& options, const std::string& own_namespace);

/// Which of the planned watches have settled, and what may therefore be told.
class watch_progress {
 public:
  explicit watch_progress(std::vector<planned_watch> plan = {}) : plan_(std::move(plan)), states_(plan_.size()) {}

  /// Watches are told from each other by their place in it.
  const std::vector<planned_watch>& plan() const { return plan_; }
  void set_known(size_t watch) { states_.at(watch).known = true; }
  bool is_known(size_t watch) const { return states_.at(watch).known; }
  /// An empty error means that all is well.
  void set_error(size_t watch, const std::string& error);

  /// Whether everything is known that makes up the targets of this namespace.
  bool is_settled(std::string_view name_space) const;
  bool all_settled() const;
  /// An error of one of the watches; empty when there is none.
  std::string error() const;

 private:
  struct watch_state {
    bool known = false;
    bool has_failed = false;
    std::string error;
  };

  bool settled(size_t watch) const;

  std::vector<planned_watch> plan_;
  std::vector<watch_state> states_;
};

}  // namespace rollcall
