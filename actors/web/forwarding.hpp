#pragma once

#include "actors/web/answering.hpp"

#include <functional>
#include <string_view>

namespace rollcall {

/// The path, below any prefix, of a page that shows the whole cluster on every node; empty for all others.
std::string_view path_in_cluster(page page);

/// Answers what the worker's coordinator answers. When nobody does in time, calls `answer_alone` after noting a
/// warning: this process then speaks for itself.
void forward(web_request_ptr self, std::function<void()> answer_alone);

}  // namespace rollcall
