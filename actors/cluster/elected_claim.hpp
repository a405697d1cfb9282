#pragma once

#include "actors/cluster/claim.hpp"
#include "lib/cluster/election.hpp"

#include <functional>
#include <map>

namespace rollcall {

/// A claim by the promises of workers. Sends: session_over to those that wait while it gives up.
class elected_claim : public claim {
 public:
  /// `random_unit` is uniform in [0, 1).
  elected_claim(cluster::election_options options, std::function<double()> random_unit)
      : election_(std::move(options)), random_unit_(std::move(random_unit)) {}

  std::optional<uint64_t> epoch_led(int64_t steady) const override { return election_.epoch_led(steady); }
  int64_t leads_until() const override { return election_.leads_until(); }
  known_leader known() const override;
  void proceed(int64_t steady, int64_t wall) override;
  milliseconds period() const override;
  void hear_of(uint64_t epoch) override { election_.hear_of(epoch); }
  void give_up() override { election_.give_up(); }
  void resign() override;
  bool is_resigning() const override { return false; }

  std::optional<welcome> receive(const hello& worker, int64_t steady, int64_t wall) override;
  void admit(const std::string& node, const welcome& answer) override;
  void hear(const words& heard, int64_t steady) override;
  session_over farewell() const override { return {0, given_back_}; }

 private:
  void send_away(const cluster::candidacy& given_back);

  cluster::election election_;
  std::function<double()> random_unit_;
  std::map<std::string, worker_port_actor> waiting_;  // voters that were asked, by name
  std::map<uint64_t, std::string> sessions_;          // voters that are members, by session
  std::string given_back_;                            // once it has resigned
};

}  // namespace rollcall
