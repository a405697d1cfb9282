#include "actors/discovery/watching_discoverer.hpp"

#include "lib/log/log.hpp"

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(fetched), void(watch_due), void(overdue_check_due)>;
using self_ptr = act::self_ptr<discoverer_impl, watching_discoverer_state>;

watch_moment moment_of(const watching_discoverer_state& state) {
  const auto& environment = *state.context.environment;
  return {environment.wall_clock(), environment.random_unit()};
}

void tell_failure(watching_discoverer_state& state, const std::string& error) {
  ++state.status.failures;
  log::error("discoverer", "Unable to watch for target groups",
             {{"discovery", state.options.mechanism},
              {"config", state.context.job},
              {"err", state.options.source + ": " + error}});
}

void perform(self_ptr self, watch_actions actions) {
  auto& state = act::state(self);
  auto now = state.context.environment->wall_clock();
  for (auto& question : actions.questions) {
    question.sink = http_sink_actor{discoverer_impl{self}};
    ++state.status.refreshes;
    state.open.ask(*state.context.services, std::move(question), now);
  }
  for (const auto& alarm : actions.alarms) act::tell_self_after(self, alarm.delay, watch_due{alarm.tag});
  for (const auto& failure : actions.failures) tell_failure(state, failure);
  if (actions.refreshed) state.status.last_success = now;
  if (actions.found) act::tell(state.context.sink, std::move(*actions.found));
}

void on(self_ptr self, const fetched& answer) {
  auto& state = act::state(self);
  auto tag = state.open.finish(answer);
  if (!tag) return;
  auto& session = *state.options.session;
  if (answer.response.failure == http::failure::none)
    perform(self, session.answered(*tag, answer.response, moment_of(state)));
  else
    perform(self, session.failed(*tag, answer.response.error, moment_of(state)));
}

void on(self_ptr self, const watch_due& due) {
  auto& state = act::state(self);
  perform(self, state.options.session->due(due.tag, moment_of(state)));
}

void on(self_ptr self, const overdue_check_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.answer_grace, overdue_check_due{});
  auto now = state.context.environment->wall_clock();
  for (auto tag : state.open.give_up_overdue(*state.context.services, now, state.options.answer_grace))
    perform(self, state.options.session->failed(tag, "the HTTP client did not answer", moment_of(state)));
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.context.services, order.services);
  state.open.use(*before, *order.services, state.context.environment->wall_clock());
}

discoverer_status status_of(const watching_discoverer_state& state) {
  auto status = state.status;
  auto trouble = state.options.session->trouble();
  status.last_error = trouble.empty() ? "" : state.options.source + ": " + trouble;
  return status;
}

act::behavior_of<discoverer_impl> watching_discoverer(self_ptr self, watching_options options,
                                                      discoverer_context context) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.context = std::move(context);
  act::init(self, state.watchers);
  perform(self, state.options.session->begin(moment_of(state)));
  act::tell_self_after(self, state.options.answer_grace, overdue_check_due{});
  return {
      [self](const use_services& order) { on(self, order); },
      [self](const get_discoverer_status&) { return status_of(act::state(self)); },
      [self](const fetched& answer) { on(self, answer); },
      [self](const watch_due& due) { on(self, due); },
      [self](const overdue_check_due& due) { on(self, due); },
  };
}

}  // namespace

discoverer_actor spawn_watching_discoverer(caf::actor_system& system, watching_options options,
                                           discoverer_context context) {
  return system.spawn(watching_discoverer, std::move(options), std::move(context));
}

}  // namespace rollcall
