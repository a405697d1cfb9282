#include "lib/cluster/protocol.hpp"

#include "lib/cluster/byte_codec.hpp"

#include <xxhash.h>

#include <utility>

namespace rollcall::cluster {

namespace {

// An interval of a year, as long as any can be of use.
constexpr uint64_t interval_max = uint64_t{1000} * 3600 * 24 * 366;

opaque shared(std::string_view text) { return std::make_shared<const std::string>(text); }

void write(packer& out, const loop_plan& plan) {
  out.number(plan.key);
  out.number(static_cast<uint64_t>(plan.interval.count()));
  out.number(static_cast<uint64_t>(plan.phase.count()));
  out.number(plan.settings);
  out.text(*plan.bytes);
}

loop_plan read_plan(unpacker& in) {
  loop_plan plan;
  plan.key = in.number();
  plan.interval = milliseconds(in.number_up_to(interval_max));
  plan.phase = milliseconds(in.number_up_to(interval_max));
  plan.settings = in.number();
  plan.bytes = shared(in.text());
  if (plan.interval.count() <= 0 || plan.phase >= plan.interval) in.fail();
  return plan;
}

void write(packer& out, const define& item) {
  out.number(item.settings);
  out.text(*item.bytes);
}

void read(unpacker& in, define& item) {
  item.settings = in.number();
  item.bytes = shared(in.text());
}

void write(packer& out, const run& item) {
  out.number(item.which);
  out.signed_number(item.first_tick);
  out.flag(item.from_before == estate::awaited);
  write(out, item.plan);
}

void read(unpacker& in, run& item) {
  item.which = in.number();
  item.first_tick = in.signed_number();
  item.from_before = in.flag() ? estate::awaited : estate::none;
  item.plan = read_plan(in);
}

void write(packer& out, const change& item) {
  out.number(item.which);
  write(out, item.plan);
}

void read(unpacker& in, change& item) {
  item.which = in.number();
  item.plan = read_plan(in);
}

void write(packer& out, const yield& item) {
  out.number(item.which);
  out.number(static_cast<uint64_t>(item.lead.count()));
}

void read(unpacker& in, yield& item) {
  item.which = in.number();
  item.lead = milliseconds(in.number_up_to(interval_max));
}

void write(packer& out, const bequeath& item) {
  out.number(item.which);
  out.text(item.state);
}

void read(unpacker& in, bequeath& item) {
  item.which = in.number();
  item.state = in.text();
}

void write(packer& out, const retire& item) {
  out.number(item.which);
  out.number(item.heir);
}

void read(unpacker& in, retire& item) {
  item.which = in.number();
  item.heir = in.number();
}

void write(packer& out, const disown& item) { out.number(item.which); }
void read(unpacker& in, disown& item) { item.which = in.number(); }

void write(packer& out, const configure& item) { out.text(*item.bytes); }
void read(unpacker& in, configure& item) { item.bytes = shared(in.text()); }

void write(packer&, const dismiss&) {}
void read(unpacker&, dismiss&) {}

void write(packer& out, const yielding& item) {
  out.number(item.which);
  out.signed_number(item.cut);
}

void read(unpacker& in, yielding& item) {
  item.which = in.number();
  item.cut = in.signed_number();
}

void write(packer& out, const yielded& item) {
  out.number(item.which);
  out.text(item.state);
}

void read(unpacker& in, yielded& item) {
  item.which = in.number();
  item.state = in.text();
}

void write(packer& out, const observed& item) {
  out.number(item.which);
  out.text(item.bytes);
}

void read(unpacker& in, observed& item) {
  item.which = in.number();
  item.bytes = in.text();
}

void write(packer& out, const copied& item) {
  out.number(item.which);
  out.text(item.state);
}

void read(unpacker& in, copied& item) {
  item.which = in.number();
  item.state = in.text();
}

void write(packer&, const leaving&) {}
void read(unpacker&, leaving&) {}

// An item is its place in the variant, then its fields.
template <class Variant>
void append_item(std::string& items, const Variant& item) {
  packer out(items);
  out.number(item.index());
  std::visit([&](const auto& each) { write(out, each); }, item);
}

template <class Variant, size_t... Index>
Variant read_item(unpacker& in, uint64_t which, std::index_sequence<Index...>) {
  Variant item;
  auto read_if = [&](auto index) {
    if (which == index) read(in, item.template emplace<index>());
  };
  (read_if(std::integral_constant<size_t, Index>{}), ...);
  return item;
}

template <class Variant>
result<std::vector<Variant>> decode_items(std::string_view items, std::string complaint) {
  constexpr auto kinds = std::variant_size_v<Variant>;
  unpacker in(items);
  std::vector<Variant> read;
  while (in.good() && !in.at_end()) {
    auto which = in.number_up_to(kinds - 1);
    if (in.good()) read.push_back(read_item<Variant>(in, which, std::make_index_sequence<kinds>{}));
  }
  if (!in.finished()) return fail(errc::syntax, std::move(complaint));
  return read;
}

}  // namespace

uint64_t digest(const loop_plan& plan) {
  std::string bytes;
  packer out(bytes);
  write(out, plan);
  return digest(bytes);
}

uint64_t digest(const std::string& settings) { return XXH3_64bits(settings.data(), settings.size()); }

void append(std::string& items, const directive& item) { append_item(items, item); }
void append(std::string& items, const notice& item) { append_item(items, item); }

result<std::vector<directive>> decode_directives(std::string_view items) {
  return decode_items<directive>(items, "malformed directives");
}

result<std::vector<notice>> decode_notices(std::string_view items) {
  return decode_items<notice>(items, "malformed notices");
}

std::string encode(const introduction& value) {
  std::string bytes;
  packer out(bytes);
  out.number(value.incarnation);
  out.number(value.attempt);
  out.number(value.epoch);
  out.number(value.session);
  out.flag(value.is_lapsed);
  out.number(value.held.size());
  for (const auto& each : value.held) {
    out.number(each.which);
    out.number(each.key);
    out.number(each.digest);
    out.signed_number(each.cut);
    out.flag(each.is_retired);
  }
  return bytes;
}

result<introduction> decode_introduction(std::string_view bytes) {
  unpacker in(bytes);
  introduction value;
  value.incarnation = in.number();
  value.attempt = in.number();
  value.epoch = in.number();
  value.session = in.number();
  value.is_lapsed = in.flag();
  for (auto left = in.count(); left > 0 && in.good(); --left) {
    holding each;
    each.which = in.number();
    each.key = in.number();
    each.digest = in.number();
    each.cut = in.signed_number();
    each.is_retired = in.flag();
    value.held.push_back(each);
  }
  if (!in.finished()) return fail(errc::syntax, "malformed introduction");
  return value;
}

std::string encode(const acceptance& value) {
  std::string bytes;
  packer out(bytes);
  out.number(value.attempt);
  out.number(value.epoch);
  out.number(value.session);
  out.number(static_cast<uint64_t>(value.lease.count()));
  out.number(value.disowned.size());
  for (auto each : value.disowned) out.number(each);
  out.flag(value.keeps_copies);
  return bytes;
}

result<acceptance> decode_acceptance(std::string_view bytes) {
  unpacker in(bytes);
  acceptance value;
  value.attempt = in.number();
  value.epoch = in.number();
  value.session = in.number();
  value.lease = milliseconds(in.number_up_to(interval_max));
  for (auto left = in.count(); left > 0 && in.good(); --left) value.disowned.push_back(in.number());
  value.keeps_copies = in.flag();
  if (!in.finished()) return fail(errc::syntax, "malformed acceptance");
  return value;
}

}  // namespace rollcall::cluster
