/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz targets: one program each, for libFuzzer (preset fuzz) or, in every other build, with a main of our own that
 * runs the corpus and some thousand mutations of it, always the same. A target must take any octets and never crash,
 * leak, or accept what it must refuse. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
