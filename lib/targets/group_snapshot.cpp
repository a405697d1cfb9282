#include "lib/targets/group_snapshot.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/byte_format.hpp"
#include "lib/targets/snapshot_pieces.hpp"

#include <algorithm>

namespace rollcall {

namespace {

constexpr std::string_view magic = "RCG1";
constexpr size_t piece_bytes = 64 << 10;
// A label is two lengths and at least a byte each of name and value. A target may be without labels of its own, and a
// group has a source, common labels and targets.
constexpr size_t label_bytes_min = 4;
constexpr size_t target_bytes_min = 1;
constexpr size_t group_bytes_min = 3 + target_bytes_min;

void write_text(byte_writer& out, std::string_view text) {
  out.varint(text.size());
  out.raw(text);
}

void write_labels(byte_writer& out, const packed_labels& set) {
  out.varint(set.size());
  for (auto [name, value] : set) {
    write_text(out, name);
    write_text(out, value);
  }
}

// A count that the bytes cannot hold must not make room for itself.
bool is_plausible(const byte_reader& in, uint64_t count, size_t bytes_min) {
  return in.good() && count <= in.bytes_left() / bytes_min;
}

// Whether what was read could have been written; the same of all that follow.
bool read_labels(byte_reader& in, packed_labels& out) {
  auto count = in.varint();
  if (!is_plausible(in, count, label_bytes_min)) return false;
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    auto name = in.raw(in.varint());
    auto value = in.raw(in.varint());
    if (!in.good() || value.empty() || (!pairs.empty() && pairs.back().first >= name)) return false;
    pairs.emplace_back(name, value);
  }
  out = labels::of(std::move(pairs));
  return true;
}

bool read_group(byte_reader& in, target_group& out) {
  out.source = in.raw(in.varint());
  if (!read_labels(in, out.common)) return false;
  auto count = in.varint();
  if (count == 0 || !is_plausible(in, count, target_bytes_min)) return false;
  for (uint64_t i = 0; i < count; ++i)
    if (!read_labels(in, out.targets.emplace_back())) return false;
  return true;
}

bool read_groups(byte_reader& in, std::vector<target_group_ptr>& out) {
  auto count = in.varint();
  if (!is_plausible(in, count, group_bytes_min)) return false;
  out.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    auto group = std::make_shared<target_group>();
    if (!read_group(in, *group) || (!out.empty() && out.back()->source >= group->source)) return false;
    out.push_back(std::move(group));
  }
  return true;
}

}  // namespace

bool group_snapshot::operator==(const group_snapshot& other) const {
  return configuration == other.configuration && confirmed == other.confirmed &&
         std::equal(groups.begin(), groups.end(), other.groups.begin(), other.groups.end(),
                    [](const auto& mine, const auto& theirs) { return *mine == *theirs; });
}

void encode_in_pieces(const group_snapshot& from, const byte_sink& sink) {
  byte_writer out(magic);
  write_text(out, from.configuration);
  out.fixed64(static_cast<uint64_t>(from.confirmed));
  out.varint(from.groups.size());
  for (const auto& group : from.groups) {
    ROLLCALL_ASSERT(!group->targets.empty());
    write_text(out, group->source);
    write_labels(out, group->common);
    out.varint(group->targets.size());
    for (const auto& target : group->targets) write_labels(out, target);
    if (out.size() >= piece_bytes) sink(out.take_piece());
  }
  sink(out.finish());
}

std::string encode(const group_snapshot& from) {
  std::string bytes;
  encode_in_pieces(from, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

result<group_snapshot> decode_group_snapshot(std::string_view bytes) {
  byte_reader in(magic, bytes);
  if (!in.good()) return fail(errc::syntax, "the snapshot is damaged: its checksum is wrong");
  group_snapshot read;
  read.configuration = in.raw(in.varint());
  read.confirmed = static_cast<int64_t>(in.fixed64());
  if (!read_groups(in, read.groups) || !in.finished())
    return fail(errc::syntax, "the snapshot is not of a form that this version knows");
  return read;
}

}  // namespace rollcall
