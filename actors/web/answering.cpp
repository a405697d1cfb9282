#include "actors/web/answering.hpp"

#include "lib/web/compress.hpp"
#include "lib/web/status_json.hpp"

namespace rollcall {

bool is_api(page page) { return page >= page::targets; }

void finish(web_request_ptr self, web::response response) {
  auto& state = act::state(self);
  auto& exchange = *state.request.exchange;
  const auto& asked = exchange.request();
  if (is_api(state.request.page)) {
    state.options->cors.apply(response, asked.origin);
  } else {
    for (const auto& each : state.warnings) response.headers.emplace_back("X-Rollcall-Warning", each);
  }
  web::compress(response, asked.accept_encoding);
  if (auto& metrics = state.request.metrics) {
    metrics->requests(response.status).Increment();
    metrics->response_size.Observe(static_cast<double>(response.body.size()));
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - state.started;
    metrics->duration.Observe(took.count());
  }
  exchange.answer(std::move(response));
  self->quit();
}

void finish_json(web_request_ptr self, std::string body) {
  web::add_warnings(body, act::state(self).warnings);
  finish(self, web::api_success(std::move(body)));
}

void finish_unanswered(web_request_ptr self, const caf::error& error) {
  bool late = error == caf::sec::request_timeout;
  std::string why =
      late ? "no answer in time: the process is overloaded" : "temporarily unavailable: an actor restarts";
  if (is_api(act::state(self).request.page)) {
    return finish(self, web::api_error(late ? web::error_type::timeout : web::error_type::unavailable, why));
  }
  finish(self, web::error_response(503, why));
}

}  // namespace rollcall
