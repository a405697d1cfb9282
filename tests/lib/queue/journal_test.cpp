#include "lib/queue/journal.hpp"

#include "lib/queue/journaled_store.hpp"
#include "tests/fakes/memory_store.hpp"
#include "tests/lib/queue/made_block.hpp"
#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <vector>

namespace rollcall::queue {

namespace {

namespace fs = std::filesystem;
using numbers = std::vector<uint64_t>;

journal_note note(const numbers& added, numbers finished = {}, uint64_t needed_from = 0) {
  journal_note made;
  for (auto sequence : added) made.added.push_back(test::shared(test::made_block(sequence)));
  made.finished = std::move(finished);
  made.needed_from = needed_from;
  return made;
}

struct journal_bench {
  journal_bench() { options.directory = directory.path() + "/journal"; }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    if (!fs::exists(options.directory)) return found;
    for (const auto& each : fs::directory_iterator(options.directory))
      if (each.path().extension() == ".notes") found.push_back(each.path());
    return found;
  }
  // The journal's one file loses everything behind so many bytes.
  void cut(size_t length) { fs::resize_file(files().at(0), length); }
  // How many samples the next process would miss.
  uint64_t lost(const std::string& queue = "q") {
    journal next(options);
    REQUIRE(next.recover(store));
    auto counts = next.take_lost(queue);
    CHECK(next.take_lost(queue).samples == 0);
    return counts.samples;
  }
  // What the next process would find in its store.
  numbers recovered(const std::string& queue = "q") {
    REQUIRE(journal(options).recover(store));
    return store.sequences(queue);
  }

  test::scratch_directory directory;
  journal_options options;
  test::memory_store store;
};

}  // namespace

TEST_CASE_METHOD(journal_bench, "what was noted is in the store of the next process, but for what was finished") {
  {
    journal notes(options);
    REQUIRE(notes.append("q", note({1, 2, 3})));
    REQUIRE(notes.append("q", note({4}, {2})));
    REQUIRE(notes.append("other", note({7})));
  }
  CHECK(recovered() == numbers{1, 3, 4});
  CHECK(store.sequences("other") == numbers{7});
  CHECK(files().empty());
  CHECK(store.syncs == 1);
}

TEST_CASE_METHOD(journal_bench, "what the store knew is left to it") {
  journal notes(options);
  REQUIRE(notes.append("q", note({1, 2, 3})));
  REQUIRE(store.change("q", {.appended = note({1, 2}).added}));
  REQUIRE(store.change("q", {.erased = {1, 2}}));
  REQUIRE(notes.append("q", note({4}, {}, 3)));
  CHECK(recovered() == numbers{3, 4});
}

TEST_CASE_METHOD(journal_bench, "a store that has lost changes is told again of what it should have, and no more") {
  {
    journal notes(options);
    REQUIRE(notes.append("q", note({1, 2, 3})));
    REQUIRE(notes.append("q", note({4}, {1}, 5)));
    REQUIRE(notes.append("gone", note({1}, {}, 2)));
    REQUIRE(notes.append("gone", note({}, {}, journal_note::nothing_needed)));
  }
  REQUIRE(store.change("q", {.appended = note({2, 4}).added}));
  store.damage("q", 4, 7);
  store.lost_changes = true;
  CHECK(recovered() == numbers{2, 3, 4});
  CHECK(store.read("q", 4).content);
  CHECK(store.sequences("gone").empty());
}

TEST_CASE_METHOD(journal_bench, "a store that has lost its last changes is told of them again") {
  REQUIRE(journal(options).append("q", note({1, 2, 3, 4}, {}, 5)));
  REQUIRE(store.change("q", {.appended = note({1, 2}).added}));
  REQUIRE(store.change("q", {.erased = {1}}));
  CHECK(recovered() == numbers{2, 3, 4});
}

TEST_CASE_METHOD(journal_bench, "what only the lost end of a journal had is counted") {
  {
    journal notes(options);
    REQUIRE(notes.append("q", note({1})));
    REQUIRE(notes.append("q", note({2})));
    auto kept = fs::file_size(files().at(0));
    REQUIRE(notes.append("q", note({3, 4, 5})));
    REQUIRE(notes.append("q", note({6}, {4})));
    // The store has it by now.
    REQUIRE(store.change("q", {.appended = note({1, 2, 3}).added}));
    cut(kept + 1);
  }
  // Of three samples each, 5 and 6.
  CHECK(lost() == 6);
  CHECK(files().empty());
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(journal_bench, "of a block that replaced another, only what the other did not have is counted") {
  auto larger = test::made_block(2);
  larger.request.samples = 10;
  {
    journal notes(options);
    REQUIRE(notes.append("q", note({1})));
    auto kept = fs::file_size(files().at(0));
    REQUIRE(notes.append("q", {.added = {test::shared(larger)}, .finished = {1}, .replaced = {{1, 2, {3, 0, 0}}}}));
    cut(kept);
  }
  CHECK(lost() == 7);
  CHECK(store.sequences("q") == numbers{1});
}

TEST_CASE_METHOD(journal_bench, "what was replaced and is still in the store counts as there") {
  REQUIRE(store.change("q", {.appended = note({1}).added}));
  auto larger = test::made_block(3);
  larger.request.samples = 10;
  {
    journal notes(options);
    REQUIRE(notes.append("q", note({1})));
    REQUIRE(notes.append("q", note({2}, {}, 2)));
    auto kept = fs::file_size(files().at(0));
    REQUIRE(notes.append(
        "q",
        {.added = {test::shared(larger)}, .finished = {1, 2}, .replaced = {{1, 3, {3, 0, 0}}, {2, 3, {3, 0, 0}}}}));
    cut(kept);
  }
  CHECK(lost() == 4);
  CHECK(store.sequences("q") == numbers{1, 2});
}

TEST_CASE_METHOD(journal_bench, "a list of blocks that is damaged anywhere counts nothing") {
  noted_blocks noted;
  noted.take("q", note({1, 2}));
  auto bytes = noted.encode();
  for (size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(noted_blocks::decode(std::string_view(bytes).substr(0, length)));
  for (size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= 1;
    CHECK_FALSE(noted_blocks::decode(damaged));
  }
  auto read = noted_blocks::decode(bytes + "what was behind a longer one");
  REQUIRE(read);
  CHECK(read->missing("q", {}, 1).samples == 3);
  CHECK(read->missing("q", {}, 2).samples == 0);
}

TEST_CASE_METHOD(journal_bench, "what was finished and the store was not told is erased there") {
  REQUIRE(store.change("q", {.appended = note({5, 6}).added}));
  REQUIRE(journal(options).append("q", note({}, {5}, 7)));
  CHECK(recovered() == numbers{6});
}

TEST_CASE_METHOD(journal_bench, "what the store has set aside is not sent again") {
  REQUIRE(store.change("q", {.appended = note({1}).added}));
  REQUIRE(store.change("q", {.set_aside = {{1, 0, "no"}}}));
  REQUIRE(journal(options).append("q", note({1, 2})));
  CHECK(recovered() == numbers{2});
}

TEST_CASE_METHOD(journal_bench, "a queue that is gone does not come back") {
  journal notes(options);
  REQUIRE(notes.append("q", note({1})));
  REQUIRE(notes.append("q", note({}, {}, journal_note::nothing_needed)));
  CHECK(recovered().empty());
}

TEST_CASE_METHOD(journal_bench, "a file that breaks off anywhere gives the notes that are whole") {
  REQUIRE(journal(options).append("q", note({1})));
  auto first = fs::file_size(files().at(0));
  auto path = files().at(0);
  std::string content;
  {
    std::ifstream in(path, std::ios::binary);
    content.assign(std::istreambuf_iterator<char>(in), {});
    content += encode("q", note({2}));
  }
  for (size_t length = 0; length < content.size(); ++length) {
    journal_contents contents;
    CHECK(contents.read(std::string_view(content).substr(0, length)) == (length < first ? 0 : first));
    CHECK(contents.changes().size() == (length < first ? 0u : 1u));
  }
  journal_contents whole;
  CHECK(whole.read(content) == content.size());
}

TEST_CASE_METHOD(journal_bench, "files go when nothing in them is needed, the oldest first") {
  options.segment_bytes = 1;
  journal notes(options);
  for (uint64_t i = 1; i <= 4; ++i) REQUIRE(notes.append("q", note({i})));
  CHECK(files().size() == 4);
  REQUIRE(notes.append("q", note({5}, {}, 3)));
  CHECK(files().size() == 3);
  REQUIRE(notes.append("other", note({1})));
  REQUIRE(notes.append("q", note({6}, {}, 7)));
  CHECK(recovered("other") == numbers{1});
}

TEST_CASE_METHOD(journal_bench, "there is a bound, beyond which nothing is noted until there is room again") {
  options.segment_bytes = 1;
  options.bytes_max = 2 * encode("q", note({1})).size();
  journal notes(options);
  REQUIRE(notes.append("q", note({1})));
  REQUIRE(notes.append("q", note({2})));
  auto full = notes.append("q", note({3}));
  REQUIRE_FALSE(full);
  CHECK(full.error().code == errc::limit_exceeded);
  CHECK(notes.append("q", note({4}, {}, 3)));
}

TEST_CASE_METHOD(journal_bench,
                 "what the store does not take is kept for the next try, and the store is not used before") {
  REQUIRE(journal(options).append("q", note({1})));
  auto inner = std::make_shared<test::memory_store>();
  auto store = make_journaled_store(inner, std::make_shared<journal>(options));
  inner->write_fault = "full";
  CHECK_FALSE(store->contents("q"));
  CHECK(files().size() == 1);
  inner->write_fault.clear();
  REQUIRE(store->contents("q"));
  CHECK(store->contents("q")->blocks.size() == 1);
  CHECK(files().empty());
}

}  // namespace rollcall::queue
