#include "lib/queue/journal_note.hpp"

#include "lib/base/assert.hpp"
#include "lib/queue/record.hpp"

#include <optional>
#include <utility>

namespace rollcall::queue {

namespace {

constexpr std::string_view note_magic = "RCN1";
constexpr size_t checksum_bytes = 8;

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

uint64_t note_bytes(const std::string& queue, const journal_note& note) {
  auto bytes = note_magic.size() + varint_bytes(queue.size()) + queue.size() + sizeof note.needed_from +
               varint_bytes(note.finished.size()) + note.finished.size() * sizeof(uint64_t) +
               varint_bytes(note.added.size()) + checksum_bytes;
  for (const auto& each : note.added) {
    auto block_bytes = encoded_bytes(*each);
    bytes += varint_bytes(block_bytes) + block_bytes;
  }
  return bytes;
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

// A record is written into one piece of memory: its bodies are what it costs.
std::string encode(const std::string& queue, const journal_note& note) {
  auto bytes = note_bytes(queue, note);
  byte_writer out;
  out.reserve(record_head_bytes + bytes);
  begin_record(out, bytes);
  auto part = out.begin(note_magic);
  out.varint(queue.size());
  out.raw(queue);
  out.fixed64(note.needed_from);
  out.varint(note.finished.size());
  for (auto sequence : note.finished) out.fixed64(sequence);
  out.varint(note.added.size());
  for (const auto& each : note.added) {
    out.varint(encoded_bytes(*each));
    append(out, *each);
  }
  out.end(part);
  ROLLCALL_ASSERT(out.size() == record_head_bytes + bytes);
  return out.take();
}

void journal_contents::take(const std::string& queue, journal_note note) {
  auto& known = queues_[queue];
  for (auto& each : note.added) {
    known.stored.erase(each->sequence);
    known.added.insert_or_assign(each->sequence, std::move(each));
  }
  for (auto sequence : note.finished) {
    known.added.erase(sequence);
    known.stored.erase(sequence);
    known.finished.insert(sequence);
  }
  while (!known.added.empty() && known.added.begin()->first < note.needed_from)
    known.stored.insert(known.added.extract(known.added.begin()));
  if (note.needed_from == journal_note::nothing_needed) queues_.erase(queue);
}

size_t journal_contents::read(std::string_view file) {
  size_t taken = 0;
  for (;;) {
    auto content = first_record(file.substr(taken));
    if (!content) return taken;
    auto read = decode_note(*content);
    if (!read) return taken;
    take(read->queue, std::move(read->note));
    taken += record_head_bytes + content->size();
  }
}

journal_contents::state journal_contents::state_of(const std::string& queue, uint64_t sequence) const {
  auto notes = queues_.find(queue);
  if (notes == queues_.end()) return state::unknown;
  if (notes->second.added.contains(sequence)) return state::waiting;
  if (notes->second.stored.contains(sequence)) return state::stored;
  return notes->second.finished.contains(sequence) ? state::finished : state::unknown;
}

std::map<std::string, std::map<uint64_t, block_ptr>> journal_contents::stored() const {
  std::map<std::string, std::map<uint64_t, block_ptr>> all;
  for (const auto& [name, notes] : queues_) all[name] = notes.stored;
  return all;
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
