#include "actors/cluster/tls_error_queue.hpp"

#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace {

// OpenSSL's own function of a name that this program has, too.
template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// Found before libssl's by every library that is loaded with the program.
extern "C" {

int SSL_read(SSL* connection, void* bytes, int size) {
  static auto* const call = original<int(SSL*, void*, int)>("SSL_read");
  ERR_clear_error();
  return call(connection, bytes, size);
}

int SSL_write(SSL* connection, const void* bytes, int size) {
  static auto* const call = original<int(SSL*, const void*, int)>("SSL_write");
  ERR_clear_error();
  return call(connection, bytes, size);
}

int SSL_accept(SSL* connection) {
  static auto* const call = original<int(SSL*)>("SSL_accept");
  ERR_clear_error();
  return call(connection);
}

int SSL_connect(SSL* connection) {
  static auto* const call = original<int(SSL*)>("SSL_connect");
  ERR_clear_error();
  return call(connection);
}

}  // extern "C"

namespace rollcall {

bool keeps_tls_errors_apart() {
  return ::dlsym(RTLD_DEFAULT, "SSL_read") == reinterpret_cast<void*>(&SSL_read) &&
         original<int(SSL*, void*, int)>("SSL_read") != &SSL_read;
}

}  // namespace rollcall
