#include "lib/base/byte_format.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

void write_some(byte_writer& out) {
  out.fixed64(0x0102030405060708);
  out.varint(300);
  out.raw("text");
}

}  // namespace

TEST_CASE("what is taken in pieces is the same, with the checksum of all of it at the end") {
  byte_writer whole("RC"), pieces("RC");
  for (int i = 0; i < 3; ++i) write_some(whole);
  std::string taken;
  for (int i = 0; i < 3; ++i) {
    write_some(pieces);
    taken += pieces.take_piece();
    CHECK(pieces.size() == 0);
  }
  taken += pieces.take_piece();
  taken += pieces.finish();
  auto bytes = whole.finish();
  CHECK(taken == bytes);
  byte_reader in("RC", taken);
  CHECK(in.fixed64() == 0x0102030405060708);
  CHECK(in.varint() == 300);
  CHECK(in.raw(4) == "text");
  CHECK(in.good());
}

TEST_CASE("a reader refuses what is not as it was written, and then gives zeros") {
  byte_writer out("RC");
  write_some(out);
  auto bytes = out.finish();
  for (auto& byte : bytes) {
    byte = static_cast<char>(byte ^ 1);
    byte_reader in("RC", bytes);
    CHECK_FALSE(in.good());
    CHECK(in.fixed64() == 0);
    byte = static_cast<char>(byte ^ 1);
  }
  byte_reader in("RC", bytes);
  in.raw(8 + 2 + 4);
  CHECK(in.finished());
  CHECK(in.fixed8() == 0);
  CHECK_FALSE(in.good());
}
