#include "actors/discovery/polling_discoverer.hpp"

#include "lib/log/log.hpp"

#include <algorithm>

namespace rollcall {

namespace {

using discoverer_impl = act::extended<discoverer_actor, void(fetched), void(poll_due)>;
using self_ptr = act::self_ptr<discoverer_impl, polling_discoverer_state>;

/// A refresh that is one question and the reading of its answer.
class single_question : public poll_sequence {
 public:
  explicit single_question(const polling_options& options) : question_(options.question), read_(options.read) {}

  std::vector<fetch> begin() override { return {std::move(question_)}; }
  result<std::vector<fetch>> take(uint64_t, const http::response& answer) override {
    auto groups = read_(answer);
    if (!groups) return tl::unexpected(std::move(groups.error()));
    groups_ = std::move(*groups);
    return {};
  }
  std::vector<target_group> groups() override { return std::move(groups_); }

 private:
  fetch question_;
  std::function<result<std::vector<target_group>>(const http::response&)> read_;
  std::vector<target_group> groups_;
};

void end_refresh(polling_discoverer_state& state) {
  state.refresh.reset();
  state.unasked.clear();
  state.open.clear(*state.context.services);
  state.metrics->observe(std::chrono::milliseconds(state.context.environment->wall_clock() - state.asked));
}

void fail_refresh(polling_discoverer_state& state, const std::string& error) {
  end_refresh(state);
  ++state.status.failures;
  state.status.last_error = state.options.source + ": " + error;
  state.metrics->failures.Increment();
  if (state.options.on_failure) state.options.on_failure();
  log::error("discoverer", "Unable to refresh target groups",
             {{"discovery", state.options.mechanism}, {"config", state.context.job}, {"err", state.status.last_error}});
}

void finish_refresh(polling_discoverer_state& state) {
  update change;
  change.complete = true;
  for (auto& group : state.refresh->groups()) change.groups.push_back(std::make_shared<target_group>(std::move(group)));
  end_refresh(state);
  state.status.last_error.clear();
  state.status.last_success = state.context.environment->wall_clock();
  act::tell(state.context.sink, std::move(change));
}

// A refresh may take one interval in all, so that what is asked late has less time.
void ask_more(self_ptr self) {
  auto& state = act::state(self);
  auto now = state.context.environment->wall_clock();
  auto left = state.options.interval - std::chrono::milliseconds(std::max<int64_t>(now - state.asked, 0));
  while (!state.unasked.empty() && state.open.size() < state.options.requests_max) {
    if (left <= left.zero()) return fail_refresh(state, "the refresh takes longer than its interval");
    auto question = std::move(state.unasked.front());
    state.unasked.pop_front();
    question.timeout = left;
    question.sink = http_sink_actor{discoverer_impl{self}};
    state.open.ask(*state.context.services, std::move(question), now);
  }
}

void add_questions(polling_discoverer_state& state, std::vector<fetch> questions) {
  for (auto& each : questions) state.unasked.push_back(std::move(each));
}

void begin(self_ptr self) {
  auto& state = act::state(self);
  const auto& environment = *state.context.environment;
  state.overdue = false;
  state.asked = environment.wall_clock();
  ++state.status.refreshes;
  if (state.options.begin_sequence)
    state.refresh = state.options.begin_sequence(environment.random_unit());
  else
    state.refresh = std::make_unique<single_question>(state.options);
  add_questions(state, state.refresh->begin());
  ask_more(self);
}

void on(self_ptr self, const poll_due&) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.interval, poll_due{});
  if (!state.refresh) return begin(self);
  // The answer, or word of the timeout, must be on its way. Only a client that is broken lets a second poll fall due.
  if (!std::exchange(state.overdue, true)) return;
  fail_refresh(state, "the HTTP client did not answer");
  begin(self);
}

void take(self_ptr self, uint64_t tag, const http::response& response) {
  auto& state = act::state(self);
  if (response.failure != http::failure::none) return fail_refresh(state, response.error);
  auto more = state.refresh->take(tag, response);
  if (!more) return fail_refresh(state, more.error().message);
  add_questions(state, std::move(*more));
  if (state.unasked.empty() && state.open.empty()) return finish_refresh(state);
  ask_more(self);
}

void on(self_ptr self, const fetched& answer) {
  auto& state = act::state(self);
  auto tag = state.open.finish(answer);
  if (!tag) return;
  take(self, *tag, answer.response);
  if (!state.refresh && state.overdue) begin(self);
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  auto before = std::exchange(state.context.services, order.services);
  state.open.use(*before, *order.services, state.context.environment->wall_clock());
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
