#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

/// What a contract needs of CAF, spelled so that a move to CAF 1.x touches this file and actors/act.hpp alone.
namespace rollcall::act {

namespace detail {

template <class Signature>
struct signature;

template <class... Arguments>
struct signature<void(Arguments...)> {
  using type = caf::reacts_to<Arguments...>;
};

template <class Result, class... Arguments>
struct signature<Result(Arguments...)> {
  using type = typename caf::replies_to<Arguments...>::template with<Result>;
};

}  // namespace detail

/// An actor's typed interface: `handle<void(order), answer(question)>`.
template <class... Signatures>
using handle = caf::typed_actor<typename detail::signature<Signatures>::type...>;

/// A richer interface: that of `Handle` and more. Actors keep messages to themselves in such an interface, and hand out
/// `Handle`.
template <class Handle, class... Signatures>
using extended = typename Handle::template extend<typename detail::signature<Signatures>::type...>;

}  // namespace rollcall::act

/// Registers a message that never leaves its process. Stands at the foot of a contract, between ACT_BEGIN and ACT_END.
#define ACT_LOCAL_MESSAGE(block, type) \
  CAF_ADD_TYPE_ID(block, (type))       \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
/// Registers a message that an actor sends to itself only.
#define ACT_PRIVATE_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
#define ACT_FIRST_BLOCK(block) CAF_BEGIN_TYPE_ID_BLOCK(block, caf::first_custom_type_id)
#define ACT_BLOCK_AFTER(previous, block) CAF_BEGIN_TYPE_ID_BLOCK(block, caf::id_block::previous::end)
#define ACT_END(block) CAF_END_TYPE_ID_BLOCK(block)
