#include "lib/znodes/znode_tree.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace rollcall;

namespace {

using texts = std::vector<std::string>;
using picture = std::map<std::string, std::string>;

/// A server with some znodes, and a tree that reads them.
struct server {
  picture znodes;
  znode_tree tree{{"/a"}};
  picture seen = {};  // what the changes add up to
  size_t updates = 0;

  texts children(const std::string& path) const {
    texts names;
    auto prefix = path == "/" ? path : path + '/';
    for (const auto& [each, data] : znodes)
      if (each.size() > prefix.size() && each.starts_with(prefix) && each.find('/', prefix.size()) == each.npos)
        names.push_back(each.substr(prefix.size()));
    return names;
  }
  void answer(const znode_read& read) {
    auto found = znodes.find(read.path);
    if (found == znodes.end())
      tree.take_absence(read.path);
    else if (read.what == znode_read::part::data)
      tree.take_data(read.path, found->second);
    else
      tree.take_children(read.path, children(read.path));
  }
  void see() {
    while (auto changes = tree.take_changes()) {
      ++updates;
      if (changes->complete) seen.clear();
      for (const auto& each : changes->changes) {
        if (each.data)
          seen[each.path] = *each.data;
        else
          seen.erase(each.path);
      }
    }
  }
  void settle() {
    while (auto read = tree.next_read()) answer(*read);
    see();
  }
};

}  // namespace

TEST_CASE("a tree is read from its root down, and told of as a whole") {
  server with{{{"/a", "r"}, {"/a/b", "1"}, {"/a/b/c", "2"}, {"/ab", "other"}}};
  with.tree.restart();
  CHECK(with.tree.next_read() == znode_read{"/a", znode_read::part::data});
  CHECK(with.tree.next_read() == znode_read{"/a", znode_read::part::children});
  CHECK_FALSE(with.tree.next_read());
  CHECK(with.tree.open_reads() == 2);
  CHECK_FALSE(with.tree.take_changes());
  with.tree.take_data("/a", "r");
  CHECK_FALSE(with.tree.take_changes());
  with.tree.take_children("/a", {"b"});
  CHECK_FALSE(with.tree.take_changes());
  while (auto read = with.tree.next_read()) with.answer(*read);
  auto changes = with.tree.take_changes();
  REQUIRE(changes);
  CHECK(*changes == znode_changes{{{"/a", "r"}, {"/a/b", "1"}, {"/a/b/c", "2"}}, true});
  CHECK_FALSE(with.tree.take_changes());
  CHECK(with.tree.size() == 3);
  CHECK(with.tree.data_bytes() == 3);
}

TEST_CASE("later only what changed is told") {
  server with{{{"/a", ""}, {"/a/b", "1"}}};
  with.tree.restart();
  with.settle();
  with.znodes["/a/b"] = "2";
  with.tree.on_data_changed("/a/b");
  auto read = with.tree.next_read();
  CHECK(read == znode_read{"/a/b", znode_read::part::data});
  with.answer(*read);
  CHECK(with.tree.take_changes() == znode_changes{{{"/a/b", "2"}}, false});
  with.tree.on_data_changed("/a/b");
  with.settle();
  CHECK(with.updates == 1);
}

TEST_CASE("children come and go with all that is below them") {
  server with{{{"/a", ""}, {"/a/b", "1"}, {"/a/b/c", "2"}, {"/a/b.x", "3"}}};
  with.tree.restart();
  with.settle();
  with.znodes = {{"/a", ""}, {"/a/b.x", "3"}, {"/a/d", "4"}};
  with.tree.on_children_changed("/a");
  with.settle();
  CHECK(with.seen == with.znodes);
  with.znodes.erase("/a/d");
  with.tree.on_deleted("/a/d");
  with.settle();
  CHECK(with.seen == with.znodes);
}

TEST_CASE("a znode that goes and comes again is read again") {
  server with{{{"/a", ""}, {"/a/b", "1"}}};
  with.tree.restart();
  with.settle();
  with.znodes["/a/b"] = "2";
  with.tree.on_deleted("/a/b");
  with.tree.on_children_changed("/a");
  with.settle();
  CHECK(with.seen == with.znodes);
}

TEST_CASE("a znode that goes while it is being read is not there") {
  server with{{{"/a", ""}, {"/a/b", "1"}}};
  with.tree.restart();
  auto data = with.tree.next_read();
  auto children = with.tree.next_read();
  with.answer(*children);
  with.znodes.erase("/a/b");
  with.answer(*data);
  with.settle();
  CHECK(with.seen == picture{{"/a", ""}});
}

TEST_CASE("answers about what is not in the tree any more mean nothing") {
  server with{{{"/a", ""}, {"/a/b", "1"}}};
  with.tree.restart();
  with.settle();
  with.tree.on_data_changed("/a/b");
  with.tree.on_children_changed("/a/b");
  auto data = with.tree.next_read();
  auto children = with.tree.next_read();
  with.tree.on_deleted("/a/b");
  with.tree.take_data(data->path, "2");
  with.tree.take_children(children->path, {"c"});
  with.see();
  CHECK(with.seen == picture{{"/a", ""}});
  CHECK_FALSE(with.tree.next_read());
}

TEST_CASE("a root that is not there is missing, and found when it is tried again") {
  server with{{{"/a", "1"}}, znode_tree({"/a", "/z"})};
  with.tree.restart();
  with.settle();
  CHECK(with.seen == with.znodes);
  CHECK(with.tree.missing() == std::set<std::string>{"/z"});
  with.tree.retry_missing();
  with.settle();
  CHECK(with.tree.missing() == std::set<std::string>{"/z"});
  with.znodes["/z"] = "2";
  with.znodes["/z/y"] = "3";
  with.tree.retry_missing();
  with.settle();
  CHECK(with.tree.missing().empty());
  CHECK(with.seen == with.znodes);
  with.znodes.erase("/a");
  with.tree.on_deleted("/a");
  with.settle();
  CHECK(with.tree.missing() == std::set<std::string>{"/a"});
  CHECK(with.seen == with.znodes);
}

TEST_CASE("trees may lie within each other, and one may be everything") {
  server with{{{"/", ""}, {"/a", "1"}, {"/a/b", "2"}}, znode_tree({"/", "/a"})};
  with.tree.restart();
  with.settle();
  CHECK(with.seen == with.znodes);
  with.znodes.erase("/a/b");
  with.tree.on_children_changed("/a");
  with.settle();
  CHECK(with.seen == with.znodes);
}

TEST_CASE("a restart reads everything again, and tells of it as a whole") {
  server with{{{"/a", ""}, {"/a/b", "1"}}};
  with.tree.restart();
  with.settle();
  with.znodes = {{"/a", ""}, {"/a/c", "2"}};
  with.tree.restart();
  CHECK(with.tree.size() == 1);
  CHECK(with.tree.data_bytes() == 0);
  with.settle();
  CHECK(with.seen == with.znodes);
  CHECK(with.updates == 2);
}

TEST_CASE("however a tree changes while it is read, in the end the picture is right") {
  auto seed = GENERATE(range(1u, 200u));
  CAPTURE(seed);
  std::mt19937 random(seed);
  server with{{{"/a", ""}}};
  const texts paths = {"/a/b", "/a/c", "/a/b/d", "/a/b/e", "/a/c/d"};
  std::vector<std::pair<std::string, std::string>> watched;  // path and part whose watch is set
  with.tree.restart();
  auto notice = [&](const std::string& path, const std::string& part, auto tell) {
    auto set = std::find(watched.begin(), watched.end(), std::pair(path, part));
    if (set == watched.end()) return;
    watched.erase(set);
    tell();
  };
  auto parent_of = [](const std::string& path) { return path.substr(0, path.rfind('/')); };
  auto change = [&] {
    const auto& path = paths[random() % paths.size()];
    bool exists = with.znodes.contains(path);
    if (exists && random() % 2 == 0) {
      if (!with.children(path).empty()) return;
      with.znodes.erase(path);
      bool told = false;
      auto once = [&] {
        if (!std::exchange(told, true)) with.tree.on_deleted(path);
      };
      notice(path, "data", once);
      notice(path, "children", once);
      notice(parent_of(path), "children", [&] { with.tree.on_children_changed(parent_of(path)); });
    } else if (exists) {
      with.znodes[path] += 'x';
      notice(path, "data", [&] { with.tree.on_data_changed(path); });
    } else if (with.znodes.contains(parent_of(path))) {
      with.znodes[path] = "new";
      notice(parent_of(path), "children", [&] { with.tree.on_children_changed(parent_of(path)); });
    }
  };
  auto step = [&] {
    auto read = with.tree.next_read();
    if (!read) return false;
    if (with.znodes.contains(read->path))
      watched.emplace_back(read->path, read->what == znode_read::part::data ? "data" : "children");
    with.answer(*read);
    with.see();
    return true;
  };
  for (int i = 0; i < 200; ++i) {
    if (random() % 2 == 0) change();
    if (random() % 3 != 0) step();
  }
  while (step()) {
  }
  with.see();
  CHECK(with.seen == with.znodes);
}
