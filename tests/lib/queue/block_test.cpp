#include "lib/queue/block.hpp"

#include "lib/base/byte_format.hpp"
#include "tests/lib/queue/made_block.hpp"

#include <catch2/catch.hpp>

namespace rollcall::queue {

namespace {

block sample_block() {
  block made;
  made.sequence = 0x0102030405060708;
  made.created = 1'700'000'000'123;
  made.request.body = std::make_shared<const std::string>(std::string("\0compressed\xff", 12));
  made.request.samples = 2000;
  made.request.timestamp_lowest = -5;
  made.request.timestamp_highest = 1'700'000'000'000;
  made.request.sources = {{1, 3, 3}, {UINT64_MAX - 1, 4, 900}, {UINT64_MAX, 0, UINT64_MAX}};
  return made;
}

void check_equal(const block& a, const block& b) {
  CHECK(a.sequence == b.sequence);
  CHECK(a.request.form() == b.request.form());
  CHECK(a.created == b.created);
  CHECK(*a.request.body == *b.request.body);
  CHECK(a.request.samples == b.request.samples);
  CHECK(a.request.timestamp_lowest == b.request.timestamp_lowest);
  CHECK(a.request.timestamp_highest == b.request.timestamp_highest);
  CHECK(a.request.sources == b.request.sources);
}

// A block with a right checksum and these bytes after the kind's.
std::string forged(uint8_t kind, uint64_t samples, const std::function<void(byte_writer&)>& rest) {
  byte_writer out("RCB2");
  out.fixed8(kind);
  for (int i = 0; i < 4; ++i) out.fixed64(1);
  out.varint(samples);
  out.varint(0);
  out.varint(0);
  rest(out);
  return out.finish();
}

}  // namespace

TEST_CASE("a block is read as it was written") {
  auto made = sample_block();
  auto read = decode_block(encode(made));
  REQUIRE(read);
  check_equal(*read, made);
}

TEST_CASE("an empty body and no sources are a block too") {
  auto made = sample_block();
  made.request.body = std::make_shared<const std::string>();
  made.request.sources.clear();
  auto read = decode_block(encode(made));
  REQUIRE(read);
  check_equal(*read, made);
}

TEST_CASE("the encoding does not change from one version to the next") {
  auto made = test::made_block(2, "ab", -1);
  auto bytes = encode(made);
  CHECK(bytes.substr(0, bytes.size() - 8) == std::string("RCB2\x01"
                                                         "\2\0\0\0\0\0\0\0"
                                                         "\xff\xff\xff\xff\xff\xff\xff\xff"
                                                         "\xe8\3\0\0\0\0\0\0"
                                                         "\xe8\3\0\0\0\0\0\0"
                                                         "\3\0\0\1"
                                                         "\7\0\0\0\0\0\0\0"
                                                         "\2\0"
                                                         "\2ab",
                                                         4 + 1 + 32 + 4 + 8 + 2 + 3));
}

TEST_CASE("a block says which message it is, and how many histograms and exemplars it has") {
  auto made = test::made_block(2, "ab");
  made.request.message = remote_write::message_kind::v2;
  made.request.histograms = 1;
  made.request.exemplars = 2;
  auto read = decode_block(encode(made));
  REQUIRE(read);
  CHECK(read->request.message == remote_write::message_kind::v2);
  CHECK(static_cast<remote_write::item_counts>(read->request) == remote_write::item_counts{3, 1, 2});
  CHECK(static_cast<remote_write::item_counts>(summary_of(made)) == remote_write::item_counts{3, 1, 2});
  // More than there can be.
  made.request.exemplars = 3;
  CHECK_FALSE(decode_block(encode(made)));
}

TEST_CASE("the number of each kind of body does not change from one version to the next") {
  using remote_write::compression;
  using remote_write::message_kind;
  auto [number, form] = GENERATE(table<char, remote_write::wire_form>({
      {'\1', {message_kind::v1, compression::snappy}},
      {'\2', {message_kind::v2, compression::snappy}},
      {'\3', {message_kind::v1, compression::zstd}},
  }));
  auto made = test::made_block(2, "ab");
  static_cast<remote_write::wire_form&>(made.request) = form;
  auto bytes = encode(made);
  CHECK(bytes[4] == number);
  auto read = decode_block(bytes);
  REQUIRE(read);
  CHECK(read->request.form() == form);
}

TEST_CASE("a block that is cut off anywhere is refused") {
  auto bytes = encode(sample_block());
  for (size_t length = 0; length < bytes.size(); ++length) CHECK_FALSE(decode_block(bytes.substr(0, length)));
}

TEST_CASE("a block with any bit flipped is refused") {
  const auto bytes = encode(sample_block());
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      auto read = decode_block(damaged);
      REQUIRE_FALSE(read);
      CHECK(read.error().code == errc::syntax);
    }
  }
}

TEST_CASE("a block with something after it, or zeros in its place, is refused") {
  auto bytes = encode(sample_block());
  CHECK_FALSE(decode_block(bytes + '\0'));
  CHECK_FALSE(decode_block(std::string(bytes.size(), '\0')));
}

TEST_CASE("what has a right checksum and makes no sense is refused") {
  auto body = [](byte_writer& out) {
    out.varint(0);
    out.varint(1);
    out.raw("b");
  };
  REQUIRE(decode_block(forged(1, 1, body)));
  CHECK_FALSE(decode_block(forged(9, 1, body)));
  CHECK_FALSE(decode_block(forged(1, 0, body)));
  CHECK_FALSE(decode_block(forged(1, 1, [&](byte_writer& out) {
    body(out);
    out.raw("more");
  })));
  // Sources that come twice, that the bytes cannot hold, and whose last batch is beyond all numbers.
  CHECK_FALSE(decode_block(forged(1, 1, [](byte_writer& out) {
    out.varint(2);
    for (int i = 0; i < 2; ++i) {
      out.fixed64(5);
      out.varint(1);
      out.varint(0);
    }
    out.varint(0);
  })));
  CHECK_FALSE(decode_block(forged(1, 1, [](byte_writer& out) { out.varint(sources_per_block_max); })));
  CHECK_FALSE(decode_block(forged(1, 1, [](byte_writer& out) {
    out.varint(1);
    out.fixed64(5);
    out.varint(2);
    out.varint(UINT64_MAX - 1);
    out.varint(0);
  })));
  // A body that is longer than what is there, and a length that never ends.
  CHECK_FALSE(decode_block(forged(1, 1, [](byte_writer& out) {
    out.varint(0);
    out.varint(UINT64_MAX);
  })));
  CHECK_FALSE(decode_block(forged(1, 1, [](byte_writer& out) { out.raw(std::string(11, '\xff')); })));
}

TEST_CASE("a summary says of a block what its start needs") {
  auto made = sample_block();
  auto summary = summary_of(made);
  CHECK(summary == block_summary{{2000, 0, 0}, made.sequence, encode(made).size(), made.created, UINT64_MAX});
  auto bytes = encode(summary);
  CHECK(decode_summary(bytes) == summary);
  for (size_t length = 0; length < bytes.size(); ++length) CHECK_FALSE(decode_summary(bytes.substr(0, length)));
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    CHECK_FALSE(decode_summary(damaged));
  }
  CHECK_FALSE(decode_summary(bytes + 'x'));
}

}  // namespace rollcall::queue
