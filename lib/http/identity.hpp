#pragma once

#include "lib/http/transport_config.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace rollcall::http {

/// Who signs an assertion, and with what.
enum class jwt_algorithm : unsigned char { rs256, rs384, rs512 };

/// OAuth 2.0: a token of the client's own (RFC 6749 section 4.4), or one for a signed assertion (RFC 7523).
struct oauth2_config {
  enum class grant : unsigned char { client_credentials, jwt_bearer };

  grant type = grant::client_credentials;
  std::string client_id;
  secret client_secret;
  std::vector<std::string> scopes;
  std::string token_url;
  std::map<std::string, std::string> endpoint_params;
  tls_config tls;
  proxy_config proxy;
  // Of an assertion.
  std::string key_id;
  secret key;  ///< RSA, in PEM.
  jwt_algorithm algorithm = jwt_algorithm::rs256;
  std::string issuer;                         ///< Empty: the client's id.
  std::string audience;                       ///< Empty: the token URL.
  std::map<std::string, std::string> claims;  ///< Each value as JSON.

  bool operator==(const oauth2_config&) const = default;
};

/// Microsoft Entra ID (Azure AD).
struct azure_identity {
  enum class method : unsigned char {
    managed_identity,
    workload_identity,
    client_secret,
    client_certificate,
    standard
  };

  method how = method::standard;
  std::string cloud = "AzurePublic";
  std::string client_id;
  std::string tenant_id;
  secret client_secret;
  std::string token_file;
  std::string certificate_file;      ///< PEM, as the key; or both in PKCS #12.
  std::string certificate_key_file;  ///< Empty: the certificate's file has the key too.
  std::string certificate_password;  ///< Of the key; empty: it needs none.
  bool sends_certificate_chain = false;
  std::string scope;  ///< Empty: that of the cloud's monitoring.

  bool operator==(const azure_identity&) const = default;
};

/// A Google Cloud service account.
struct google_identity {
  std::string credentials_file;  ///< Empty: Application Default Credentials.

  bool operator==(const google_identity&) const = default;
};

/// AWS Signature Version 4 on every request.
struct aws_identity {
  std::string region;  ///< Empty: that of the environment.
  std::string access_key;
  std::string secret_key;
  std::string profile;
  std::string role_arn;
  std::string external_id;
  std::string service_name = "aps";
  bool uses_fips_endpoint = false;

  bool operator==(const aws_identity&) const = default;
};

/// What a client is known by that its configuration does not hold but tells how to get.
using identity = std::variant<std::monostate, oauth2_config, azure_identity, google_identity, aws_identity>;

}  // namespace rollcall::http
