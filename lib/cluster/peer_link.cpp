#include "lib/cluster/peer_link.hpp"

#include <algorithm>
#include <utility>

namespace rollcall::cluster {

void peer_link::push(std::string item) {
  bytes_waiting_ += item.size();
  waiting_.push_back(std::move(item));
}

std::string peer_link::unacknowledged() const {
  auto items = outstanding_items_ > 0 ? outstanding_ : std::string();
  for (const auto& each : waiting_) items += each;
  return items;
}

bool peer_link::has_work(int64_t now) const {
  if (outstanding_items_ == 0) return !waiting_.empty();
  return !was_sent_ || now - sent_at_ >= retry_.count();
}

frame peer_link::make_frame(int64_t now) {
  if (outstanding_items_ == 0 && !waiting_.empty()) {
    outstanding_.clear();
    while (!waiting_.empty() &&
           (outstanding_items_ == 0 || outstanding_.size() + waiting_.front().size() <= frame_bytes_wanted)) {
      outstanding_ += waiting_.front();
      bytes_waiting_ -= waiting_.front().size();
      waiting_.pop_front();
      ++outstanding_items_;
    }
    ++sent_;
    was_sent_ = false;
  }
  frame made{session_, 0, taken_, now, stamp_of_peer_, {}};
  if (outstanding_items_ > 0 && has_work(now)) {
    made.sequence = sent_;
    made.items = outstanding_;
    was_sent_ = true;
    sent_at_ = now;
  }
  return made;
}

std::optional<std::string> peer_link::take(const frame& received) {
  if (received.session != session_) return std::nullopt;
  stamp_of_peer_ = std::max(stamp_of_peer_, received.stamp);
  echoed_ = std::max(echoed_, received.echo);
  if (outstanding_items_ > 0 && received.acknowledged == sent_) outstanding_items_ = 0;
  if (received.sequence != taken_ + 1) return std::nullopt;
  taken_ = received.sequence;
  return received.items;
}

}  // namespace rollcall::cluster
