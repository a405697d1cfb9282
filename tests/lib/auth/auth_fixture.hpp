#pragma once

#include "lib/auth/token.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

namespace rollcall::test {

using json = nlohmann::json;

/// An RSA key and a certificate for it, made once.
class rsa_identity {
 public:
  static const rsa_identity& get() {
    static const rsa_identity made;
    return made;
  }

  std::string key_pem() const {
    return written(
        [this](BIO* out) { PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  /// The key, encrypted with this password.
  std::string key_pem(std::string password) const {
    return written([&](BIO* out) {
      PEM_write_bio_PrivateKey(out, key_.get(), EVP_aes_256_cbc(), reinterpret_cast<unsigned char*>(password.data()),
                               static_cast<int>(password.size()), nullptr, nullptr);
    });
  }
  /// Key and certificate in PKCS #12.
  std::string pkcs12(const std::string& password) const {
    std::unique_ptr<PKCS12, decltype(&PKCS12_free)> made(
        PKCS12_create(password.c_str(), nullptr, key_.get(), certificate_.get(), nullptr, 0, 0, 0, 0, 0), &PKCS12_free);
    return written([&](BIO* out) { i2d_PKCS12_bio(out, made.get()); });
  }
  std::string certificate_pem() const {
    return written([this](BIO* out) { PEM_write_bio_X509(out, certificate_.get()); });
  }
  bool has_signed(std::string_view text, std::string_view signature, const EVP_MD* hash) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    auto bytes = [](std::string_view from) { return reinterpret_cast<const unsigned char*>(from.data()); };
    return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
  }

 private:
  rsa_identity() : key_(EVP_RSA_gen(2048), &EVP_PKEY_free), certificate_(X509_new(), &X509_free) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  }

  template <class Write>
  static std::string written(Write write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    write(out.get());
    char* data = nullptr;
    auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<size_t>(size)};
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

/// A file with this content, in a directory of the test's own.
class temporary_file {
 public:
  explicit temporary_file(const std::string& content) {
    std::string path = (std::filesystem::temp_directory_path() / "rollcall-auth-XXXXXX").string();
    int opened = ::mkstemp(path.data());
    REQUIRE(opened >= 0);
    ::close(opened);
    path_ = path;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// An environment of these variables and no others.
inline auth::environment variables(std::map<std::string, std::string> set = {}) {
  return [set = std::move(set)](const std::string& name) {
    auto found = set.find(name);
    return found == set.end() ? std::string() : found->second;
  };
}

/// The bytes of base64url without padding.
inline std::string decoded_base64url(std::string text) {
  for (auto& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size() / 4 * 3 + 1, '\0');
  int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                             reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  REQUIRE(size >= 0);
  out.resize(static_cast<size_t>(size) - padding);
  return out;
}

struct decoded_token {
  json header;
  json claims;
};

/// Takes a token apart and checks that the fixture's key signed it.
inline decoded_token checked_token(const std::string& token, const EVP_MD* hash = EVP_sha256()) {
  auto first = token.find('.');
  auto second = token.find('.', first + 1);
  REQUIRE(second != std::string::npos);
  REQUIRE(rsa_identity::get().has_signed(token.substr(0, second), decoded_base64url(token.substr(second + 1)), hash));
  return {json::parse(decoded_base64url(token.substr(0, first))),
          json::parse(decoded_base64url(token.substr(first + 1, second - first - 1)))};
}

/// The value of a field of a form that has nothing to decode but '%', or "" if there is none.
inline std::string form_field(const std::string& body, const std::string& name) {
  auto at = ('&' + body).find('&' + name + '=');
  if (at == std::string::npos) return {};
  std::string raw = body.substr(at + name.size() + 1);
  raw = raw.substr(0, raw.find('&'));
  std::string out;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%') {
      out += static_cast<char>(std::stoi(raw.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += raw[i];
    }
  }
  return out;
}

inline std::string header_of(const auth::token_request& request, std::string_view name) {
  for (const auto& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

inline http::response answer(std::string body, int status = 200, std::string type = "application/json") {
  http::response made;
  made.status = status;
  made.content_type = std::move(type);
  made.body = std::move(body);
  return made;
}

constexpr auth::time_point noon{std::chrono::seconds(1'700'000'000)};

}  // namespace rollcall::test
