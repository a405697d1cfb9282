#pragma once

#include "actors/act.hpp"

namespace rollcall::act {

/// Has a function called when somebody stops the actor, which goes on until it quits.
template <class Self>
void on_stop(Self self, std::function<void()> call) {
  self->set_exit_handler([call = std::move(call)](caf::exit_msg&) { call(); });
}

}  // namespace rollcall::act
