#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace rollcall {

/// What kind of outside trouble an error tells of.
enum class errc : unsigned char {
  invalid_argument,  ///< A value that is well-formed but not allowed.
  syntax,            ///< Text or bytes that do not follow their format.
  not_found,         ///< Something named does not exist.
  io,                ///< The operating system or a peer refused.
  timeout,           ///< It took longer than allowed.
  limit_exceeded,    ///< A configured or built-in bound was crossed.
  unsupported,       ///< Understood, but not available in this version.
  closed,            ///< The other side is shutting down.
};

/// Outside trouble: a code for programs, a message for people. The message says what is wrong and where.
struct error {
  errc code = errc::invalid_argument;
  std::string message;

  bool operator==(const error&) const = default;
};

/// A T, or the reason why there is none.
template <class T>
using result = tl::expected<T, error>;

/// Makes the failing side of any result: `return fail(errc::syntax, "...")`.
inline tl::unexpected<error> fail(errc code, std::string message) {
  return tl::unexpected<error>(error{code, std::move(message)});
}

/// Hands an error on, with `context: ` before its message.
inline tl::unexpected<error> fail(const std::string& context, error cause) {
  cause.message.insert(0, context + ": ");
  return tl::unexpected<error>(std::move(cause));
}

}  // namespace rollcall
