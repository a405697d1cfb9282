#pragma once

namespace rollcall {

/// A connection of OpenSSL's that fails leaves errors behind in a queue of its thread, and SSL_get_error() takes them
/// for errors of whichever connection is looked at next. So OpenSSL wants the queue empty before each call that reads,
/// writes or shakes hands; CAF's middleman does not see to that, and one peer that goes away would take another with
/// it. A program that calls this function has SSL_read, SSL_write, SSL_accept and SSL_connect of its own, which empty
/// the queue first and are used by all shared libraries in it.
/// Returns whether that is so: a dynamic linker may be told otherwise.
bool keeps_tls_errors_apart();

}  // namespace rollcall
