#include "actors/web/answer_relay.hpp"

namespace rollcall {

namespace {

using relay_impl = act::extended<answer_relay_actor, void(fetch_overdue)>;
using self_ptr = act::self_ptr<relay_impl, answer_relay_state>;

void wait_for_more(self_ptr self) {
  auto& state = act::state(self);
  act::tell_self_after(self, state.options.patience, fetch_overdue{++state.generation});
}

// The portion from there on; with the last one the duty is done.
std::string take_portion(self_ptr self, uint64_t from) {
  auto& state = act::state(self);
  const auto& body = state.response->body;
  if (from > body.size()) return {};
  auto portion = body.substr(from, state.options.portion_bytes);
  if (from + portion.size() >= body.size())
    self->quit();
  else
    wait_for_more(self);
  return portion;
}

void begin(self_ptr self) {
  auto& state = act::state(self);
  if (!state.asked || !state.response) return;
  answer_begun head;
  head.status = static_cast<uint32_t>(state.response->status);
  head.content_type = state.response->content_type;
  for (const auto& [name, value] : state.response->headers)
    if (name == "Content-Encoding") head.content_encoding = value;
  head.size = state.response->body.size();
  head.bytes = take_portion(self, 0);
  head.rest = answer_source_actor{relay_impl{self}};
  state.asked->deliver(std::move(head));
}

act::behavior_of<relay_impl> answer_relay(self_ptr self, answer_relay_options options) {
  auto& state = act::state(self);
  state.options = options;
  act::init(self, state.watchers);
  wait_for_more(self);
  return {
      [self](const get_answer_rest& question) {
        return answer_rest{act::state(self).response ? take_portion(self, question.from) : std::string()};
      },
      [self](const begin_answer&) -> caf::result<answer_begun> {
        auto promise = self->make_response_promise<answer_begun>();
        act::state(self).asked = promise;
        begin(self);
        return promise;
      },
      [self](answer_made& answer) {
        act::state(self).response = std::move(answer.response);
        begin(self);
      },
      [self](const fetch_overdue& due) {
        if (due.generation == act::state(self).generation) self->quit();
      },
  };
}

}  // namespace

answer_relay_actor spawn_answer_relay(caf::actor_system& system, answer_relay_options options) {
  return system.spawn(answer_relay, options);
}

}  // namespace rollcall
