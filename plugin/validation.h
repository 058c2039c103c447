/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether an answer is valid, and for whom that counts. */
#pragma once

#include <stdbool.h>

#include "plugin/compat.h"

/* Whether the query's clients are to get no bogus answer. */
static inline bool wants_validation(const struct module_qstate *qstate)
{
	const struct module_env *env = qstate->env;
	return env->need_to_validate && (!(qstate->query_flags & BIT_CD) || env->cfg->ignore_cd);
}

/* The validator leaves forged data in the message. Unbound turns it into SERVFAIL for clients only at the last moment. */
static inline bool is_bogus(enum sec_status status)
{
	return status <= sec_status_bogus || status == sec_status_secure_sentinel_fail;
}
