#pragma once

#include "lib/cluster/mandate.hpp"

#include <nlohmann/json.hpp>

#include <string>

/// What the answers of all arbiters have in common.
namespace rollcall::cluster {

/// A number of an object, also one that is written as a text; 0 for anything else.
uint64_t number_in(const nlohmann::json& object, const char* key);
/// A text of an object; empty for anything else.
std::string text_in(const nlohmann::json& object, const char* key);
/// Whether it can be a mandate at all: it has an epoch and holds for a while.
bool is_plausible(const mandate& read);
/// A successful answer. Errors: errc::io with what the arbiter said, errc::syntax when it is no JSON object.
result<nlohmann::json> parse_answer(int status, const std::string& body);

}  // namespace rollcall::cluster
