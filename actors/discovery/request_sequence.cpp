#include "actors/discovery/request_sequence.hpp"

#include "lib/base/assert.hpp"

namespace rollcall {

const http::request_ptr& request_sequence::next() const {
  ROLLCALL_ASSERT(!is_complete());
  return plan_->requests[answers_.size()];
}

result<void> request_sequence::take(http::response answer) {
  ROLLCALL_ASSERT(!is_complete());
  if (answer.failure != http::failure::none) return fail(errc::io, answer.error);
  answers_.push_back(std::move(answer));
  return {};
}

result<std::vector<target_group>> request_sequence::groups() const {
  ROLLCALL_ASSERT(is_complete());
  return plan_->read(answers_);
}

}  // namespace rollcall
