/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/version.h"

const char weir_release[] = WEIR_RELEASE;
