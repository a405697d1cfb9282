#include "tests/support/tls_server.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rollcall::test {

namespace {

void run(const std::vector<std::string>& words) {
  std::string command;
  for (const auto& word : words) command.append(word).append(" ");
  if (std::system(command.append(">/dev/null 2>&1").c_str()) != 0) throw std::runtime_error("failed: " + command);
}

constexpr const char* new_key = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";

using context_ptr = std::shared_ptr<SSL_CTX>;
using session_ptr = std::unique_ptr<SSL, decltype(&SSL_free)>;

/// Takes what the client offers by ALPN, chooses HTTP/1.1, and leaves the offer with the session.
int on_protocols(SSL* session, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                 unsigned int offered_size, void*) {
  static const unsigned char http[] = "\x08http/1.1";
  if (auto* text = static_cast<std::string*>(SSL_get_app_data(session)))
    text->assign(reinterpret_cast<const char*>(offered), offered_size);
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, chosen_size, http, sizeof http - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

context_ptr make_context(const tls_server_options& options) {
  context_ptr context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("cannot use " + options.cert_file);
  if (options.version_max != 0) SSL_CTX_set_max_proto_version(context.get(), options.version_max);
  if (!options.client_ca_file.empty()) {
    SSL_CTX_load_verify_file(context.get(), options.client_ca_file.c_str());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  SSL_CTX_set_alpn_select_cb(context.get(), &on_protocols, nullptr);
  return context;
}

std::string common_name_of_peer(SSL* session) {
  std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(session), &X509_free);
  char name[256] = "";
  if (certificate)
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

}  // namespace

test_authority::test_authority() {
  char name[] = "/tmp/rollcall-authority-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory for certificates");
  directory_ = name;
  run({new_key, "-subj /CN=authority -keyout", directory_ + "/ca.key", "-out", ca_file()});
}

test_authority::~test_authority() { std::filesystem::remove_all(directory_); }

test_authority::identity test_authority::issue(const std::string& common_name,
                                               const std::string& alternative_names) const {
  const auto path = directory_ + '/' + common_name;
  run({new_key, "-CA", ca_file(), "-CAkey", directory_ + "/ca.key", "-subj", "/CN=" + common_name,
       "-addext basicConstraints=CA:FALSE -addext", "subjectAltName=" + alternative_names, "-keyout", path + ".key",
       "-out", path + ".crt"});
  return {path + ".crt", path + ".key"};
}

std::string test_authority::content(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

struct tls_server::log {
  std::mutex mutex;
  std::vector<visit> visits;
};

tls_server::tls_server(const tls_server_options& options) : log_(std::make_shared<log>()) {
  // OpenSSL writes to sockets without a flag that would keep this signal away.
  std::signal(SIGPIPE, SIG_IGN);
  auto serve = [log = log_, context = make_context(options)](tcp_connection& connection) {
    session_ptr session(SSL_new(context.get()), &SSL_free);
    std::string protocols;
    SSL_set_app_data(session.get(), &protocols);
    SSL_set_fd(session.get(), connection.descriptor());
    if (SSL_accept(session.get()) != 1) return;
    std::size_t index = 0;
    {
      std::lock_guard lock(log->mutex);
      index = log->visits.size();
      const char* name = SSL_get_servername(session.get(), TLSEXT_NAMETYPE_host_name);
      log->visits.push_back({name == nullptr ? "" : name,
                             common_name_of_peer(session.get()),
                             SSL_get_version(session.get()),
                             protocols,
                             {}});
    }
    const auto response = tcp_server::response("secure");
    std::string unread;
    char buffer[4096];
    for (int size = 0; (size = SSL_read(session.get(), buffer, sizeof buffer)) > 0;) {
      unread.append(buffer, static_cast<std::size_t>(size));
      if (!unread.ends_with("\r\n\r\n")) continue;
      {
        std::lock_guard lock(log->mutex);
        log->visits[index].requests.push_back(unread);
      }
      unread.clear();
      if (SSL_write(session.get(), response.data(), static_cast<int>(response.size())) <= 0) return;
    }
  };
  server_ = std::make_unique<tcp_server>(std::move(serve));
}

std::string tls_server::url(const std::string& host, const std::string& path) const {
  return "https://" + host + ':' + std::to_string(port()) + path;
}

std::vector<tls_server::visit> tls_server::visits() const {
  std::lock_guard lock(log_->mutex);
  return log_->visits;
}

}  // namespace rollcall::test
