#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Pieces of label values that several mechanisms make alike.
namespace rollcall {

/// `host:port`, the host in brackets where it is an IPv6 address.
std::string join_host_port(std::string_view host, std::string_view port);

/// The items with a separator between them and around them: ",a,b,"; so that an expression may look for ",a," wherever
/// it stands.
std::string surround_with_separator(const std::vector<std::string>& items, std::string_view separator);

}  // namespace rollcall
