#pragma once

#include "actors/act.hpp"
#include "messages/scrape_status.hpp"

#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

namespace rollcall {

inline void append(latest& all, latest& part) {
  std::move(part.batches.begin(), part.batches.end(), std::back_inserter(all.batches));
}

inline void append(known_metadata& all, known_metadata& part) {
  std::move(part.targets.begin(), part.targets.end(), std::back_inserter(all.targets));
}

/// Puts a question to many and answers with all that they said; who does not answer in time is left out.
template <class Answer, class Self, class Handle, class Question>
caf::result<Answer> gather(Self self, const std::vector<Handle>& whom, std::chrono::milliseconds timeout,
                           const Question& question) {
  auto promise = self->template make_response_promise<Answer>();
  act::ask_all<Answer>(self, whom, timeout, question, [promise](auto& answers) mutable {
    Answer all;
    for (auto& answer : answers) {
      if (answer) append(all, *answer);
    }
    promise.deliver(std::move(all));
  });
  return promise;
}

}  // namespace rollcall
