#pragma once

#include "lib/remote_write/request.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// Requests made of others, whose bodies must be ones that were made here.
namespace rollcall::remote_write {

/// Sorts by source, and has what is known of one source in one span.
void join_spans(std::vector<source_span>& spans);

/// One request with all samples of some of the same form, at least one, in this order; it has no sequence.
request merge(std::span<const request> all);

/// Two requests that have half of the series each, and in everything else what can be said of the whole: its sequence,
/// its sources, and bounds on its timestamps. Nothing when there are fewer than two series, or others
/// than it says.
std::optional<std::pair<request, request>> divide(const request& whole);

/// What is understood where either is.
wire_form lesser_of(const wire_form& a, const wire_form& b);

/// Puts it into a form that is no greater than its own. Gives how many histograms that form cannot say and that were
/// left out; there may be no samples left then.
uint64_t lower(request& changed, const wire_form& to);

}  // namespace rollcall::remote_write
