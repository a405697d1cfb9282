#pragma once

#include "actors/act.hpp"
#include "lib/web/http_message.hpp"
#include "messages/nodes.hpp"

#include <optional>

namespace rollcall {

/// Answer with the beginning of what is going to be told.
struct begin_answer {
  bool operator==(const begin_answer&) const = default;
};

/// The answer that is to be relayed.
struct answer_made {
  web::response response;

  bool operator==(const answer_made&) const = default;
};

/// Nobody has fetched anything for a while.
struct fetch_overdue {
  uint64_t generation = 0;

  bool operator==(const fetch_overdue&) const = default;
};

/// ANSWER RELAY: takes an answer and has another node fetch it in portions.
/// Conforms to: answer source.
using answer_relay_actor = act::extended<answer_source_actor,
                                         // Waits for the answer and gives its beginning.
                                         answer_begun(begin_answer),
                                         // What is to be given.
                                         void(answer_made)>;

struct answer_relay_options {
  size_t portion_bytes = size_t{1} << 20;
  std::chrono::milliseconds patience = std::chrono::seconds(30);  ///< With who made the answer, and who fetches it.
};

struct answer_relay_state : act::state_base {
  static inline const char* name = "answer-relay";

  answer_relay_options options;
  std::optional<web::response> response;
  std::optional<caf::typed_response_promise<answer_begun>> asked;
  uint64_t generation = 0;  // of the latest sign of life
  act::watcher watchers;
};

answer_relay_actor spawn_answer_relay(caf::actor_system& system, answer_relay_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::begin_answer)
ACT_PRIVATE_MESSAGE(rollcall::answer_made)
ACT_PRIVATE_MESSAGE(rollcall::fetch_overdue)
