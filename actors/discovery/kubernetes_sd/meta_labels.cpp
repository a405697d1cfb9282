#include "actors/discovery/kubernetes_sd/meta_labels.hpp"

#include "lib/labels/names.hpp"

namespace rollcall::kubernetes {

std::string meta(std::string_view name) { return std::string("__meta_kubernetes_").append(name); }

void set(label_pairs& out, std::string_view name, std::string_view value) { out.emplace_back(meta(name), value); }

void set(label_pairs& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) set(out, name, std::string_view(*value));
}

void set(label_pairs& out, std::string_view name, bool value) {
  set(out, name, std::string_view(value ? "true" : "false"));
}

std::string join_host_port(const std::string& host, int64_t port) {
  const auto suffix = ':' + std::to_string(port);
  return host.find(':') == std::string::npos ? host + suffix : '[' + host + ']' + suffix;
}

namespace {

void add_each(label_pairs& out, std::string_view role, std::string_view kind, const text_pairs& pairs) {
  const auto value_prefix = meta(role) + '_' + std::string(kind) + '_';
  const auto present_prefix = meta(role) + '_' + std::string(kind) + "present_";
  for (const auto& [name, value] : pairs) {
    const auto sanitized = sanitize_label_name(name);
    out.emplace_back(value_prefix + sanitized, value);
    out.emplace_back(present_prefix + sanitized, "true");
  }
}

std::string key_in(const std::string& name_space, const std::string& name) { return name_space + '/' + name; }

}  // namespace

void add_labels_and_annotations(label_pairs& out, const metadata& of, std::string_view role) {
  add_each(out, role, "label", of.labels);
  add_each(out, role, "annotation", of.annotations);
}

void add_metadata(label_pairs& out, const metadata& of, std::string_view role) {
  out.emplace_back(meta(role) + "_name", of.name);
  add_labels_and_annotations(out, of, role);
}

void group_context::add_namespace(label_pairs& out, const metadata& of) const {
  set(out, "namespace", std::string_view(of.name_space));
  if (!attach.name_space) return;
  if (const auto* found = find(resource::name_space, of.name_space))
    add_labels_and_annotations(out, found->metadata, "namespace");
}

void group_context::add_node(label_pairs& out, const std::string& name) const {
  if (!attach.node || name.empty()) return;
  if (const auto* found = find(resource::node, name)) add_metadata(out, found->metadata, "node");
}

void group_context::add_service(label_pairs& out, const std::string& name_space, const std::string& name) const {
  if (name.empty()) return;
  if (const auto* found = find(resource::service, key_in(name_space, name)))
    add_metadata(out, found->metadata, "service");
}

void group_context::add_pod(label_pairs& out, const object& of) const {
  const auto& about = std::get<pod>(of.body);
  const auto& owner = of.metadata.controller;
  add_metadata(out, of.metadata, "pod");
  set(out, "pod_ip", std::string_view(about.ip));
  set(out, "pod_ready", std::string_view(about.ready));
  set(out, "pod_phase", std::string_view(about.phase));
  set(out, "pod_node_name", std::string_view(about.node_name));
  set(out, "pod_host_ip", std::string_view(about.host_ip));
  set(out, "pod_uid", std::string_view(of.metadata.uid));
  set(out, "pod_controller_kind", std::string_view(owner.kind));
  set(out, "pod_controller_name", std::string_view(owner.name));
  auto owner_of = [&](resource kind) {
    const auto* found = find(kind, key_in(of.metadata.name_space, owner.name));
    return found == nullptr ? controller{} : found->metadata.controller;
  };
  if (attach.deployment && owner.kind == "ReplicaSet")
    if (auto above = owner_of(resource::replica_set); above.kind == "Deployment")
      set(out, "pod_deployment_name", std::string_view(above.name));
  if (owner.kind != "Job") return;
  if (attach.job) set(out, "pod_job_name", std::string_view(owner.name));
  if (attach.cron_job)
    if (auto above = owner_of(resource::job); above.kind == "CronJob")
      set(out, "pod_cronjob_name", std::string_view(above.name));
}

}  // namespace rollcall::kubernetes
