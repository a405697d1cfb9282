#include "actors/discovery/open_fetches.hpp"

#include "actors/act.hpp"

#include <utility>

namespace rollcall {

namespace {

const http_client_actor& client_of(const fetch& question, const services& from) {
  return from.http[question.request->affinity % from.http.size()];
}

}  // namespace

void open_fetches::ask(const services& from, fetch question, int64_t now) { send(from, {std::move(question), now}); }

void open_fetches::send(const services& from, entry one) {
  fetch question = one.question;
  question.tag = ++last_tag_;
  open_.emplace(last_tag_, std::move(one));
  act::tell(client_of(question, from), std::move(question));
}

std::optional<uint64_t> open_fetches::finish(const fetched& answer) {
  auto found = open_.find(answer.tag);
  if (found == open_.end() || answer.response.failure == http::failure::shutdown) return std::nullopt;
  auto tag = found->second.question.tag;
  open_.erase(found);
  return tag;
}

void open_fetches::use(const services& before, const services& after, int64_t now) {
  std::vector<entry> lost;
  for (auto at = open_.begin(); at != open_.end();) {
    const auto& question = at->second.question;
    if (client_of(question, before) == client_of(question, after)) {
      ++at;
    } else {
      lost.push_back(std::move(at->second));
      at = open_.erase(at);
    }
  }
  for (auto& each : lost) send(after, {std::move(each.question), now});
}

// The client is told, so that it works for nobody no longer.
open_fetches::entries::iterator open_fetches::give_up(const services& from, entries::iterator at) {
  const auto& question = at->second.question;
  act::tell(client_of(question, from), cancel_fetch{at->first, question.sink});
  return open_.erase(at);
}

std::vector<uint64_t> open_fetches::give_up_overdue(const services& from, int64_t now,
                                                    std::chrono::milliseconds grace) {
  std::vector<uint64_t> given_up;
  for (auto at = open_.begin(); at != open_.end();) {
    auto deadline = at->second.asked + (at->second.question.timeout + grace).count();
    if (now < deadline) {
      ++at;
    } else {
      given_up.push_back(at->second.question.tag);
      at = give_up(from, at);
    }
  }
  return given_up;
}

void open_fetches::clear(const services& from) {
  for (auto at = open_.begin(); at != open_.end();) at = give_up(from, at);
}

}  // namespace rollcall
