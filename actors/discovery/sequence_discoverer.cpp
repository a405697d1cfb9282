#include "actors/discovery/sequence_discoverer.hpp"

#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(fetched), void(sequence_due)>;
using self_ptr = act::self_ptr<discoverer_impl, sequence_discoverer_state>;

void end_refresh(sequence_discoverer_state& state) {
  state.refresh.reset();
  auto now = state.context.environment->wall_clock();
  state.metrics->observe(std::chrono::milliseconds(now - state.started));
}

void fail_refresh(sequence_discoverer_state& state, const std::string& error) {
  end_refresh(state);
  ++state.status.failures;
  state.status.last_error = state.options.source + ": " + error;
  state.metrics->failures.Increment();
  log::error("discoverer", "Unable to refresh target groups",
             {{"discovery", state.options.mechanism}, {"config", state.context.job}, {"err", state.status.last_error}});
}

void finish_refresh(sequence_discoverer_state& state) {
  auto groups = state.refresh->groups();
  if (!groups) return fail_refresh(state, groups.error().message);
  end_refresh(state);
  state.status.last_error.clear();
  state.status.last_success = state.context.environment->wall_clock();
  update change;
  change.complete = true;
  for (auto& group : *groups) change.groups.push_back(std::make_shared<target_group>(std::move(group)));
  act::tell(state.context.sink, std::move(change));
}

const http_client_actor& client_of(const sequence_discoverer_state& state, const services& from) {
  return from.http[state.options.plan.requests.front()->affinity % from.http.size()];
}

// What is asked late in a refresh has less time.
void ask(self_ptr self) {
  auto& state = act::state(self);
  auto spent = std::chrono::milliseconds(state.context.environment->wall_clock() - state.started);
  auto left = state.options.interval - std::max(spent, spent.zero());
  if (left <= left.zero()) return fail_refresh(state, "the refresh takes longer than its interval");
  fetch question;
  question.request = state.refresh->next();
  question.timeout = left;
  question.body_bytes_max = state.options.body_bytes_max;
  question.tag = ++state.tag;
  question.sink = http_sink_actor{discoverer_impl{self}};
  act::tell(client_of(state, *state.context.services), std::move(question));
}

void begin(self_ptr self) {
  auto& state = act::state(self);
  state.overdue = false;
  state.started = state.context.environment->wall_clock();
  ++state.status.refreshes;
  state.refresh.emplace(state.options.plan);
  ask(self);
}

void on(self_ptr self, const sequence_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.interval, sequence_due{});
  if (!state.refresh) return begin(self);
  // The answer, or word of the timeout, must be on its way. Only a client that is broken lets a second one fall due.
  if (!std::exchange(state.overdue, true)) return;
  fail_refresh(state, "the HTTP client did not answer");
  begin(self);
}

void on(self_ptr self, fetched& answer) {
  auto& state = act::state(self);
  if (!state.refresh || answer.tag != state.tag) return;
  // The client was lost, not the server: its successor is asked as soon as it is announced.
  if (answer.response.failure == http::failure::shutdown) return;
  if (auto taken = state.refresh->take(std::move(answer.response)); !taken)
    fail_refresh(state, taken.error().message);
  else if (state.refresh->is_complete())
    finish_refresh(state);
  else
    ask(self);
  if (!state.refresh && state.overdue) begin(self);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.context.services, order.services);
  if (state.refresh && client_of(state, *before) != client_of(state, *order.services)) ask(self);
}

act::behavior_of<discoverer_impl> sequence_discoverer(self_ptr self, sequence_options options,
                                                      discoverer_context context) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.context = std::move(context);
  state.metrics = state.context.environment->metrics->refresh(state.options.mechanism, state.context.job);
  act::init(self, state.watchers);
  act::tell(discoverer_impl{self}, sequence_due{});
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return act::state(self).status; },
      [self](fetched& answer) { on(self, answer); },
      [self](const sequence_due& due) { on(self, due); },
  };
}

}  // namespace

discoverer_actor spawn_sequence_discoverer(caf::actor_system& system, sequence_options options,
                                           discoverer_context context) {
  return system.spawn(sequence_discoverer, std::move(options), std::move(context));
}

}  // namespace rollcall
