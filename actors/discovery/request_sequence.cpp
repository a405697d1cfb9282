#include "actors/discovery/request_sequence.hpp"

namespace rollcall {

fetch request_sequence::next() const {
  fetch question;
  question.request = plan_->requests[answers_.size()];
  question.body_bytes_max = plan_->body_bytes_max;
  return question;
}

result<std::vector<fetch>> request_sequence::take(uint64_t, const http::response& answer) {
  answers_.push_back(answer);
  if (answers_.size() < plan_->requests.size()) return std::vector{next()};
  auto groups = plan_->read(answers_);
  if (!groups) return tl::unexpected(std::move(groups.error()));
  groups_ = std::move(*groups);
  return {};
}

std::function<std::unique_ptr<poll_sequence>(double random_unit)> refresh_by(request_plan plan) {
  return [plan = std::make_shared<const request_plan>(std::move(plan))](double) {
    return std::make_unique<request_sequence>(plan);
  };
}

}  // namespace rollcall
