#include "actors/io/http_client.hpp"

#include "lib/base/assert.hpp"

#include <cstdlib>
#include <utility>

namespace rollcall {

namespace {

using http_client_impl = act::extended<http_client_actor, void(fetched), void(plugin_ended), void(credentials_refused),
                                       void(curl_thread_failed)>;
constexpr uint64_t token_answer_bytes_max = 1 << 20;

using self_ptr = act::self_ptr<http_client_impl, http_client_state>;

// A sink that is no more would never take what comes, and the transfer would wait for that for ever.
void end_with_sink(self_ptr self, const stream_settings& stream) {
  auto& state = act::state(self);
  ROLLCALL_ASSERT(stream.sink != nullptr);
  if (state.watchers.contains(stream.sink.address())) return;
  act::watch(self, state.watchers, stream.sink, [self, sink = http_sink_actor{stream.sink}](const std::string&) {
    act::state(self).identities->cancel(sink, std::nullopt);
    act::state(self).thread->cancel(sink);
  });
}

void on(self_ptr self, fetch& order) {
  ROLLCALL_ASSERT(order.request != nullptr && order.sink != nullptr);
  if (order.stream) end_with_sink(self, *order.stream);
  auto& state = act::state(self);
  if (identity_keeper::is_needed_by(order)) {
    state.identities->take(std::move(order));
  } else {
    state.thread->submit(std::move(order));
  }
}

/// What a token server says.
void on(self_ptr self, const fetched& answer) { act::state(self).identities->take_answer(answer.tag, answer.response); }

void on(self_ptr self, const plugin_ended& ended) { act::state(self).identities->take_output(ended.tag, ended.output); }

void on(self_ptr self, const credentials_refused& refused) {
  act::state(self).identities->take_refusal(*refused.client, refused.credentials);
}

void on(self_ptr self, parts_taken& taken) { act::state(self).thread->acknowledge(std::move(taken)); }

void on(self_ptr self, cancel_fetch& order) {
  auto& state = act::state(self);
  state.identities->cancel(order.sink, order.tag);
  state.thread->cancel(order.sink, order.tag);
}

http_client_status on(self_ptr self, const get_http_client_status&) { return act::state(self).thread->status(); }

void on(self_ptr self, const curl_thread_failed& failed) { act::crash(self, failed.error); }

/// The sink hears from the thread directly; a detour by this actor would cost a wake-up per response.
void answer(const fetch& order, http::response&& response) {
  act::tell(order.sink, fetched{order.tag, std::move(response)});
}

void hand_on(const fetch& order, std::string&& bytes) {
  act::tell(order.stream->sink, fetched_part{order.tag, std::move(bytes)});
}

identity_keeper::callbacks identity_callbacks(self_ptr self, auth::environment variables) {
  auto ask = [self](http::request_ptr request, std::shared_ptr<const std::string> body, uint64_t tag) {
    fetch question;
    question.request = std::move(request);
    question.body = std::move(body);
    question.timeout = identity_keeper::answer_max;
    question.body_bytes_max = token_answer_bytes_max;
    question.tag = tag;
    question.sink = http_client_impl(self);
    act::state(self).thread->submit(std::move(question));
  };
  auto run = [self](process_order order, uint64_t tag) {
    auto& programs = act::state(self).programs;
    if (!programs) programs = std::make_unique<process_thread>();
    programs->run(std::move(order), [me = http_client_impl(self), tag](process_output output) {
      act::tell(me, plugin_ended{tag, std::move(output)});
    });
  };
  return {[self](fetch order) { act::state(self).thread->submit(std::move(order)); },
          [](const fetch& order, http::response response) { answer(order, std::move(response)); },
          std::move(ask),
          std::move(run),
          [] { return std::chrono::system_clock::now(); },
          std::move(variables)};
}

act::behavior_of<http_client_impl> http_client(self_ptr self, http_client_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  auto failed = [me = http_client_impl(self)](const std::string& error) { act::tell(me, curl_thread_failed{error}); };
  state.identities.emplace(identity_callbacks(self, std::move(options.variables)));
  // The keeper hears of a refusal before the sink does, which may ask again at once.
  auto answer_all = [me = http_client_impl(self)](const fetch& order, http::response&& response) {
    if (identity_keeper::is_refusal(order, response))
      act::tell(me, credentials_refused{order.request->client, order.credentials});
    answer(order, std::move(response));
  };
  state.thread =
      std::make_unique<curl_thread>(std::move(options.curl), hand_on, std::move(answer_all), std::move(failed));
  return {
      [self](fetch& order) { on(self, order); },
      [self](parts_taken& taken) { on(self, taken); },
      [self](const fetched& answer) { on(self, answer); },
      [self](const plugin_ended& ended) { on(self, ended); },
      [self](const credentials_refused& refused) { on(self, refused); },
      [self](cancel_fetch& order) { on(self, order); },
      [self](const get_http_client_status& question) { return on(self, question); },
      [self](const curl_thread_failed& failed) { on(self, failed); },
  };
}

}  // namespace

std::string http_client_options::read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : value;
}

http_client_actor spawn_http_client(caf::actor_system& system, http_client_options options) {
  return system.spawn(http_client, std::move(options));
}

}  // namespace rollcall
