#include "lib/queue/journal_note.hpp"

#include "lib/base/byte_format.hpp"

#include <optional>
#include <utility>

namespace rollcall::queue {

namespace {

constexpr std::string_view head_magic = "RCH1";
constexpr std::string_view note_magic = "RCN1";
constexpr size_t head_bytes = 4 + 8 + 8;

struct record {
  std::string queue;
  journal_note note;
};

bool read_finished(byte_reader& in, std::vector<uint64_t>& finished) {
  auto count = in.varint();
  // A count that the bytes cannot hold must not make room for itself.
  if (count > in.bytes_left() / sizeof(uint64_t)) return false;
  finished.reserve(count);
  for (uint64_t i = 0; i < count; ++i) finished.push_back(in.fixed64());
  return in.good();
}

bool read_added(byte_reader& in, std::vector<block_ptr>& added) {
  auto count = in.varint();
  if (count > in.bytes_left()) return false;
  for (uint64_t i = 0; i < count; ++i) {
    auto length = in.varint();
    auto read = decode_block(in.raw(length));
    if (!read) return false;
    added.push_back(std::make_shared<const block>(std::move(*read)));
  }
  return true;
}

std::optional<record> decode_note(std::string_view bytes) {
  byte_reader in(note_magic, bytes);
  record read;
  auto length = in.varint();
  read.queue = in.raw(length);
  read.note.needed_from = in.fixed64();
  if (!read_finished(in, read.note.finished) || !read_added(in, read.note.added) || !in.finished()) return std::nullopt;
  return read;
}

}  // namespace

std::string encode(const std::string& queue, const journal_note& note) {
  byte_writer out(note_magic);
  out.varint(queue.size());
  out.raw(queue);
  out.fixed64(note.needed_from);
  out.varint(note.finished.size());
  for (auto sequence : note.finished) out.fixed64(sequence);
  out.varint(note.added.size());
  for (const auto& each : note.added) {
    auto bytes = encode(*each);
    out.varint(bytes.size());
    out.raw(bytes);
  }
  auto body = out.finish();
  byte_writer head(head_magic);
  head.fixed64(body.size());
  return head.finish() + body;
}

void journal_contents::take(const std::string& queue, journal_note note) {
  auto& known = queues_[queue];
  for (auto& each : note.added) known.added.insert_or_assign(each->sequence, std::move(each));
  for (auto sequence : note.finished) {
    known.added.erase(sequence);
    known.finished.insert(sequence);
  }
  known.added.erase(known.added.begin(), known.added.lower_bound(note.needed_from));
  if (note.needed_from == journal_note::nothing_needed) queues_.erase(queue);
}

size_t journal_contents::read(std::string_view file) {
  size_t taken = 0;
  for (;;) {
    auto rest = file.substr(taken);
    byte_reader head(head_magic, rest.substr(0, head_bytes));
    auto length = head.fixed64();
    if (!head.finished() || length > rest.size() - head_bytes) return taken;
    auto read = decode_note(rest.substr(head_bytes, length));
    if (!read) return taken;
    take(read->queue, std::move(read->note));
    taken += head_bytes + length;
  }
}

std::map<std::string, queue_changes> journal_contents::changes() const {
  std::map<std::string, queue_changes> all;
  for (const auto& [name, notes] : queues_) {
    auto& changes = all[name];
    for (const auto& [sequence, each] : notes.added) changes.appended.push_back(each);
    changes.erased.assign(notes.finished.begin(), notes.finished.end());
    if (changes.empty()) all.erase(name);
  }
  return all;
}

}  // namespace rollcall::queue
