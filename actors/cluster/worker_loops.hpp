#pragma once

#include "actors/cluster/cluster_worker.hpp"
#include "actors/cluster/estate_collector.hpp"
#include "actors/cluster/estate_copier.hpp"
#include "actors/cluster/loop_reporter.hpp"

#include <map>
#include <vector>

namespace rollcall {

/// What a worker's loops need of the actor that they belong to.
struct loop_keeper {
  ticker_actor ticker;                                                    ///< Named to the loops as theirs.
  estate_sink_actor estates;                                              ///< Hears of what was collected.
  std::function<void(const scrape_loop_actor&, cluster::tenancy)> watch;  ///< Have ended() called.
  std::function<void(cluster::tenancy)> restart_later;                    ///< Have restart() called.
  std::function<void(cluster::tenancy)> over;                             ///< A retired loop has ended.
  std::function<void(cluster::tenancy, std::string)> collected;           ///< There is nothing to wait for.
};

/// The loops of a worker: does what the protocol decides.
class worker_loops final : public cluster::loop_host {
 public:
  worker_loops(caf::actor_system& system, const cluster_worker_options& options, loop_keeper keeper)
      : system_(system), options_(options), keeper_(std::move(keeper)) {}

  void define(uint64_t settings, const cluster::opaque& bytes) override;
  void start(const cluster::run& order) override;
  void change(cluster::tenancy which, const cluster::loop_plan& plan) override;
  void tick(cluster::tenancy which, int64_t scheduled) override;
  void collect(cluster::tenancy which) override;
  void inherit(cluster::tenancy which, const std::string& state) override;
  void retire(cluster::tenancy which, cluster::tenancy heir) override;
  void drop(cluster::tenancy which) override;
  void configure(const cluster::opaque& bytes) override;
  void dismissed() override;

  /// A loop has ended, by itself or by a fault.
  void ended(cluster::tenancy which, const std::string& error);
  void restart(cluster::tenancy which);
  /// Everything about a loop that was collected can go.
  void forget(cluster::tenancy which) { loops_.erase(which); }
  void use(const services_ptr& services);

  /// The next `count` loops in turn, with their tenancies.
  std::vector<std::pair<cluster::tenancy, scrape_loop_actor>> next_in_turn(size_t count);
  /// A copy of this version was made.
  void copied(cluster::tenancy which, uint64_t session, uint64_t version, int64_t steady);
  /// Those of the next `count` loops in turn that may be due for a copy in this session.
  std::vector<copied_loop> next_to_copy(size_t count, uint64_t session, int64_t steady);
  /// The loops of a job, or of all when it is empty, after a tenancy; of all of them at most `count`, and the last
  /// tenancy that was looked at, or none when there are no more.
  loop_reporter_options page(cluster::tenancy after, const std::string& job, size_t count) const;
  /// Every loop with its assignment.
  std::vector<std::pair<loop_assignment, scrape_loop_actor>> all() const;
  size_t size() const { return loops_.size(); }

 private:
  struct copy_record {
    uint64_t session = 0;
    uint64_t version = 0;
    int64_t latest = 0;  // by the steady clock, as the next
    std::optional<int64_t> one_before{};
  };

  struct entry {
    loop_assignment assignment;
    act::owned<scrape_loop_actor> actor;
    act::owned<heir_actor> collector;
    bool is_ending = false;
    copy_record copy{};
  };

  template <class Use>
  void use_next(cluster::tenancy& last, size_t count, Use use);
  services_ptr services_of_loops(const services_ptr& services) const;
  void spawn(cluster::tenancy which, entry& loop);

  caf::actor_system& system_;
  const cluster_worker_options& options_;
  loop_keeper keeper_;
  std::map<uint64_t, loop_settings_ptr> settings_;
  std::map<cluster::tenancy, entry> loops_;
  cluster::tenancy last_in_turn_ = cluster::no_tenancy;
  cluster::tenancy last_copied_ = cluster::no_tenancy;
};

}  // namespace rollcall
