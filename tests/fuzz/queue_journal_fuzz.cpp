#include "lib/base/byte_format.hpp"
#include "lib/queue/journal_note.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using rollcall::queue::journal_contents;

void require(bool holds) {
  if (!holds) std::abort();
}

// Reading never goes past the end, and what was read reads the same again.
void check(std::string_view file) {
  journal_contents all, again;
  auto taken = all.read(file);
  require(taken <= file.size());
  require(again.read(file.substr(0, taken)) == taken);
  require(again.changes().size() == all.changes().size());
}

}  // namespace

/// The bytes as they are, and as the content of a note with right checksums behind a whole one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  rollcall::byte_writer note("RCN1");
  note.raw(bytes);
  auto body = note.finish();
  rollcall::byte_writer head("RCH1");
  head.fixed64(body.size());
  check(rollcall::queue::encode("q", {}) + head.finish() + body);
  return 0;
}
