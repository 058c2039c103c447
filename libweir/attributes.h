/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiler attributes, spelled short, and only those whose meaning a reader needs. */
#pragma once

#define must_check __attribute__((warn_unused_result))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define never_inline __attribute__((noinline)) /* where its stack frame would burden a hot caller */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
