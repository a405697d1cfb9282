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
    for (const auto& each : fs::directory_iterator(options.directory)) found.push_back(each.path());
    return found;
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
