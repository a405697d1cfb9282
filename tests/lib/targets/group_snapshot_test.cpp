#include "lib/targets/group_snapshot.hpp"

#include "lib/base/byte_format.hpp"
#include "lib/targets/snapshot_pieces.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;

namespace {

group_snapshot sample() {
  auto first = std::make_shared<target_group>();
  first->source = "http://registry/sd:0";
  first->common = labels::of({{"team", "a"}, {"note", std::string("zero \0 and \xff", 12)}});
  first->targets = {labels::of({{"__address__", "a:1"}}), labels(), labels::of({{"__address__", "b:1"}, {"x", "y"}})};
  auto second = std::make_shared<target_group>();
  second->source = "http://registry/sd:1";
  second->targets = {labels::of({{"__address__", std::string(300, 'c')}})};
  return {"http:\n- url: http://registry/sd\n", 1'700'000'000'123, {first, second}};
}

/// A snapshot with a right checksum and any content behind configuration and time.
std::string written(const std::function<void(byte_writer&)>& groups) {
  byte_writer out("RCG1");
  out.varint(0);
  out.fixed64(0);
  groups(out);
  return out.finish();
}

void text(byte_writer& out, std::string_view what) {
  out.varint(what.size());
  out.raw(what);
}

/// Two groups of one target each.
std::string two_groups(std::string_view first, std::string_view second) {
  return written([&](byte_writer& out) {
    out.varint(2);
    for (auto source : {first, second}) {
      text(out, source);
      out.varint(0);
      out.varint(1);
      out.varint(0);
    }
  });
}

std::string one_label_set(std::vector<std::pair<std::string, std::string>> pairs) {
  return written([&](byte_writer& out) {
    out.varint(1);
    text(out, "source");
    out.varint(pairs.size());
    for (const auto& [name, value] : pairs) {
      text(out, name);
      text(out, value);
    }
    out.varint(1);
    out.varint(0);
  });
}

}  // namespace

TEST_CASE("a snapshot is read as it was written") {
  auto from = sample();
  auto read = decode_group_snapshot(encode(from));
  REQUIRE(read);
  CHECK(*read == from);
  CHECK(count_targets(read->groups) == 4);
  auto empty = decode_group_snapshot(encode(group_snapshot{"c", -1, {}}));
  REQUIRE(empty);
  CHECK(*empty == group_snapshot{"c", -1, {}});
}

TEST_CASE("a large snapshot is handed on piece by piece") {
  group_snapshot from{"c", 1, {}};
  for (int i = 1000; i < 2000; ++i) {
    auto group = std::make_shared<target_group>();
    group->source = std::to_string(i);
    group->targets = {labels::of({{"__address__", std::string(1000, 'a')}})};
    from.groups.push_back(std::move(group));
  }
  size_t largest = 0, all = 0;
  encode_in_pieces(from, [&](std::string_view piece) {
    largest = std::max(largest, piece.size());
    all += piece.size();
  });
  CHECK(all > 1'000'000);
  CHECK(largest < all / 10);
  auto read = decode_group_snapshot(encode(from));
  REQUIRE(read);
  CHECK(*read == from);
}

TEST_CASE("the format is the one that is described") {
  auto group = std::make_shared<target_group>();
  group->source = "s";
  group->common = labels::of({{"a", "b"}});
  group->targets = {labels::of({{"c", "de"}})};
  auto bytes = encode(group_snapshot{"cfg", 0x0102, {group}});
  using namespace std::string_literals;
  CHECK(bytes.substr(0, bytes.size() - 8) == "RCG1\x03"s + "cfg\x02\x01\0\0\0\0\0\0\x01\x01"s + "s\x01\x01"s +
                                                 "a\x01"s + "b\x01\x01\x01"s + "c\x02"s + "de"s);
}

TEST_CASE("a snapshot with any byte cut off or changed is refused") {
  auto bytes = encode(sample());
  for (size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(decode_group_snapshot(std::string_view(bytes).substr(0, length)));
  for (auto& byte : bytes) {
    byte = static_cast<char>(byte ^ 0x40);
    CHECK_FALSE(decode_group_snapshot(bytes));
    byte = static_cast<char>(byte ^ 0x40);
  }
  CHECK_FALSE(decode_group_snapshot(bytes + '\0'));
}

TEST_CASE("what could not have been written is refused although its checksum is right") {
  CHECK(decode_group_snapshot(two_groups("a", "b")));
  CHECK_FALSE(decode_group_snapshot(two_groups("b", "a")));
  CHECK_FALSE(decode_group_snapshot(two_groups("a", "a")));
  CHECK(decode_group_snapshot(one_label_set({{"a", "x"}, {"b", "y"}})));
  CHECK_FALSE(decode_group_snapshot(one_label_set({{"b", "x"}, {"a", "y"}})));
  CHECK_FALSE(decode_group_snapshot(one_label_set({{"a", "x"}, {"a", "y"}})));
  CHECK_FALSE(decode_group_snapshot(one_label_set({{"a", ""}})));
  CHECK_FALSE(decode_group_snapshot(written([](byte_writer& out) { out.varint(UINT64_MAX); })));
  CHECK_FALSE(decode_group_snapshot(written([](byte_writer& out) {
    out.varint(1);
    text(out, "source without targets");
    out.varint(0);
    out.varint(0);
  })));
  CHECK_FALSE(decode_group_snapshot(written([](byte_writer& out) {
    out.varint(0);
    out.fixed8(0);
  })));
}
