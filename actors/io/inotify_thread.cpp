#include "actors/io/inotify_thread.hpp"

#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <fstream>
#include <set>

namespace rollcall {

namespace {

constexpr uint32_t interesting =
    IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

std::string directory_of(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

std::vector<std::string> match_files(const std::string& pattern) {
  std::vector<std::string> result;
  glob_t found{};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) result.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return result;
}

inotify_thread::inotify_thread(inotify_options options, failure_callback on_failure)
    : options_(std::move(options)), on_failure_(std::move(on_failure)) {
  inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  thread_ = std::thread([this] { run(); });
}

inotify_thread::~inotify_thread() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wakeup_.wake();
  thread_.join();
  if (inotify_ >= 0) ::close(inotify_);
}

void inotify_thread::watch(uint64_t id, std::vector<std::string> patterns, std::chrono::milliseconds refresh,
                           callback notify) {
  {
    std::lock_guard guard(mutex_);
    auto& state = watches_[id];
    state.patterns = std::move(patterns);
    state.refresh = refresh;
    state.notify = std::move(notify);
    state.notified_once = false;
    state.due = std::chrono::steady_clock::now();
  }
  wakeup_.wake();
}

void inotify_thread::unwatch(uint64_t id) {
  {
    std::lock_guard guard(mutex_);
    watches_.erase(id);
  }
  wakeup_.wake();
}

void inotify_thread::run() {
  pthread_setname_np(pthread_self(), "file-watcher");
  try {
    loop();
  } catch (const std::exception& exception) {
    on_failure_(exception.what());
  }
}

void inotify_thread::loop() {
  for (;;) {
    {
      std::lock_guard guard(mutex_);
      if (stopping_) return;
    }
    if (options_.before_round) options_.before_round();
    watch_directories();
    read_due(std::chrono::steady_clock::now());
    pollfd waiting[2] = {{wakeup_.descriptor(), POLLIN, 0}, {inotify_, POLLIN, 0}};
    ::poll(waiting, inotify_ >= 0 ? 2 : 1, next_timeout(std::chrono::steady_clock::now()));
    wakeup_.take();
    if (inotify_ >= 0) take_events();
  }
}

int inotify_thread::next_timeout(time_point now) {
  std::lock_guard guard(mutex_);
  if (watches_.empty()) return -1;
  auto earliest = time_point::max();
  for (const auto& [id, state] : watches_) earliest = std::min(earliest, state.due);
  auto wait = std::chrono::ceil<std::chrono::milliseconds>(earliest - now).count();
  return static_cast<int>(std::clamp<int64_t>(wait, 0, INT_MAX));
}

// Follows the patterns: directories that appear are watched from the next round on, at the latest by a refresh.
void inotify_thread::watch_directories() {
  if (inotify_ < 0) return;
  std::set<std::string> wanted;
  {
    std::lock_guard guard(mutex_);
    for (const auto& [id, state] : watches_)
      for (const auto& pattern : state.patterns) wanted.insert(directory_of(pattern));
  }
  std::set<std::string> have;
  for (auto entry = directories_.begin(); entry != directories_.end();) {
    if (wanted.contains(entry->second)) {
      have.insert(entry->second);
      ++entry;
    } else {
      ::inotify_rm_watch(inotify_, entry->first);
      entry = directories_.erase(entry);
    }
  }
  for (const auto& directory : wanted) {
    if (have.contains(directory)) continue;
    int descriptor = ::inotify_add_watch(inotify_, directory.c_str(), interesting);
    if (descriptor >= 0) directories_[descriptor] = directory;
  }
}

void inotify_thread::take_events() {
  alignas(inotify_event) char buffer[16384];
  std::set<std::string> changed;
  bool overflow = false;
  for (;;) {
    auto got = ::read(inotify_, buffer, sizeof(buffer));
    if (got <= 0) break;
    for (char* at = buffer; at < buffer + got;) {
      auto* event = reinterpret_cast<inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      if (event->mask & IN_Q_OVERFLOW) overflow = true;
      auto directory = directories_.find(event->wd);
      if (directory == directories_.end()) continue;
      changed.insert(directory->second);
      if (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) directories_.erase(directory);
    }
  }
  if (changed.empty() && !overflow) return;
  auto due = std::chrono::steady_clock::now() + options_.settle_time;
  std::lock_guard guard(mutex_);
  for (auto& [id, state] : watches_) {
    bool concerned = overflow || std::any_of(state.patterns.begin(), state.patterns.end(), [&](const auto& pattern) {
                       return changed.contains(directory_of(pattern));
                     });
    if (concerned) state.due = std::min(state.due, due);
  }
}

void inotify_thread::read_due(time_point now) {
  std::vector<std::pair<uint64_t, watch_state>> due;
  {
    std::lock_guard guard(mutex_);
    for (auto& [id, state] : watches_) {
      if (state.due > now) continue;
      state.due = now + std::max(state.refresh, options_.settle_time);
      due.emplace_back(id, state);
    }
  }
  for (auto& [id, state] : due) {
    auto files = read_all(state);
    bool tell = !state.notified_once || files != state.last;
    std::unique_lock guard(mutex_);
    auto current = watches_.find(id);
    if (current == watches_.end()) continue;
    current->second.last = files;
    current->second.notified_once = true;
    guard.unlock();
    if (tell) state.notify(files_read{std::move(files)});
  }
}

std::vector<file_content_ptr> inotify_thread::read_all(const watch_state& state) const {
  std::set<std::string> paths;
  for (const auto& pattern : state.patterns)
    for (auto& path : match_files(pattern)) paths.insert(std::move(path));
  std::vector<file_content_ptr> files;
  for (const auto& path : paths) {
    if (files.size() == options_.files_max) {
      auto last = std::make_shared<file_content>();
      last->path = path;
      last->error = "more than " + std::to_string(options_.files_max) + " files match";
      files.push_back(std::move(last));
      break;
    }
    files.push_back(read_one(path, state.last));
  }
  return files;
}

file_content_ptr inotify_thread::read_one(const std::string& path, const std::vector<file_content_ptr>& last) const {
  auto content = std::make_shared<file_content>();
  content->path = path;
  struct stat info{};
  std::ifstream in;
  // Looked at before it is opened: opening a pipe would block until somebody writes to it.
  bool found = ::stat(path.c_str(), &info) == 0;
  if (found && S_ISREG(info.st_mode)) in.open(path, std::ios::binary);
  if (found && !S_ISREG(info.st_mode)) {
    content->error = "is not a regular file";
  } else if (!found || !in) {
    content->error = std::string("cannot be read: ") + std::strerror(errno);
  } else if (static_cast<uint64_t>(info.st_size) > options_.file_bytes_max) {
    content->error = "is larger than " + std::to_string(options_.file_bytes_max) + " bytes";
  } else {
    content->text.assign(std::istreambuf_iterator<char>(in), {});
    content->modified = info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000;
  }
  for (const auto& earlier : last)
    if (earlier->path == path && earlier->text == content->text && earlier->error == content->error) return earlier;
  return content;
}

}  // namespace rollcall
