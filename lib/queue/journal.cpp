#include "lib/queue/journal.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace rollcall::queue {

namespace {

namespace fs = std::filesystem;

constexpr mode_t file_mode = 0644;
constexpr size_t number_digits = 16;
constexpr std::string_view extension = ".notes";

tl::unexpected<error> failed(const std::string& path, const char* what, const std::string& why) {
  return fail(errc::io, path + ": " + what + ": " + why);
}

std::string name_of(uint64_t number) {
  auto digits = std::to_string(number);
  return std::string(number_digits - std::min(number_digits, digits.size()), '0') + digits + std::string(extension);
}

// The files of a journal in the order in which they were begun. A directory that does not exist has none.
result<std::vector<std::string>> files_in(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code trouble;
  fs::directory_iterator at(directory, trouble);
  if (trouble == std::errc::no_such_file_or_directory) return paths;
  for (; !trouble && at != fs::directory_iterator(); at.increment(trouble)) {
    if (at->path().extension() == extension) paths.push_back(at->path().string());
  }
  if (trouble) return failed(directory, "cannot be read", trouble.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

result<std::string> content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in) return failed(path, "cannot be read", std::strerror(errno));
  return content;
}

// A block that was set aside, which the end of the process kept from being noted, is not to be sent again.
bool has_aside(block_store& store, const std::string& queue, const block& which) {
  auto found = store.read_set_aside(queue, which.sequence).content;
  return found || found.error().code != errc::not_found;
}

// Adds to the changes what the store is said to have and has lost: its last changes when they are later than any that
// it knows of, others when it says so.
result<void> add_lost(block_store& store, const journal_contents& contents,
                      std::map<std::string, queue_changes>& changes) {
  if (auto queues = store.queues(); !queues) return tl::unexpected(queues.error());
  for (const auto& [queue, blocks] : contents.stored()) {
    auto last = store.last_appended(queue);
    if (!last) return tl::unexpected(last.error());
    for (const auto& [sequence, each] : blocks) {
      if (sequence <= *last && !store.has_lost_changes()) continue;
      auto found = store.read(queue, sequence).content;
      if (!found && found.error().code == errc::io) return tl::unexpected(found.error());
      if (!found) changes[queue].appended.push_back(each);
    }
  }
  return {};
}

}  // namespace

result<void> journal::recover(block_store& into) {
  std::lock_guard lock(mutex_);
  auto files = files_in(options_.directory);
  if (!files) return tl::unexpected(files.error());
  journal_contents contents;
  for (const auto& path : *files) {
    auto content = content_of(path);
    if (!content) return tl::unexpected(content.error());
    contents.read(*content);
  }
  auto wanted = contents.changes();
  if (auto added = add_lost(into, contents, wanted); !added) return added;
  if (auto list = content_of(list_path())) {
    if (auto counted = count_lost(into, contents, *list); !counted) return counted;
  }
  for (auto& [queue, changes] : wanted) {
    std::erase_if(changes.appended, [&, name = queue](const block_ptr& each) { return has_aside(into, name, *each); });
    if (auto done = into.change(queue, changes); !done) return done;
  }
  if (auto done = into.sync(); !done) return done;
  // What is old must be gone before anything is noted.
  files->push_back(list_path());
  for (const auto& path : *files) {
    std::error_code trouble;
    if (!fs::remove(path, trouble) && trouble) return failed(path, "cannot be removed", trouble.message());
  }
  return {};
}

result<void> journal::count_lost(block_store& store, const journal_contents& contents, std::string_view list) {
  auto noted = noted_blocks::decode(list);
  if (!noted) return {};
  for (const auto& queue : noted->queues()) {
    auto last = store.last_appended(queue);
    if (!last) return tl::unexpected(last.error());
    lost_[queue] = noted->missing(queue, contents, *last);
  }
  return {};
}

remote_write::item_counts journal::take_lost(const std::string& queue) {
  std::lock_guard lock(mutex_);
  auto found = lost_.extract(queue);
  return found ? found.mapped() : remote_write::item_counts();
}

std::string journal::list_path() const { return options_.directory + "/list"; }

// Without it losses are not counted, which is no reason not to note.
void journal::write_list() {
  if (!list_) list_ = file_descriptor(::open(list_path().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, file_mode));
  auto bytes = noted_.encode();
  if (list_ && ::pwrite(list_.get(), bytes.data(), bytes.size(), 0) < 0) list_ = file_descriptor();
}

result<void> journal::begin_segment() {
  std::error_code trouble;
  fs::create_directories(options_.directory, trouble);
  if (trouble) return failed(options_.directory, "cannot be made", trouble.message());
  auto path = options_.directory + '/' + name_of(++last_number_);
  open_ = file_descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, file_mode));
  if (!open_) return failed(path, "cannot be made", std::strerror(errno));
  segments_.push_back({std::move(path), 0, {}});
  return {};
}

bool journal::is_needed(const segment& which) const {
  return std::any_of(which.newest.begin(), which.newest.end(), [this](const auto& newest) {
    auto needed = needed_from_.find(newest.first);
    return needed == needed_from_.end() || newest.second >= needed->second;
  });
}

// In order of age, as a note may speak of blocks of an older file.
void journal::remove_unneeded() {
  while (segments_.size() > 1 && !is_needed(segments_.front())) {
    std::error_code none;
    fs::remove(segments_.front().path, none);
    bytes_ -= segments_.front().bytes;
    segments_.pop_front();
  }
}

result<void> journal::append(const std::string& queue, const journal_note& note) {
  std::lock_guard lock(mutex_);
  needed_from_[queue] = note.needed_from;
  remove_unneeded();
  auto record = encode(queue, note);
  if (bytes_ + record.size() > options_.bytes_max)
    return fail(errc::limit_exceeded, options_.directory + ": there is more to be noted than there is room for");
  // Behind a failure stands half a record, and nothing behind that would be read.
  if (!open_ || segments_.back().bytes >= options_.segment_bytes) {
    if (auto begun = begin_segment(); !begun) return begun;
  }
  auto& at = segments_.back();
  if (!open_.write_all(record)) {
    auto why = std::string(std::strerror(errno));
    open_ = file_descriptor();
    return failed(at.path, "cannot be written", why);
  }
  at.bytes += record.size();
  bytes_ += record.size();
  for (const auto& each : note.added) at.newest[queue] = std::max(at.newest[queue], each->sequence);
  noted_.take(queue, note);
  write_list();
  return {};
}

}  // namespace rollcall::queue
