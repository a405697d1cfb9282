#pragma once

#include "lib/auth/token.hpp"

namespace rollcall::auth {

/// The request for a token of Microsoft Entra ID: of its own client (secret, certificate, federated token of a
/// workload), or from the machine's metadata service. The standard method is the first that the environment has what it
/// needs for: a secret, a workload's token, the metadata service.
result<token_request> azure_token_request(const http::azure_identity& who, time_point now,
                                          const environment& variables);

/// Whether there is a cloud of this name: AzurePublic, AzureChina, AzureGovernment.
bool is_azure_cloud(std::string_view name);

}  // namespace rollcall::auth
