#pragma once

#include "messages/act_fwd.hpp"

#include <caf/meta/type_name.hpp>

/// What a contract needs of CAF for messages that cross nodes; see act_fwd.hpp.

/// Lists the fields of a message, as those of `x`. Stands in the message's namespace. No floating-point field: CAF 0.17
/// neither keeps nor survives every value of one.
#define ACT_WIRE_FIELDS(type, ...)                                         \
  template <class Inspector>                                               \
  typename Inspector::result_type inspect(Inspector& inspector, type& x) { \
    return inspector(caf::meta::type_name(#type), __VA_ARGS__);            \
  }

/// Registers a message, or a handle that is part of one, that crosses nodes.
#define ACT_WIRE_MESSAGE(block, type) CAF_ADD_TYPE_ID(block, (type))
