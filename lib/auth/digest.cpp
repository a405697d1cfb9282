#include "lib/auth/digest.hpp"

#include "lib/base/assert.hpp"
#include "lib/http/base64.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>

namespace rollcall::auth {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using bio_ptr = std::unique_ptr<BIO, freed_by<&BIO_free_all>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;
using digest_context_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<&EVP_MD_CTX_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<&X509_free>>;
// A chain with the certificates in it.
struct chain_freer {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, &X509_free); }
};
using certificates_ptr = std::unique_ptr<STACK_OF(X509), chain_freer>;
using pkcs12_ptr = std::unique_ptr<PKCS12, freed_by<&PKCS12_free>>;

std::string digest(std::string_view bytes, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  ROLLCALL_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) == 1);
  return {reinterpret_cast<const char*>(out.data()), size};
}

bio_ptr reader_of(const std::string& text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

const EVP_MD* hash_of(http::jwt_algorithm algorithm) {
  switch (algorithm) {
    case http::jwt_algorithm::rs384:
      return EVP_sha384();
    case http::jwt_algorithm::rs512:
      return EVP_sha512();
    case http::jwt_algorithm::rs256:
      break;
  }
  return EVP_sha256();
}

// Without one, a key with a password is refused instead of asked about on the terminal.
int give_password(char* out, int size, int /* for writing */, void* password) {
  const auto* known = static_cast<const std::string*>(password);
  if (known == nullptr || known->size() > static_cast<size_t>(size)) return 0;
  std::copy(known->begin(), known->end(), out);
  return static_cast<int>(known->size());
}

result<std::string> signature(std::string_view bytes, const private_key& with, http::jwt_algorithm algorithm) {
  auto reader = reader_of(with.pem);
  std::string password = with.password;
  key_ptr key(PEM_read_bio_PrivateKey(reader.get(), nullptr, &give_password, password.empty() ? nullptr : &password));
  if (!key) return fail(errc::invalid_argument, "the key is no private key in PEM, or has another password");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return fail(errc::invalid_argument, "the key is not an RSA key");
  digest_context_ptr context(EVP_MD_CTX_new());
  size_t size = 0;
  auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  bool is_ready = EVP_DigestSignInit(context.get(), nullptr, hash_of(algorithm), nullptr, key.get()) == 1 &&
                  EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) == 1;
  std::string out(size, '\0');
  if (!is_ready ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data, bytes.size()) != 1) {
    return fail(errc::invalid_argument, "the key cannot sign");
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string sha256(std::string_view bytes) { return digest(bytes, EVP_sha256()); }

std::string sha1(std::string_view bytes) { return digest(bytes, EVP_sha1()); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(), &size);
  ROLLCALL_ASSERT(made != nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
  return out;
}

std::string_view to_string(http::jwt_algorithm algorithm) {
  constexpr std::array<std::string_view, 3> names = {"RS256", "RS384", "RS512"};
  return names[static_cast<size_t>(algorithm)];
}

result<std::string> signed_token(std::string_view header, std::string_view claims, const private_key& key,
                                 http::jwt_algorithm algorithm) {
  std::string token = http::base64url(header) + '.' + http::base64url(claims);
  auto made = signature(token, key, algorithm);
  if (!made) return tl::unexpected(std::move(made.error()));
  return token + '.' + http::base64url(*made);
}

result<std::vector<std::string>> certificates_of(const std::string& pem) {
  auto reader = reader_of(pem);
  std::vector<std::string> found;
  while (certificate_ptr one{PEM_read_bio_X509(reader.get(), nullptr, &give_password, nullptr)}) {
    unsigned char* der = nullptr;
    int size = i2d_X509(one.get(), &der);
    if (size < 0) break;
    found.emplace_back(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
    OPENSSL_free(der);
  }
  if (found.empty()) return fail(errc::invalid_argument, "there is no certificate in PEM");
  return found;
}

result<std::string> pem_of_pkcs12(const std::string& bytes, const std::string& password) {
  auto reader = reader_of(bytes);
  pkcs12_ptr file(d2i_PKCS12_bio(reader.get(), nullptr));
  if (!file) return fail(errc::invalid_argument, "the file is neither PEM nor PKCS #12");
  EVP_PKEY* parsed_key = nullptr;
  X509* parsed_certificate = nullptr;
  STACK_OF(X509)* parsed_chain = nullptr;
  bool is_read = PKCS12_parse(file.get(), password.c_str(), &parsed_key, &parsed_certificate, &parsed_chain) == 1;
  key_ptr key(parsed_key);
  certificate_ptr certificate(parsed_certificate);
  certificates_ptr chain(parsed_chain);
  if (!is_read)
    return fail(errc::invalid_argument, "the PKCS #12 file has another password, or is encrypted otherwise");
  if (!key || !certificate) return fail(errc::invalid_argument, "the PKCS #12 file has no key with a certificate");
  bio_ptr out(BIO_new(BIO_s_mem()));
  bool is_written = PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
                    PEM_write_bio_X509(out.get(), certificate.get()) == 1;
  for (int i = 0; i < sk_X509_num(chain.get()); ++i)
    is_written = is_written && PEM_write_bio_X509(out.get(), sk_X509_value(chain.get(), i)) == 1;
  ROLLCALL_ASSERT(is_written);
  char* data = nullptr;
  auto size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace rollcall::auth
