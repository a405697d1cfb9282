#include "actors/discovery/kubernetes_sd/meta_labels.hpp"
#include "lib/labels/names.hpp"

#include <algorithm>

namespace rollcall::kubernetes {

namespace {

/// Whether a host is covered by a name of a certificate, whose first component may be "*".
bool covers(std::string_view pattern, std::string_view host) {
  if (pattern == host) return true;
  if (!pattern.starts_with("*.")) return false;
  const auto dot = host.find('.');
  return dot != std::string_view::npos && dot != 0 && host.substr(dot) == pattern.substr(1);
}

}  // namespace

target_group build_ingress_group(const object& of, const group_context& context) {
  const auto& about = std::get<ingress>(of.body);
  label_pairs common;
  context.add_namespace(common, of.metadata);
  add_metadata(common, of.metadata, "ingress");
  set(common, "ingress_class_name", about.class_name);
  target_group group;
  group.common = labels::of(std::move(common));
  for (const auto& rule : about.rules) {
    const bool encrypted = std::any_of(about.tls_hosts.begin(), about.tls_hosts.end(),
                                       [&](const std::string& pattern) { return covers(pattern, rule.host); });
    auto add = [&](std::string_view path) {
      label_pairs target = {{std::string(address_label), rule.host}};
      set(target, "ingress_scheme", std::string_view(encrypted ? "https" : "http"));
      set(target, "ingress_host", std::string_view(rule.host));
      set(target, "ingress_path", path.empty() ? std::string_view("/") : path);
      group.targets.push_back(labels::of(std::move(target)));
    };
    if (rule.paths.empty()) add("/");
    for (const auto& path : rule.paths) add(path);
  }
  return group;
}

}  // namespace rollcall::kubernetes
