#include "actors/web/cluster_views.hpp"

#include "lib/web/json_writer.hpp"
#include "lib/web/time_text.hpp"

namespace rollcall {

namespace {

void write(web::json_writer& out, const node_view& node) {
  out.begin_object().member("name", node.name).member("role", "worker").member("zone", node.zone);
  // Who is silent for longer than its lease is not among them.
  out.member("state", "alive").key("draining").boolean(node.draining);
  out.key("targets").integer(static_cast<int64_t>(node.loops));
  out.key("load").integer(static_cast<int64_t>(node.load));
  out.key("unsent").integer(static_cast<int64_t>(node.unsent));
  out.key("silentMilliseconds").integer(node.silent_for.count()).end_object();
}

void write(web::json_writer& out, const move_view& move) {
  out.begin_object().member("time", web::format_time(move.when)).member("target", move.target);
  out.member("from", move.from).member("to", move.to).member("why", move.why).end_object();
}

}  // namespace

std::string write_cluster_json(const cluster_view& view) {
  std::string body;
  web::json_writer out(body);
  out.begin_object().member("status", "success").key("data").begin_object().member("role", view.role);
  if (!view.leader.empty()) out.member("leader", view.leader);
  out.key("epoch").integer(static_cast<int64_t>(view.epoch));
  out.key("leaseMilliseconds").integer(view.lease.count());
  out.key("targets").integer(static_cast<int64_t>(view.targets));
  out.key("handovers").integer(static_cast<int64_t>(view.handovers));
  out.key("takeovers").integer(static_cast<int64_t>(view.takeovers));
  out.key("copies").begin_object();
  out.key("targets").integer(static_cast<int64_t>(view.copies.targets));
  out.key("bytes").integer(static_cast<int64_t>(view.copies.bytes));
  out.key("leftOut").integer(static_cast<int64_t>(view.copies.left_out)).end_object();
  out.key("nodes").begin_array();
  for (const auto& each : view.nodes) write(out, each);
  out.end_array().key("moves").begin_array();
  for (const auto& each : view.moves) write(out, each);
  out.end_array().end_object().end_object();
  return body;
}

}  // namespace rollcall
