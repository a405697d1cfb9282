#include "actors/cluster/register_claim.hpp"

#include "lib/log/log.hpp"

namespace rollcall {

known_leader register_claim::known() const {
  const auto& held = leadership_.known();
  if (!held) return {};
  bool is_another = !held->holder.empty() && held->holder != holder_;
  return {held->epoch, is_another ? held->address : std::string()};
}

void register_claim::proceed(int64_t steady, int64_t wall) {
  auto step = leadership_.next(steady, wall);
  if (!step) return;
  consult_(*step, 2 * period(),
           [this, step = *step](const consulted& answer, int64_t now) { hear(step, answer, now); });
}

// Said once for each outage.
void register_claim::report(const std::string& error) {
  if (error.empty() != error_.empty()) {
    if (error.empty())
      log::info("leader-gate", "The arbiter answers again");
    else
      log::warn("leader-gate", "The arbiter does not answer", {{"err", error}});
  }
  error_ = error;
}

void register_claim::hear(const cluster::leadership::step& step, const consulted& answer, int64_t steady) {
  report(answer.error);
  if (!answer.error.empty()) {
    leadership_.on_failure();
    // Others wait for the end of the lease then.
    is_resigning_ = false;
  } else if (std::holds_alternative<cluster::leadership::read>(step)) {
    leadership_.on_content(answer.content, steady);
  } else {
    leadership_.on_outcome(answer.outcome, steady);
  }
}

void register_claim::resign() {
  is_resigning_ = true;
  leadership_.resign();
}

}  // namespace rollcall
