#pragma once

#include "lib/auth/token.hpp"
#include "lib/http/exec_plugin.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rollcall::auth {

/// What a credential plugin gave: a token, a certificate, or both.
struct exec_credential {
  std::string token;                  ///< Empty for none.
  std::string certificate;            ///< PEM; never without a key.
  std::string key;                    ///< PEM.
  std::optional<time_point> expires;  ///< Nothing: it is good until it is refused.

  bool operator==(const exec_credential&) const = default;
};

/// Whether there are plugins of this version, which is that of what they read and write.
bool is_exec_version(std::string_view api_version);

/// What a plugin is told, in the variable KUBERNETES_EXEC_INFO. Files are read now. Errors: errc::io.
result<std::string> exec_info(const http::exec_plugin& plugin);

/// Reads what a plugin of this version wrote. Errors: errc::syntax; nothing of a secret is in their messages.
result<exec_credential> read_exec_credential(std::string_view output, std::string_view api_version);

}  // namespace rollcall::auth
