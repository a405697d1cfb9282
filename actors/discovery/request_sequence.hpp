#pragma once

#include "lib/base/result.hpp"
#include "lib/http/request.hpp"
#include "lib/targets/target_group.hpp"

#include <functional>
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
};

/// One refresh by a plan: the requests one after the other. All of it succeeds, or nothing does.
class request_sequence {
 public:
  explicit request_sequence(const request_plan& plan) : plan_(&plan) {}

  bool is_complete() const { return answers_.size() == plan_->requests.size(); }
  /// What to ask now. Not after is_complete().
  const http::request_ptr& next() const;
  /// Takes the answer to that. Errors: errc::io when there is none; then the refresh has failed.
  result<void> take(http::response answer);
  /// What the answers mean, once they are complete.
  result<std::vector<target_group>> groups() const;

 private:
  const request_plan* plan_;
  std::vector<http::response> answers_;
};

}  // namespace rollcall
