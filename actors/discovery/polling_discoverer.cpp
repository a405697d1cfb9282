#include "actors/discovery/polling_discoverer.hpp"

#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(fetched), void(poll_due)>;
using self_ptr = act::self_ptr<discoverer_impl, polling_discoverer_state>;

void fail_poll(polling_discoverer_state& state, const std::string& error) {
  ++state.status.failures;
  state.status.last_error = state.options.source + ": " + error;
  state.metrics->failures.Increment();
  if (state.options.on_failure) state.options.on_failure();
  log::error("discoverer", "Unable to refresh target groups",
             {{"discovery", state.options.mechanism}, {"config", state.context.job}, {"err", state.status.last_error}});
}

const http_client_actor& client_of(const polling_discoverer_state& state, const services& from) {
  return from.http[state.options.question.request->affinity % from.http.size()];
}

void ask(self_ptr self) {
  auto& state = act::state(self);
  fetch question = state.options.question;
  question.tag = ++state.tag;
  question.sink = http_sink_actor{discoverer_impl{self}};
  state.waiting = true;
  act::tell(client_of(state, *state.context.services), std::move(question));
}

void begin(self_ptr self) {
  auto& state = act::state(self);
  state.overdue = false;
  state.asked = state.context.environment->wall_clock();
  ++state.status.refreshes;
  ask(self);
}

void on(self_ptr self, const poll_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.interval, poll_due{});
  if (!state.waiting) return begin(self);
  // The answer, or word of the timeout, must be on its way. Only a client that is broken lets a second poll fall due.
  if (!std::exchange(state.overdue, true)) return;
  fail_poll(state, "the HTTP client did not answer");
  begin(self);
}

void take(polling_discoverer_state& state, const fetched& answer) {
  auto now = state.context.environment->wall_clock();
  state.metrics->observe(std::chrono::milliseconds(now - state.asked));
  if (answer.response.failure != http::failure::none) return fail_poll(state, answer.response.error);
  auto groups = state.options.read(answer.response);
  if (!groups) return fail_poll(state, groups.error().message);
  state.status.last_error.clear();
  state.status.last_success = now;
  update change;
  change.complete = true;
  for (auto& group : *groups) change.groups.push_back(std::make_shared<target_group>(std::move(group)));
  act::tell(state.context.sink, std::move(change));
}

void on(self_ptr self, const fetched& answer) {
  auto& state = act::state(self);
  if (!state.waiting || answer.tag != state.tag) return;
  // The client was lost, not the server: its successor is asked as soon as it is announced.
  if (answer.response.failure == http::failure::shutdown) return;
  state.waiting = false;
  take(state, answer);
  if (state.overdue) begin(self);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.context.services, order.services);
  if (state.waiting && client_of(state, *before) != client_of(state, *order.services)) ask(self);
}

act::behavior_of<discoverer_impl> polling_discoverer(self_ptr self, polling_options options,
                                                     discoverer_context context) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.context = std::move(context);
  state.metrics = state.context.environment->metrics->refresh(state.options.mechanism, state.context.job);
  act::init(self, state.watchers);
  act::tell(discoverer_impl{self}, poll_due{});
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return act::state(self).status; },
      [self](const fetched& answer) { on(self, answer); },
      [self](const poll_due& due) { on(self, due); },
  };
}

}  // namespace

discoverer_actor spawn_polling_discoverer(caf::actor_system& system, polling_options options,
                                          discoverer_context context) {
  return system.spawn(polling_discoverer, std::move(options), std::move(context));
}

}  // namespace rollcall
