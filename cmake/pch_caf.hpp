#pragma once
#include "cmake/pch_std.hpp"

#include <caf/all.hpp>
