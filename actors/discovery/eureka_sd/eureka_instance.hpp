#pragma once

#include "lib/base/result.hpp"
#include "lib/labels/labels.hpp"

#include <pugixml.hpp>

#include <string>

namespace rollcall {

/// The text of an element of a document that was parsed without expanding entities; they are expanded here, the five
/// of XML and characters by number. "" for no element.
std::string eureka_text(const pugi::xml_node& element);

/// One instance as a target. Errors: errc::syntax, for a port, a country or a switch that is none.
result<labels> read_eureka_instance(const std::string& application, const pugi::xml_node& instance);

}  // namespace rollcall
