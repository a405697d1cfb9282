#pragma once

#include "lib/base/duration.hpp"
#include "lib/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What coordinator and workers tell each other. A loop runs under a tenancy: a number that is used once, for one loop
/// on one worker, so that nothing that is said of it can be mistaken for another. Times of ticks are milliseconds since
/// the Unix epoch, and name a tick whatever a node's clock says when it comes.
namespace rollcall::cluster {

/// Nodes of different versions do not work together.
inline constexpr uint32_t protocol_version = 2;

using tenancy = uint64_t;
inline constexpr tenancy no_tenancy = 0;

/// Bytes that mean nothing to the protocol; never null.
using opaque = std::shared_ptr<const std::string>;

/// What a worker needs to run a loop.
struct loop_plan {
  uint64_t key = 0;  ///< Of the job and its target: the same after a restart of the coordinator.
  milliseconds interval{0};
  milliseconds phase{0};
  uint64_t settings = 0;  ///< What many loops share: see define.
  opaque bytes;

  bool operator==(const loop_plan& other) const {
    return key == other.key && interval == other.interval && phase == other.phase && settings == other.settings &&
           *bytes == *other.bytes;
  }
};

/// A hash of all of a plan: equal ones are the same plan, on every machine.
uint64_t digest(const loop_plan& plan);
/// The number under which settings are defined.
uint64_t digest(const std::string& settings);

/// Whether what an earlier owner knew of the series is still to come.
enum class estate : unsigned char { none, awaited };

// -- coordinator to worker --------------------------------------------------------------------------------------------

/// Settings that plans name from now on.
struct define {
  uint64_t settings = 0;
  opaque bytes;

  bool operator==(const define& other) const { return settings == other.settings && *bytes == *other.bytes; }
};

/// Run a loop: every tick from the first on is the worker's.
struct run {
  tenancy which = no_tenancy;
  int64_t first_tick = 0;
  estate from_before = estate::none;
  loop_plan plan;

  bool operator==(const run&) const = default;
};

/// The loop has this plan now; its key stays.
struct change {
  tenancy which = no_tenancy;
  loop_plan plan;

  bool operator==(const change&) const = default;
};

/// Give the loop up at a tick of your choice, at least this far ahead.
struct yield {
  tenancy which = no_tenancy;
  milliseconds lead{0};

  bool operator==(const yield&) const = default;
};

/// What the earlier owner knew; empty when it is lost or there was nothing.
struct bequeath {
  tenancy which = no_tenancy;
  std::string state;

  bool operator==(const bequeath&) const = default;
};

/// The target is gone: its series go on in the loop of the heir, or stale.
struct retire {
  tenancy which = no_tenancy;
  tenancy heir = no_tenancy;

  bool operator==(const retire&) const = default;
};

/// Another worker has the target: end the loop without a trace.
struct disown {
  tenancy which = no_tenancy;

  bool operator==(const disown&) const = default;
};

/// Where to deliver, and whatever else all loops share.
struct configure {
  opaque bytes;

  bool operator==(const configure& other) const { return *bytes == *other.bytes; }
};

/// Everything is given away: the worker may end.
struct dismiss {
  bool operator==(const dismiss&) const = default;
};

using directive = std::variant<define, run, change, yield, bequeath, retire, disown, configure, dismiss>;

// -- worker to coordinator --------------------------------------------------------------------------------------------

/// A promise: the loop does not scrape this tick nor any after it.
struct yielding {
  tenancy which = no_tenancy;
  int64_t cut = 0;

  bool operator==(const yielding&) const = default;
};

/// The loop has ended after a yield, and this is what it knew; or its target was gone, and nothing is left to be done.
struct yielded {
  tenancy which = no_tenancy;
  std::string state;

  bool operator==(const yielded&) const = default;
};

/// What is known of a loop's last scrape. The bytes mean nothing to the protocol.
struct observed {
  tenancy which = no_tenancy;
  std::string bytes;

  bool operator==(const observed&) const = default;
};

/// What the loop knows by now, for the case that it ends without a word; empty when that is too much to be kept.
struct copied {
  tenancy which = no_tenancy;
  std::string state;

  bool operator==(const copied&) const = default;
};

/// The worker wants to end, and everything it has to be taken over.
struct leaving {
  bool operator==(const leaving&) const = default;
};

using notice = std::variant<yielding, yielded, observed, leaving, copied>;

// -- beginning --------------------------------------------------------------------------------------------------------

/// A loop that a worker has when it says hello.
struct holding {
  tenancy which = no_tenancy;
  uint64_t key = 0;
  uint64_t digest = 0;      ///< Of its plan.
  int64_t cut = 0;          ///< The promise that was given, if any: see yielding.
  bool is_retired = false;  ///< Its target is gone, but its series are still to be seen to.

  bool operator==(const holding&) const = default;
};

/// A worker's first words, and after each loss of the connection.
struct introduction {
  uint64_t incarnation = 0;  ///< Of the process: a new one after a restart.
  uint64_t attempt = 0;      ///< Grows with each; what comes late is not listened to.
  uint64_t epoch = 0;        ///< The highest that it has heard of.
  uint64_t session = 0;      ///< The last one, to be resumed if that is possible; 0 for none.
  std::vector<holding> held;
  bool is_lapsed = false;  ///< Its lease is over: what it holds may have been given to others.

  bool operator==(const introduction&) const = default;
};

/// The answer. With another session than the last one, what was on its way is lost.
struct acceptance {
  uint64_t attempt = 0;  ///< The introduction's.
  uint64_t epoch = 0;
  uint64_t session = 0;
  milliseconds lease{0};
  std::vector<tenancy> disowned;  ///< What was held and is somebody else's by now.
  bool keeps_copies = false;      ///< Whether copies are of any use.

  bool operator==(const acceptance&) const = default;
};

/// A numbered portion of directives or notices, acknowledged by the next one that comes back.
struct frame {
  uint64_t session = 0;
  uint64_t sequence = 0;      ///< Of the items; 0 when there are none.
  uint64_t acknowledged = 0;  ///< The last sequence that was taken from the other side.
  int64_t stamp = 0;          ///< When it was sent, by the sender's own steady clock in milliseconds.
  int64_t echo = 0;           ///< The latest stamp of the other side.
  std::string items;

  bool operator==(const frame&) const = default;
};

// -- bytes ------------------------------------------------------------------------------------------------------------

/// What one item may hold; a state that is larger is not handed over.
inline constexpr size_t state_bytes_max = size_t{4} << 20;
/// What a copy may hold; of a loop that knows more none is kept.
inline constexpr size_t copy_bytes_max = size_t{256} << 10;
/// What a frame holds unless a single item is larger.
inline constexpr size_t frame_bytes_wanted = size_t{1} << 20;

void append(std::string& items, const directive& item);
void append(std::string& items, const notice& item);
std::string encode(const introduction& value);
std::string encode(const acceptance& value);

/// Errors: errc::syntax; nothing of what is malformed is taken.
result<std::vector<directive>> decode_directives(std::string_view items);
result<std::vector<notice>> decode_notices(std::string_view items);
result<introduction> decode_introduction(std::string_view bytes);
result<acceptance> decode_acceptance(std::string_view bytes);

}  // namespace rollcall::cluster
