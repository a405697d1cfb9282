#pragma once

#include "config/mechanism.hpp"
#include "lib/targets/target_group.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rollcall::test {

/// A group whose targets have an address each and nothing else.
inline target_group_ptr group(const std::string& source, const std::vector<std::string>& addresses) {
  auto result = std::make_shared<target_group>();
  result->source = source;
  for (const auto& address : addresses) result->targets.push_back(labels::of({{"__address__", address}}));
  return result;
}

/// Options of a mechanism that has none.
struct no_options : sd_options {
  bool equals(const sd_options&) const override { return true; }
  void write(yaml_writer&) const override {}
};

}  // namespace rollcall::test
