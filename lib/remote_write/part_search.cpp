#include "lib/remote_write/part_search.hpp"

#include "lib/remote_write/merge.hpp"

#include <utility>
#include <vector>

namespace rollcall::remote_write {

namespace {

// One series among thousands is found with two requests for each halving; several are, or are left over with few
// others.
constexpr uint64_t parts_max = 64;
// Halves and quarters: a receiver that wants none of them will not want anything smaller.
constexpr uint64_t parts_in_vain_max = 6;

}  // namespace

bool part_search::is_worth_it() const { return sent_ + 2 <= parts_max && !was_in_vain(); }

bool part_search::was_in_vain() const { return accepted_ == 0 && sent_ >= parts_in_vain_max; }

std::optional<request> part_search::next() {
  while (untried_.empty() && !refused_.empty()) {
    auto part = std::move(refused_.front());
    refused_.pop_front();
    auto halves = is_worth_it() ? divide(part) : std::nullopt;
    if (halves) {
      untried_.push_back(std::move(halves->first));
      untried_.push_back(std::move(halves->second));
    } else {
      left_over_.push_back(std::move(part));
    }
  }
  if (untried_.empty()) return std::nullopt;
  auto part = std::move(untried_.front());
  untried_.pop_front();
  ++sent_;
  return part;
}

void part_search::give_up() {
  for (auto* parts : {&refused_, &untried_})
    for (auto& part : std::exchange(*parts, {})) left_over_.push_back(std::move(part));
}

std::optional<request> part_search::rest() const {
  std::vector<request> parts;
  for (const auto* some : {&left_over_, &refused_, &untried_}) parts.insert(parts.end(), some->begin(), some->end());
  if (parts.empty()) return std::nullopt;
  // The receiver may have turned out to understand less than it did when the search began.
  auto form = parts.front().form();
  for (const auto& part : parts) form = lesser_of(form, part);
  for (auto& part : parts) lower(part, form);
  auto all = merge(parts);
  all.sequence = parts.front().sequence;
  return all;
}

}  // namespace rollcall::remote_write
