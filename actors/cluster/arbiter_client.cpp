#include "actors/cluster/arbiter_client.hpp"

namespace rollcall {

namespace {

using client_impl = act::extended<arbiter_client_actor, void(fetched)>;
using self_ptr = act::self_ptr<client_impl, arbiter_client_state>;

consulted failed(std::string error) { return {std::move(error), {}, {}}; }

void start_http(self_ptr self) {
  auto& state = act::state(self);
  state.http = state.options.spawn_http(self->system());
  act::watch(self, state.watchers, state.http.get(), [self](const std::string& error) {
    auto& state = act::state(self);
    state.http.release();
    auto open = std::exchange(state.open, {});
    for (auto& [tag, each] : open) each.asker.deliver(failed("the HTTP client ended: " + error));
  });
}

caf::result<consulted> on(self_ptr self, const consult& order) {
  auto& state = act::state(self);
  if (!state.http) start_http(self);
  const auto& dialect = *state.options.arbiter.dialect;
  const auto* write = std::get_if<cluster::leadership::write>(&order.step);
  auto asked = write ? dialect.write(write->expected, write->wanted, state.options.wall_clock()) : dialect.read();
  auto request = std::make_shared<http::request>();
  request->method = asked.method;
  request->url = asked.url;
  request->client = state.client;
  fetch question;
  question.request = request;
  if (!asked.body.empty()) {
    question.body = std::make_shared<const std::string>(asked.body);
    question.extra_headers = {{"Content-Type", "application/json"}};
  }
  question.timeout = state.options.timeout;
  question.body_bytes_max = cluster::arbiter_answer_bytes_max;
  question.tag = ++state.last_tag;
  question.sink = http_sink_actor{client_impl{self}};
  auto asker = self->make_response_promise<consulted>();
  state.open[question.tag] = {order.step, asker};
  act::tell(state.http.get(), std::move(question));
  return asker;
}

consulted read_answer(const cluster::arbiter& dialect, const cluster::leadership::step& step,
                      const http::response& response) {
  if (response.failure != http::failure::none) return failed(response.error);
  if (std::holds_alternative<cluster::leadership::read>(step)) {
    auto content = dialect.content_of(response.status, response.body);
    return content ? consulted{{}, std::move(*content), {}} : failed(content.error().message);
  }
  auto outcome = dialect.outcome_of(response.status, response.body);
  return outcome ? consulted{{}, {}, std::move(*outcome)} : failed(outcome.error().message);
}

void on(self_ptr self, const fetched& answer) {
  auto& state = act::state(self);
  auto asked = state.open.extract(answer.tag);
  if (asked.empty()) return;
  asked.mapped().asker.deliver(read_answer(*state.options.arbiter.dialect, asked.mapped().step, answer.response));
}

act::behavior_of<client_impl> arbiter_client(self_ptr self, arbiter_client_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  state.client = std::make_shared<const http::client_config>(state.options.arbiter.client);
  act::init(self, state.watchers);
  return {
      [self](const consult& order) { return on(self, order); },
      [self](const fetched& answer) { on(self, answer); },
  };
}

}  // namespace

arbiter_client_actor spawn_arbiter_client(caf::actor_system& system, arbiter_client_options options) {
  return system.spawn(arbiter_client, std::move(options));
}

}  // namespace rollcall
