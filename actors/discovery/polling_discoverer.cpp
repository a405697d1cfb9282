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
  log::error("discoverer", "Unable to refresh target groups",
             {{"discovery", state.options.mechanism}, {"config", state.context.job}, {"err", state.status.last_error}});
}

void on(self_ptr self, const poll_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.interval, poll_due{});
  fetch question = state.options.question;
  question.tag = ++state.tag;
  question.sink = http_sink_actor{discoverer_impl{self}};
  state.asked = state.context.environment->wall_clock();
  ++state.status.refreshes;
  const auto& clients = state.context.services->http;
  act::tell(clients[question.request->affinity % clients.size()], std::move(question));
}

void on(self_ptr self, const fetched& answer) {
  auto& state = act::state(self);
  if (answer.tag != state.tag) return;
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

void on(self_ptr self, const use_services& order) { act::state(self).context.services = order.services; }

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
