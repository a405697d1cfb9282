#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::dns {

/// What a lookup needs of resolv.conf(5).
struct resolv_conf {
  std::vector<std::string> servers;  ///< As written; at most servers_max, later ones are left out.
  std::vector<std::string> search;   ///< Domains; at most search_max, likewise.
  size_t ndots = 1;                  ///< A name with fewer dots is tried in the domains first.

  bool operator==(const resolv_conf&) const = default;

  static constexpr size_t servers_max = 16;
  static constexpr size_t search_max = 32;
  static constexpr size_t ndots_max = 15;
};

/// Takes any text: lines that are not understood mean nothing. The last `search` or `domain` counts.
resolv_conf parse_resolv_conf(std::string_view text);

/// The names to ask for, in order, each ending in a dot.
std::vector<std::string> names_to_try(const resolv_conf& conf, std::string_view name);

}  // namespace rollcall::dns
