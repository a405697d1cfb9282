#include "actors/io/curl_tls.hpp"

#include "lib/http/authorization.hpp"

#include <string>

namespace rollcall {

namespace {

using http::tls_version;

long version_min(tls_version version) {
  switch (version) {
    case tls_version::tls10:
      return CURL_SSLVERSION_TLSv1_0;
    case tls_version::tls11:
      return CURL_SSLVERSION_TLSv1_1;
    case tls_version::tls13:
      return CURL_SSLVERSION_TLSv1_3;
    // As in Go, nothing below 1.2 unless it is asked for.
    case tls_version::unset:
    case tls_version::tls12:
      break;
  }
  return CURL_SSLVERSION_TLSv1_2;
}

long version_max(tls_version version) {
  switch (version) {
    case tls_version::tls10:
      return CURL_SSLVERSION_MAX_TLSv1_0;
    case tls_version::tls11:
      return CURL_SSLVERSION_MAX_TLSv1_1;
    case tls_version::tls12:
      return CURL_SSLVERSION_MAX_TLSv1_2;
    case tls_version::tls13:
      return CURL_SSLVERSION_MAX_TLSv1_3;
    case tls_version::unset:
      break;
  }
  return CURL_SSLVERSION_MAX_DEFAULT;
}

void set_blob(CURL* handle, CURLoption option, std::string& bytes) {
  curl_blob blob{bytes.data(), bytes.size(), CURL_BLOB_COPY};
  curl_easy_setopt(handle, option, &blob);
}

/// Sets an option to what was given inline or in a file; leaves it alone when there is neither.
result<void> set_material(CURL* handle, CURLoption option, const http::secret& source, const char* what) {
  if (source.empty()) return {};
  auto bytes = source.file.empty() ? result<std::string>(source.value) : http::read_small_file(source.file);
  if (!bytes) return fail(std::string("unable to use specified ") + what, bytes.error());
  set_blob(handle, option, *bytes);
  return {};
}

}  // namespace

result<void> apply_tls(CURL* handle, const http::tls_config& tls) {
  if (tls.insecure_skip_verify) {
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    // Not even loaded: the system's bundle takes milliseconds to parse.
    curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  if (!tls.insecure_skip_verify && !(tls.ca.empty() && tls.ca_file.empty())) {
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    if (auto set = set_material(handle, CURLOPT_CAINFO_BLOB, {tls.ca, tls.ca_file}, "CA cert"); !set) return set;
  }
  if (auto set = set_material(handle, CURLOPT_SSLCERT_BLOB, {tls.cert, tls.cert_file}, "client cert"); !set) return set;
  if (auto set = set_material(handle, CURLOPT_SSLKEY_BLOB, tls.key, "client key"); !set) return set;
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, version_min(tls.version_min) | version_max(tls.version_max));
  // OpenSSL's default security level refuses what TLS 1.0 and 1.1 need.
  if (tls.version_min == tls_version::tls10 || tls.version_min == tls_version::tls11)
    curl_easy_setopt(handle, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
  return {};
}

}  // namespace rollcall
