#pragma once

#include "actors/discovery/poll_sequence.hpp"
#include "lib/base/result.hpp"
#include "lib/http/request.hpp"
#include "lib/targets/target_group.hpp"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace rollcall {

/// How a mechanism that needs several answers at once refreshes: a fixed list of requests, and what their answers mean
/// together.
struct request_plan {
  /// Reads all groups there are from the answers, which stand in the order of the requests and arrived whole.
  using reader = std::function<result<std::vector<target_group>>(std::span<const http::response>)>;

  std::vector<http::request_ptr> requests;  ///< Not empty.
  reader read;
  uint64_t body_bytes_max = 0;  ///< Of each answer.
};

/// One refresh by a plan: the requests one after the other.
class request_sequence : public poll_sequence {
 public:
  explicit request_sequence(std::shared_ptr<const request_plan> plan) : plan_(std::move(plan)) {}

  std::vector<fetch> begin() override { return {next()}; }
  result<std::vector<fetch>> take(uint64_t tag, const http::response& answer) override;
  std::vector<target_group> groups() override { return std::move(groups_); }

 private:
  fetch next() const;

  std::shared_ptr<const request_plan> plan_;
  std::vector<http::response> answers_;
  std::vector<target_group> groups_;
};

/// Begins refreshes by a plan, for polling_options.
std::function<std::unique_ptr<poll_sequence>(double random_unit)> refresh_by(request_plan plan);

}  // namespace rollcall
