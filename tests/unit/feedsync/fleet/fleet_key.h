/* SPDX-License-Identifier: BSD-3-Clause */
/* A key of minisign's, without password, for tests only. */
#pragma once

#define FLEET_SECRET_KEY                                                                                               \
	"untrusted comment: minisign encrypted secret key\n"                                                           \
	"RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA7qDuT9APBZXnW8TVfmKkF8eKF9GCRTGgzAV1" \
	"/"                                                                                                            \
	"UCSHmkASX6ZPCswgmrwDiO6uJ1tntw8/4UOSGG7cYf4yxjGibb8cv1Q0AIjAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
#define FLEET_PUBLIC_KEY "RWTuoO5P0A8FlWrwDiO6uJ1tntw8/4UOSGG7cYf4yxjGibb8cv1Q0AIj"
#define FLEET_OTHER_KEY "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd"
