#pragma once

#include "actors/discovery/kubernetes_sd/attached_metadata.hpp"
#include "actors/discovery/kubernetes_sd/object.hpp"
#include "actors/discovery/kubernetes_sd/resource.hpp"
#include "lib/targets/target_group.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rollcall::kubernetes {

/// Finds another object that a group has labels of, by its key; null when there is none.
using object_lookup = std::function<const object*(resource of, const std::string& key)>;

/// The source of an object's group: "pod/default/web-0".
std::string source_of(resource of, std::string_view key);
/// The key of the object that a group of this source is of.
std::string_view key_of(resource of, std::string_view source);
/// What tells that an object is gone: its group without targets.
target_group gone_group(resource of, std::string_view key);

/// The target group of an object, with the meta labels that Prometheus gives it. Nothing when the object says too
/// little for a group to replace the one of before. The body must be that of the resource, one of those that are roles.
std::optional<target_group> build_group(resource role, const object& of, const attached_metadata& attach,
                                        const object_lookup& find);

}  // namespace rollcall::kubernetes
