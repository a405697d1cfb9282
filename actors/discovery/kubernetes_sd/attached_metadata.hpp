#pragma once

#include "actors/discovery/kubernetes_sd/resource.hpp"

#include <vector>

namespace rollcall::kubernetes {

/// Which other objects' metadata the targets are to carry.
struct attached_metadata {
  bool node = false;
  bool name_space = false;
  bool deployment = false;
  bool job = false;
  bool cron_job = false;

  bool operator==(const attached_metadata&) const = default;
};

/// The resources that a role's groups are made of, itself first.
std::vector<resource> resources_of(resource role, const attached_metadata& attach);

}  // namespace rollcall::kubernetes
