#include "actors/cluster/tls_error_queue.hpp"

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

using namespace rollcall;

TEST_CASE("what one TLS connection has failed for is not taken for a failure of another") {
  REQUIRE(keeps_tls_errors_apart());
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  std::unique_ptr<SSL, void (*)(SSL*)> connection(SSL_new(context.get()), SSL_free);
  SSL_set_bio(connection.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  char byte = 0;
  auto result_after_another_failed = [&](auto call) {
    ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING);
    return SSL_get_error(connection.get(), call());
  };
  CHECK(result_after_another_failed([&] { return SSL_connect(connection.get()); }) == SSL_ERROR_WANT_READ);
  CHECK(result_after_another_failed([&] { return SSL_read(connection.get(), &byte, 1); }) == SSL_ERROR_WANT_READ);
  CHECK(result_after_another_failed([&] { return SSL_write(connection.get(), &byte, 1); }) == SSL_ERROR_WANT_READ);
}
