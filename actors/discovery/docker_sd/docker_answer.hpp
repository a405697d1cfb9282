#pragma once

#include "actors/discovery/json_reader.hpp"
#include "lib/base/result.hpp"
#include "lib/http/request.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the answers of the Docker Engine API have in common.
namespace rollcall::docker {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

/// Adds the labels of an object of Docker's, their names behind a prefix and with every unusual character replaced.
void add_labels(label_pairs& out, std::string_view prefix, const json_reader& object);

/// "true" or "false".
std::string to_text(bool value);

/// Has an answer of the API read, which is a list or null. Errors: errc::io for a status other than 200, with the
/// daemon's own words; errc::syntax for what is no such document.
result<void> read_answer(const http::response& answer, const std::function<void(const json_reader&)>& read);

/// Labels of every network by its id, as the answer to /networks has it.
std::map<std::string, label_pairs> network_labels(const json_reader& networks, std::string_view prefix);

}  // namespace rollcall::docker
