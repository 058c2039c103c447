/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands that need neither configuration nor network: compile, lookup, dump, verify. Each takes the arguments
 * behind its word and returns the exit code. */
#pragma once

int offline_compile(int argc, char **argv);
int offline_lookup(int argc, char **argv);
int offline_dump(int argc, char **argv);
int offline_verify(int argc, char **argv);
