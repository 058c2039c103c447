/* SPDX-License-Identifier: BSD-3-Clause */
/* Telling systemd how the service is (sd_notify(3)), without its library: one datagram to the socket named in the
 * environment. Outside systemd it does nothing. */
#pragma once

#include "libweir/attributes.h"

/* Sends assignments, one a line: "READY=1\nSTATUS=...". */
void systemd_notify(const char *format, ...) printf_like(1, 2);

/* A sign of life for systemd's watchdog (WatchdogSec= in the unit), if one is due. To be called often; where there
 * is a watchdog, within the seconds that are returned. */
unsigned systemd_notify_alive(void);
