#pragma once

#include "actors/discovery/kubernetes_sd/json_filter.hpp"
#include "actors/discovery/kubernetes_sd/resource.hpp"

namespace rollcall::kubernetes {

/// The fields of a resource's objects that targets and their labels are made of.
kept_key keys_of(resource of);

}  // namespace rollcall::kubernetes
