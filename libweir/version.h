/* SPDX-License-Identifier: BSD-3-Clause */
/* The version of Weir, "0.1.0": of the module, of feedsync and of whatever else is built here. CMake's project() says it,
 * and nothing else does. */
#pragma once

extern const char weir_release[];
