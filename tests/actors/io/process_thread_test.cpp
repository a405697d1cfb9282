#include "actors/io/process_thread.hpp"

#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <sstream>

using namespace rollcall;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

process_order shell(const std::string& script) {
  process_order order;
  order.program = "sh";
  order.arguments = {"-c", script};
  return order;
}

std::future<process_output> begin(process_thread& programs, process_order order) {
  auto promise = std::make_shared<std::promise<process_output>>();
  programs.run(std::move(order), [promise](process_output output) { promise->set_value(std::move(output)); });
  return promise->get_future();
}

process_output run(process_order order) {
  process_thread programs;
  return begin(programs, std::move(order)).get();
}

}  // namespace

TEST_CASE("a program's output is what it wrote until its end") {
  CHECK(run(shell("printf one; printf two")) == process_output("onetwo"));
  CHECK(run(shell("echo aside >&2")) == process_output(""));
}

TEST_CASE("an output larger than a pipe comes whole") {
  auto output = run(shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done"));
  REQUIRE(output);
  CHECK(output->size() == 220'000);
}

TEST_CASE("a program has its arguments and variables, nothing to read, and no other files of ours") {
  auto order = shell(R"(echo "$0 $1 $NAME $HOME"; cat; ls /proc/self/fd | tr '\n' ' ')");
  order.arguments.insert(order.arguments.end(), {"a", "b c"});
  order.variables = {{"NAME", "value"}, {"HOME", "/elsewhere"}};
  std::ofstream ours("/dev/null");
  // The last is what ls itself reads.
  CHECK(run(order) == process_output("a b c value /elsewhere\n0 1 2 3 "));
}

TEST_CASE("signals that this process blocks or ignores are not blocked or ignored by a program") {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  auto* handler = ::signal(SIGPIPE, SIG_IGN);
  auto output = run(shell("sed -n 's/^Sig\\(Blk\\|Ign\\):\\t//p' /proc/self/status"));
  ::signal(SIGPIPE, handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(output);
  std::istringstream masks(*output);
  uint64_t blocked = 1, ignored = 1;
  masks >> std::hex >> blocked >> ignored;
  CHECK(blocked == 0);
  // Those above are the C library's own.
  CHECK((ignored & 0x7FFFFFFF) == 0);
}

TEST_CASE("a program that cannot be run is an error that tells whether it exists") {
  process_order order;
  order.program = "rollcall-has-no-such-program";
  auto missing = run(order);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::not_found);
  order.program = "/";
  auto directory = run(order);
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == errc::io);
}

TEST_CASE("a program that fails is an error with its last words") {
  auto failed = run(shell("echo nothing; echo 'no credentials' >&2; exit 3"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == error{errc::io, "it ended with status 3: \"no credentials\\n\""});
  auto killed = run(shell("kill -9 $$"));
  REQUIRE_FALSE(killed);
  CHECK(killed.error().message == "it was ended by signal 9");
}

TEST_CASE("of many words the last are told") {
  auto failed = run(shell("i=0; while [ $i -lt 50000 ]; do echo chatter >&2; i=$((i+1)); done; echo end >&2; exit 1"));
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().message, Contains("chatter\\nend\\n"));
  CHECK(failed.error().message.size() < 600);
}

TEST_CASE("a program that takes too long or writes too much is ended with all that it started") {
  test::scratch_directory directory;
  // It tells the process that it starts, which would run for a minute.
  const std::string begins = "sleep 60 & echo $! > " + directory.path() + "/pid; ";
  process_order order;
  errc expected{};
  SECTION("too long") {
    order = shell(begins + "wait");
    order.time_max = 300ms;
    expected = errc::timeout;
  }
  SECTION("too much") {
    order = shell(begins + "while :; do echo much; done");
    order.output_bytes_max = 100'000;
    expected = errc::limit_exceeded;
  }
  auto ended = run(order);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == expected);
  pid_t started = 0;
  std::ifstream(directory.path() + "/pid") >> started;
  REQUIRE(started > 0);
  // There is none when it has been waited for already.
  const auto orphan = watch_end_of(started);
  pollfd end{orphan.get(), POLLIN, 0};
  if (orphan.get() >= 0) CHECK(::poll(&end, 1, 30'000) == 1);
}

TEST_CASE("a program that leaves another behind with its output has ended all the same") {
  test::scratch_directory directory;
  CHECK(run(shell("sleep 60 & echo $! > " + directory.path() + "/pid; echo done")) == process_output("done\n"));
  pid_t left = 0;
  std::ifstream(directory.path() + "/pid") >> left;
  REQUIRE(left > 0);
  ::kill(left, SIGKILL);
}

TEST_CASE("programs run side by side, and those above the bound have their turn") {
  test::scratch_directory directory;
  // All but the last of those that may run wait for what that one writes.
  const std::string gate = directory.path() + "/gate";
  REQUIRE(std::system(("mkfifo " + gate).c_str()) == 0);
  process_thread programs;
  std::vector<std::future<process_output>> outputs;
  for (size_t i = 0; i + 1 < process_thread::running_max; ++i)
    outputs.push_back(begin(programs, shell("read line < " + gate + "; echo read")));
  outputs.push_back(begin(programs, shell("for i in 1 2 3 4 5 6 7 8 9; do echo x; done > " + gate + "; echo wrote")));
  outputs.push_back(begin(programs, shell("echo later")));
  CHECK(outputs.back().get() == process_output("later\n"));
  outputs.pop_back();
  CHECK(outputs.back().get() == process_output("wrote\n"));
}

TEST_CASE("what runs or waits when nobody waits for it any more is ended and answered") {
  std::vector<std::future<process_output>> outputs;
  {
    process_thread programs;
    for (size_t i = 0; i < process_thread::running_max + 2; ++i) outputs.push_back(begin(programs, shell("sleep 60")));
  }
  for (auto& each : outputs) {
    auto output = each.get();
    REQUIRE_FALSE(output);
    CHECK(output.error().code == errc::closed);
  }
}
