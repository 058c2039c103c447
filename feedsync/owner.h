/* Root who works in the state directory of the daemon's user must leave nothing there that the daemon cannot read, write
 * or remove, and is to see of secrets, lists and CAs what the daemon sees. So root uses files as the owner of that
 * directory does. All else of it stays root's: it may send signals, and the history names it. */
#pragma once

#include <sys/types.h>

/* If this is root, this process and the threads that it will begin use files from now on as the owner of the state
 * directory or, before its first use, of the nearest one above that is there; by his groups. Logs why not, if that cannot be:
 * then files are used as before. See setfsuid(2). */
void owner_become(const char *state);

/* As whom files are used. */
uid_t owner_acting(void);
