#pragma once

#include "lib/base/result.hpp"
#include "lib/http/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::auth {

/// The 32 bytes of a SHA-256 digest.
std::string sha256(std::string_view bytes);
/// The 20 bytes of a SHA-1 digest, for thumbprints.
std::string sha1(std::string_view bytes);
/// The 32 bytes of an HMAC with SHA-256 (RFC 2104).
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);

/// A private key in PEM (PKCS #1 or #8), as it is in a file.
struct private_key {
  std::string pem;
  std::string password = {};  ///< What the key is encrypted with; empty: it is not.
};

/// A JSON Web Token (RFC 7519): header and claims as JSON, signed with an RSA key. The header must name the algorithm.
/// Errors: errc::invalid_argument for a key that is none, or not RSA.
result<std::string> signed_token(std::string_view header, std::string_view claims, const private_key& key,
                                 http::jwt_algorithm algorithm);
/// "RS256", "RS384", "RS512".
std::string_view to_string(http::jwt_algorithm algorithm);

/// The certificates of a PEM text, in DER, in their order. Errors: errc::invalid_argument if there is none.
result<std::vector<std::string>> certificates_of(const std::string& pem);

/// What a PKCS #12 file holds (RFC 7292), in PEM: the key without its password, its certificate and those of its chain.
/// Errors: errc::invalid_argument for a wrong password too.
result<std::string> pem_of_pkcs12(const std::string& bytes, const std::string& password);

}  // namespace rollcall::auth
