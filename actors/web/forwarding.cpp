#include "actors/web/forwarding.hpp"

namespace rollcall {

namespace {

using self_ptr = web_request_ptr;

// An answer on its way here.
struct incoming {
  answer_begun head;
  std::function<void()> answer_alone;
};
using incoming_ptr = std::shared_ptr<incoming>;

void give_up(self_ptr self, const incoming& answer) {
  act::state(self).warnings.emplace_back("the coordinator does not answer: this is what the node knows by itself");
  answer.answer_alone();
}

void finish_forwarded(self_ptr self, answer_begun& answer) {
  web::response response{static_cast<int>(answer.status), std::move(answer.content_type), std::move(answer.bytes), {}};
  if (answer.content_encoding.empty()) return finish(self, std::move(response));
  response.headers.emplace_back("Content-Encoding", std::move(answer.content_encoding));
  finish(self, std::move(response));
}

void fetch_rest(self_ptr self, const incoming_ptr& answer) {
  auto& head = answer->head;
  if (head.bytes.size() >= head.size) return finish_forwarded(self, head);
  act::ask(self, head.rest, act::state(self).options->forward_timeout, get_answer_rest{head.bytes.size()})
      .then(
          [self, answer](const answer_rest& more) {
            if (more.bytes.empty()) return give_up(self, *answer);
            answer->head.bytes += more.bytes;
            fetch_rest(self, answer);
          },
          [self, answer](const caf::error&) { give_up(self, *answer); });
}

}  // namespace

std::string_view path_in_cluster(page page) {
  switch (page) {
    case page::targets_page:
      return "/targets";
    case page::federate:
      return "/federate";
    case page::targets:
      return "/api/v1/targets";
    case page::scrape_pools:
      return "/api/v1/scrape_pools";
    case page::target_metadata:
      return "/api/v1/targets/metadata";
    case page::metadata:
      return "/api/v1/metadata";
    case page::discovery:
      return "/api/v1/discovery";
    case page::cluster:
      return "/api/v1/cluster";
    default:
      return {};
  }
}

void forward(web_request_ptr self, std::function<void()> answer_alone) {
  auto& state = act::state(self);
  auto answer = std::make_shared<incoming>();
  answer->answer_alone = std::move(answer_alone);
  const auto& asked = state.request.exchange->request();
  get_answer question{std::string(path_in_cluster(state.request.page)), asked.accept_encoding};
  if (auto query = asked.target.find('?'); query != std::string::npos) question.target += asked.target.substr(query);
  act::ask(self, state.options->handles->elsewhere.get(), state.options->forward_timeout, std::move(question))
      .then(
          [self, answer](answer_begun& head) {
            answer->head = std::move(head);
            bool is_answer =
                answer->head.status != 0 && answer->head.size <= act::state(self).options->forward_bytes_max;
            if (!is_answer) return give_up(self, *answer);
            fetch_rest(self, answer);
          },
          [self, answer](const caf::error&) { give_up(self, *answer); });
}

}  // namespace rollcall
