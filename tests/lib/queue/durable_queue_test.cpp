#include "lib/queue/durable_queue.hpp"

#include "tests/lib/queue/queue_bench.hpp"
#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

namespace rollcall::queue {

namespace {

using namespace std::chrono_literals;
using test::queue_bench;
using words = std::vector<std::string>;
using numbers = std::vector<uint64_t>;

// Of a block of one source whose body is of five letters.
const uint64_t block_bytes = encoded_bytes(test::made_block(1, test::packed("aaaaa")));

// Requests of one source, so that they must go one after the other.
void push_in_order(queue_bench& bench, const words& all, uint64_t first_batch = 1) {
  for (const auto& each : all) {
    bench.push(each, {1}, first_batch++);
    bench.settle();
  }
}

}  // namespace

TEST_CASE_METHOD(queue_bench, "a request is in the store from when it is cut until it is delivered") {
  start();
  push("a", {1}, 1);
  settle();
  CHECK(store.sequences("q") == numbers{1});
  CHECK(take() == words{"a"});
  CHECK(queue->delivered(take_tag()));
  settle();
  CHECK(store.sequences("q").empty());
  CHECK(queue->samples() == 0);
  CHECK(queue->status() == durable_queue_status{});
}

TEST_CASE_METHOD(queue_bench, "what is delivered before the store was asked never goes there") {
  start();
  push("a", {1}, 1);
  take();
  queue->delivered(take_tag());
  auto before = store.changes;
  settle();
  CHECK(store.changes == before);
}

TEST_CASE_METHOD(queue_bench, "what is delivered while work gathers never goes to the store") {
  options.store.gathering = 500ms;
  start();
  push("a", {1}, 1);
  settle();
  now += 400ms;
  push("b", {2}, 2);
  settle();
  CHECK(store.sequences("q").empty());
  CHECK(queue->next_work_due() == now + 100ms);
  now += 100ms;
  settle();
  REQUIRE(store.sequences("q") == numbers{1});
  for (int i = 0; i < 2; ++i) {
    take();
    queue->delivered(take_tag());
  }
  auto before = store.changes;
  settle();
  CHECK(store.changes == before);
  CHECK(queue->next_work_due() == now + 500ms);
  now += 500ms;
  settle();
  CHECK(store.changes == before + 1);
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "what is delivered while the store writes it is erased afterwards") {
  start();
  push("a", {1}, 1);
  ask();
  take();
  queue->delivered(take_tag());
  settle();
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "after a crash everything unfinished is sent, in its old order, before what is new") {
  start();
  push_in_order(*this, {"a", "b", "c"});
  take();
  queue->delivered(take_tag());
  settle();
  start();
  CHECK(queue->samples() == 20);
  push("d", {1}, 1);
  CHECK(deliver_all() == words{"b", "c", "d"});
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "parts of one batch go together in a new life, those of different lives do not") {
  options.send.window.requests_min = 10;
  start();
  push("a", {1}, 1);
  push("b", {1}, 1);
  settle();
  start();
  push("c", {1}, 1);
  settle();
  CHECK(take() == words{"a", "b"});
  queue->delivered(take_tag());
  queue->delivered(take_tag());
  settle();
  CHECK(take() == words{"c"});
}

TEST_CASE_METHOD(queue_bench, "what comes before the store is open waits for it") {
  start();
  queue.emplace(options);
  push("a", {1}, 1);
  CHECK(queue->samples() == 10);
  CHECK(take().empty());
  CHECK(deliver_all() == words{"a"});
}

TEST_CASE_METHOD(queue_bench, "what rests is read back while changes gather, which are told when they have") {
  options.lane_bytes_max = 3 * block_bytes;
  start();
  const words all = {"aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee", "fffff", "ggggg"};
  push_in_order(*this, all);
  options.store.gathering = 500ms;
  start();
  auto before = store.changes;
  CHECK(deliver_all() == all);
  CHECK(store.changes == before + 1);
  now += 500ms;
  settle();
  CHECK(store.changes == before + 2);
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "behind a backlog no more gathers than takes little memory") {
  const uint64_t body_bytes = test::packed("aaaaa").size();
  options.lane_bytes_max = 3 * body_bytes;
  options.store.gathering = 500ms;
  options.store.gathered_bytes_max = 2 * body_bytes;
  start();
  push_in_order(*this, {"aaaaa"});
  auto before = store.changes;
  push_in_order(*this, {"bbbbb", "ccccc", "ddddd"}, 2);
  CHECK(store.changes == before);
  wall += 1000;
  settle();
  CHECK(store.changes == before + 1);
  CHECK(store.sequences("q") == numbers{1, 2, 3, 4});
  push_in_order(*this, {"eeeee"}, 5);
  CHECK(store.changes == before + 1);
  CHECK(queue->next_work_due() == now + 500ms);
}

TEST_CASE_METHOD(queue_bench, "memory is bounded: what does not fit rests in the store and is read back in order") {
  options.lane_bytes_max = 3 * block_bytes;
  start();
  words all;
  for (char c = 'a'; c <= 'z'; ++c) all.push_back(std::string(5, c));
  push_in_order(*this, all);
  CHECK(queue->status().unstored_bytes == 0);
  CHECK(queue->samples() == 260);
  CHECK(store.sequences("q").size() == 26);
  CHECK(deliver_all() == all);
  CHECK(queue->totals().delivered == 260);
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench,
                 "a block of more samples than a long backlog has room to count is delivered and counted whole") {
  constexpr uint64_t many = 3'000'000;
  options.lane_bytes_max = 1;
  start();
  push_in_order(*this, {"aaaaa"});
  push("bbbbb", {1}, 2, many);
  settle();
  CHECK(queue->samples() == 10 + (uint64_t{1} << 20) - 1);
  CHECK(deliver_all() == words{"aaaaa", "bbbbb"});
  CHECK(queue->totals().delivered == 10 + many);
  CHECK(queue->samples() == 0);
}

TEST_CASE_METHOD(queue_bench, "what is held is stored at once, grows, and goes when its time has come") {
  start();
  push_held("a", {1}, 1, now + 5s);
  settle();
  CHECK(store.sequences("q") == numbers{1});
  CHECK(take().empty());
  CHECK(queue->next_due() == now + 5s);
  now += 1s;
  push_held("b", {2}, 2, now + 5s);
  settle();
  CHECK(store.sequences("q") == numbers{2});
  CHECK(queue->samples() == 20);
  now += 4s;
  CHECK(take() == words{"ab"});
  queue->delivered(take_tag());
  settle();
  CHECK(store.sequences("q").empty());
  CHECK(queue->totals().delivered == 20);
}

TEST_CASE_METHOD(queue_bench, "what is held grows on while it would have to wait, up to the bound") {
  options.merged_samples_max = 20;
  options.send.window.requests_min = 10;
  start();
  push("a", {1}, 1);
  take();
  push_held("b", {1}, 2, now);
  CHECK(take().empty());
  CHECK_FALSE(queue->next_due() == now);
  push_held("c", {1}, 3, now);
  CHECK(take().empty());
  push_held("d", {1}, 4, now);
  queue->delivered(take_tag());
  CHECK(take() == words{"bc"});
  queue->delivered(take_tag());
  CHECK(take() == words{"d"});
}

TEST_CASE_METHOD(queue_bench, "what is held goes at once when it is released, and before what is full") {
  options.merged_samples_max = 10;
  options.send.window.requests_min = 10;
  start();
  push_held("a", {1}, 1, now + 1h);
  push("b", {2}, 2);
  CHECK(take() == words{"a", "b"});
  push_held("c", {3}, 3, now + 1h);
  queue->release_held();
  CHECK(take() == words{"c"});
}

TEST_CASE_METHOD(queue_bench, "what was held in an earlier life is sent") {
  start();
  push_held("a", {1}, 1, now + 1h);
  settle();
  start();
  CHECK(deliver_all() == words{"a"});
}

TEST_CASE_METHOD(queue_bench, "beyond the bound on bytes the oldest goes, unless it is under way, and is counted") {
  options.disk_bytes_max = 4 * block_bytes;
  start();
  push_in_order(*this, {"aaaaa"});
  take();
  push_in_order(*this, {"bbbbb", "ccccc", "ddddd", "eeeee"}, 2);
  CHECK(queue->status().dropped_disk_full == 10);
  CHECK(queue->totals().dropped_queue_full == 10);
  CHECK(queue->samples() == 40);
  CHECK(store.sequences("q") == numbers{1, 3, 4, 5});
  queue->delivered(take_tag());
  CHECK(deliver_all() == words{"ccccc", "ddddd", "eeeee"});
}

TEST_CASE_METHOD(queue_bench, "what is older than the bound goes and is counted") {
  options.age_max = 1h;
  start();
  push("a", {1}, 1);
  settle();
  wall += 3'600'000;
  push("b", {2}, 2);
  settle();
  CHECK(queue->status().dropped_too_old == 0);
  wall += 1;
  settle();
  CHECK(queue->status().dropped_too_old == 10);
  CHECK(queue->totals().dropped_too_old == 10);
  CHECK(store.sequences("q") == numbers{2});
  start();
  wall += 3'600'001;
  settle();
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "what a receiver refuses is set aside with its words, and released on demand") {
  start();
  push("poison", {1}, 1);
  settle();
  take();
  CHECK(queue->refused(take_tag(), wall, "not like this"));
  settle();
  CHECK(store.sequences("q").empty());
  start();
  auto aside = queue->status().set_aside;
  REQUIRE(aside.size() == 1);
  CHECK(aside[0].reason == "not like this");
  CHECK(aside[0].since == wall);
  CHECK_FALSE(queue->release(77));
  CHECK(queue->release(aside[0].sequence));
  CHECK(deliver_all() == words{"poison"});
  CHECK(queue->status().set_aside.empty());
  CHECK(store.contents("q")->set_aside.empty());
}

TEST_CASE_METHOD(queue_bench, "what is refused before the store was asked is set aside too") {
  start();
  push("poison", {1}, 1);
  take();
  queue->refused(take_tag(), wall, "no");
  settle();
  CHECK(store.sequences("q").empty());
  CHECK(store.contents("q")->set_aside.size() == 1);
  CHECK(queue->discard(1));
  settle();
  CHECK(store.contents("q")->set_aside.empty());
  CHECK_FALSE(queue->discard(1));
}

TEST_CASE_METHOD(queue_bench,
                 "of what is refused for the sake of a series, only that is set aside, and survives a crash") {
  start();
  auto sent = [](const words& names) {
    std::vector<test::wire_sample> samples;
    for (const auto& name : names) samples.push_back({{{"s", name}}, 1, 1000});
    return test::wire_encode(samples);
  };
  auto refuse = [this] { return queue->refused(take_tag(), wall, "not like this", {}, remote_write::blame::series); };
  push(sent({"a", "b", "poison", "d"}), {1}, 1, 4);
  push("next", {1}, 2);
  bool stored_before = GENERATE(true, false);
  if (stored_before) settle();
  take();
  CHECK(refuse());
  CHECK(take() == words{sent({"a", "b"})});
  queue->delivered(take_tag());
  CHECK(queue->figures().bytes < 2 * encoded_bytes(test::made_block(1, test::packed(sent({"a", "b", "poison", "d"})))));
  // The next life knows what is left of it: by the store, or by the journal when the store has never had it.
  if (stored_before) {
    settle();
  } else {
    note();
  }
  recover();
  under_way.clear();
  start();
  CHECK(take() == words{sent({"poison", "d"})});
  CHECK(refuse());
  CHECK(take() == words{sent({"poison"})});
  CHECK(refuse());
  CHECK(take() == words{sent({"d"})});
  queue->delivered(take_tag());
  CHECK(take() == words{"next"});
  queue->delivered(take_tag());
  settle();
  CHECK(store.sequences("q").empty());
  auto aside = store.contents("q")->set_aside;
  REQUIRE(aside.size() == 1);
  CHECK(aside == queue->status().set_aside);
  CHECK(aside[0].reason == "not like this");
  CHECK(test::unpacked(*store.read_set_aside("q", 1).content->request.body) == sent({"poison"}));
}

TEST_CASE_METHOD(queue_bench, "what is narrowed while the store writes it is written again") {
  start();
  std::vector<test::wire_sample> samples{{{{"s", "a"}}, 1, 1000}, {{{"s", "b"}}, 1, 1000}};
  push(test::wire_encode(samples), {1}, 1, 2);
  ask();
  take();
  CHECK(queue->refused(take_tag(), wall, "no", {}, remote_write::blame::series));
  take();
  queue->delivered(take_tag());
  settle();
  CHECK(test::unpacked(*store.read("q", 1).content->request.body) == test::wire_encode({samples[1]}));
  CHECK(queue->is_settled());
  take();
  queue->delivered(take_tag());
  settle();
  CHECK(store.sequences("q").empty());
  CHECK(queue->figures().bytes == 0);
}

TEST_CASE_METHOD(queue_bench, "a block is not erased before the store has the one that it was merged into") {
  options.store.gathering = 250ms;
  options.merged_samples_max = 100;
  start();
  push_held("a", {1}, 1, now + 1h);
  settle();
  now += 1s;
  settle();
  CHECK(store.sequences("q") == numbers{1});
  now += 1s;
  push_held("b", {1}, 2, now + 1h);
  pending = queue->take_work(now, wall);
  answer();
  CHECK(store.sequences("q") == numbers{1});
  // What the journal was not told is lost with a kill, but not what was in the store.
  start();
  CHECK(take() == words{"a"});
}

TEST_CASE_METHOD(queue_bench, "what is released goes from where it was when the store has it elsewhere") {
  options.store.gathering = 250ms;
  start();
  push("poison", {1}, 1);
  take();
  queue->refused(take_tag(), wall, "no");
  settle_in_time();
  REQUIRE(store.contents("q")->set_aside.size() == 1);
  CHECK(queue->release(1));
  settle();
  CHECK(queue->status().set_aside.empty());
  CHECK(store.contents("q")->set_aside.size() + store.sequences("q").size() == 1);
  settle_in_time();
  CHECK(store.contents("q")->set_aside.empty());
  CHECK(store.sequences("q") == numbers{2});
}

TEST_CASE_METHOD(queue_bench, "what is discarded before the store has set it aside does not come back") {
  options.store.gathering = 250ms;
  start();
  push("poison", {1}, 1);
  take();
  queue->refused(take_tag(), wall, "no");
  CHECK(queue->discard(1));
  settle_in_time();
  CHECK(store.sequences("q").empty());
  CHECK(store.contents("q")->set_aside.empty());
  CHECK(queue->is_settled());
}

TEST_CASE_METHOD(queue_bench, "a block of an earlier life is narrowed at once, though nothing new comes") {
  options.store.gathering = 250ms;
  std::vector<test::wire_sample> samples{{{{"s", "a"}}, 1, 1000}, {{{"s", "b"}}, 1, 1000}};
  start();
  push(test::wire_encode(samples), {1}, 1, 2);
  settle_in_time();
  start();
  take();
  queue->refused(take_tag(), wall, "no", {}, remote_write::blame::series);
  take();
  queue->delivered(take_tag());
  settle();
  CHECK(test::unpacked(*store.read("q", 1).content->request.body) == test::wire_encode({samples[1]}));
  // The journal is to keep nothing for its sake.
  auto noted = notes.stored();
  CHECK(noted["q"].contains(1));
  take();
  queue->refused(take_tag(), wall, "no", {}, remote_write::blame::series);
  settle_in_time();
  CHECK(queue->is_settled());
  CHECK(store.contents("q")->set_aside.size() == 1);
}

TEST_CASE_METHOD(queue_bench, "what is set aside is bounded: the oldest goes") {
  options.set_aside_bytes_max = 2 * block_bytes;
  start();
  for (uint64_t batch = 1; batch <= 3; ++batch) {
    push("poison " + std::to_string(batch), {1}, batch);
    settle();
    take();
    queue->refused(take_tag(), wall, "no");
  }
  settle();
  CHECK(queue->status().set_aside.size() == 1);
  CHECK(store.contents("q")->set_aside.size() == 1);
}

TEST_CASE_METHOD(queue_bench, "a damaged block is set aside and the queue goes on") {
  start();
  push_in_order(*this, {"a", "b", "c", "d"});
  auto at_byte = GENERATE(range(0, 60));
  store.damage("q", 2, static_cast<size_t>(at_byte));
  store.damage_summary("q", 3);
  start();
  CHECK(deliver_all() == words{"a", "d"});
  CHECK(queue->status().dropped_damaged == 10);
  CHECK(queue->status().set_aside.size() == 2);
  CHECK(store.contents("q")->set_aside.size() == 2);
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "a store that refuses writes costs nothing while memory lasts, and is asked again") {
  start();
  store.write_fault = "no space left on device";
  push_in_order(*this, {"a", "b"});
  CHECK(queue->status().store_error == "no space left on device");
  CHECK(queue->status().store_failures == 1);
  CHECK(queue->next_work_due() == now + 1s);
  CHECK(take() == words{"a"});
  queue->delivered(take_tag());
  settle();
  CHECK(queue->status().store_failures == 1);
  now += 1s;
  settle();
  CHECK(queue->status().store_failures == 2);
  store.write_fault.clear();
  now += 1s;
  settle();
  CHECK(queue->status().store_error.empty());
  CHECK(store.sequences("q") == numbers{2});
  CHECK(deliver_all() == words{"b"});
}

TEST_CASE_METHOD(queue_bench, "memory for what the store does not take is bounded: the oldest goes and is counted") {
  options.unstored_bytes_max = 3 * (5 + 2);
  start();
  store.write_fault = "read-only";
  for (char c = 'a'; c <= 'f'; ++c) {
    push(std::string(5, c), {1}, static_cast<uint64_t>(c));
    now += 1s;
    settle();
  }
  CHECK(queue->status().unstored_bytes <= options.unstored_bytes_max);
  CHECK(queue->status().dropped_disk_full == 30);
  store.write_fault.clear();
  now += 1s;
  CHECK(deliver_all() == words{"ddddd", "eeeee", "fffff"});
}

TEST_CASE_METHOD(queue_bench, "a store that does not answer costs no more memory than one that refuses") {
  options.lane_bytes_max = 1;
  options.unstored_bytes_max = 3 * (5 + 2);
  start();
  for (char c = 'a'; c <= 'f'; ++c) {
    push(std::string(5, c), {1}, static_cast<uint64_t>(c));
    now += 1s;
    ask();
    CHECK(queue->status().unstored_bytes <= options.unstored_bytes_max);
  }
  CHECK(queue->status().dropped_disk_full == 30);
  answer();
  CHECK(deliver_all() == words{"aaaaa", "eeeee", "fffff"});
}

TEST_CASE_METHOD(queue_bench, "a store that cannot be opened does not keep anything from being delivered") {
  store.read_fault = "input/output error";
  start();
  push("a", {1}, 1);
  CHECK(take() == words{"a"});
  queue->delivered(take_tag());
  CHECK(queue->next_work_due() == now + 1s);
  store.read_fault.clear();
  now += 1s;
  settle();
  push("b", {1}, 2);
  settle();
  CHECK(store.sequences("q").size() == 1);
  CHECK(deliver_all() == words{"b"});
}

TEST_CASE_METHOD(queue_bench, "blocks that cannot be read at the moment hold up those behind them") {
  start();
  push_in_order(*this, {"a", "b", "c"});
  queue.emplace(options);
  pending.reset();
  ask();
  answer();
  store.read_fault = "input/output error";
  settle();
  CHECK(take().empty());
  CHECK(queue->samples() == 30);
  CHECK(queue->next_work_due() == now + 1s);
  store.read_fault.clear();
  now += 1s;
  CHECK(deliver_all() == words{"a", "b", "c"});
}

TEST_CASE_METHOD(queue_bench, "work whose answer will not come is asked for again") {
  start();
  push("a", {1}, 1);
  ask();
  REQUIRE(pending);
  auto lost = *pending;
  queue->work_lost();
  settle();
  CHECK(store.sequences("q") == numbers{1});
  take();
  queue->delivered(take_tag());
  ask();
  REQUIRE(pending);
  pending.reset();
  queue->work_lost();
  settle();
  CHECK(store.sequences("q").empty());
  // An answer that comes after all means nothing.
  auto late = perform(store, "other", lost);
  push("b", {1}, 2);
  ask();
  queue->work_done(late, now, wall);
  CHECK(queue->status().unstored_bytes > 0);
}

TEST_CASE_METHOD(queue_bench, "live samples go at once and the backlog beside them, if the receiver can take that") {
  options.order = delivery_order::live_first;
  start();
  push_in_order(*this, {"a", "b"});
  start();
  push("live", {1}, 1);
  settle();
  CHECK(take() == words{"live", "a"});
  while (!under_way.empty()) queue->delivered(take_tag());
  CHECK(deliver_all() == words{"b"});
}

TEST_CASE_METHOD(queue_bench, "live samples for which memory is too small join the backlog, the oldest first") {
  options.order = delivery_order::live_first;
  options.lane_bytes_max = 20;
  start();
  words all;
  for (char c = 'a'; c <= 'z'; ++c) all.push_back(std::string(5, c));
  push_in_order(*this, all);
  CHECK(queue->samples() == 260);
  auto sent = deliver_all();
  CHECK(sent.front() == "yyyyy");
  std::sort(sent.begin(), sent.end());
  CHECK(sent == all);
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "the backlog is taken up no faster than its rate, what is new is not slowed down") {
  options.order = delivery_order::live_first;
  options.drain_bytes_per_second = 2 * block_bytes;
  start();
  words all;
  for (char c = 'a'; c <= 'h'; ++c) all.push_back(std::string(5, c));
  push_in_order(*this, all);
  start();
  size_t drained = deliver_all().size();
  CHECK(drained <= 3);
  for (int second = 1; second <= 2; ++second) {
    CHECK(queue->next_work_due() > now);
    now += 1s;
    push("live" + std::to_string(second), {1}, static_cast<uint64_t>(second));
    auto sent = deliver_all();
    CHECK(std::find(sent.begin(), sent.end(), "live" + std::to_string(second)) != sent.end());
    drained += sent.size() - 1;
    CHECK(drained <= 3u + 2u * static_cast<unsigned>(second));
  }
  now += 10s;
  deliver_all();
  now += 10s;
  deliver_all();
  now += 10s;
  deliver_all();
  CHECK(store.sequences("q").empty());
}

TEST_CASE_METHOD(queue_bench, "without a store it is a plain send queue with its bounds") {
  options.durability = durability::none;
  options.send.samples_max = 20;
  start();
  push("a", {1}, 1);
  push("b", {1}, 2);
  push("c", {1}, 3);
  CHECK_FALSE(queue->take_work(now, wall));
  CHECK(queue->totals().dropped_queue_full == 10);
  CHECK(queue->samples() == 20);
  CHECK(deliver_all() == words{"b", "c"});
}

}  // namespace rollcall::queue
