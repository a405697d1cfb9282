#pragma once

#include "actors/web/web_request.hpp"
#include "lib/web/http_message.hpp"

#include <string>

/// How a request is answered, and others are asked for it.
namespace rollcall {

using web_request_ptr = act::self_ptr<web_request_actor, web_request_state>;

/// Whether a page is one for programs, and not for people.
bool is_api(page page);

/// Answers the request, and ends.
void finish(web_request_ptr self, web::response response);
/// With a body of the API, to which the request's warnings are added.
void finish_json(web_request_ptr self, std::string body);
/// Says that somebody who was asked did not answer.
void finish_unanswered(web_request_ptr self, const caf::error& error);

template <class Answer, class Handle, class Question, class Then>
void ask_within(web_request_ptr self, std::chrono::milliseconds timeout, const Handle& whom, Question question,
                Then then) {
  if (!whom) return finish_unanswered(self, caf::sec::request_receiver_down);
  act::ask(self, whom, timeout, std::move(question))
      .then([then](Answer& answer) mutable { then(answer); },
            [self](caf::error& error) { finish_unanswered(self, error); });
}

template <class Answer, class Handle, class Question, class Then>
void ask(web_request_ptr self, const Handle& whom, Question question, Then then) {
  ask_within<Answer>(self, act::state(self).options->answer_timeout, whom, std::move(question), std::move(then));
}

/// Asks the supervisor for a manager, and that for something.
template <class Answer, class Handle, class Question, class Then>
void ask_manager(web_request_ptr self, Handle managers::* which, Question question, Then then) {
  ask<managers>(self, act::state(self).options->supervisor, get_managers{},
                [=](managers& all) { ask<Answer>(self, all.*which, question, then); });
}

}  // namespace rollcall
