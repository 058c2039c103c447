/* SPDX-License-Identifier: BSD-3-Clause */
/* Everything the plugin takes from Unbound, and the differences between its releases. Unbound's headers are not made
 * for strangers' warning flags: they are included as system headers (CMakeLists.txt). */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "config.h"
#include "dynlibmod/dynlibmod.h"
#include "respip/respip.h"
#include "services/authzone.h"
#include "services/cache/dns.h"
#include "services/cache/rrset.h"
#include "services/mesh.h"
#include "sldns/rrdef.h"
#include "util/config_file.h"
#include "util/data/dname.h"
#include "util/data/msgencode.h"
#include "util/data/msgreply.h"
#include "util/data/packed_rrset.h"
#include "util/log.h"
#include "util/module.h"
#include "util/net_help.h"
#include "util/netevent.h"
#include "util/rbtree.h"
#include "util/regional.h"
#include "util/storage/lruhash.h"
#include "util/storage/slabhash.h"

/* UNBOUND_RELEASE, 117 for 1.17, is made of config.h's PACKAGE_VERSION by CMakeLists.txt. */

/* construct_reply_info_base got the EDE code in 1.18 and a further TTL in 1.22. */
#if UNBOUND_RELEASE >= 122
#define compat_new_reply(region, flags, ttl, an, ns, ar, total)                                                        \
	construct_reply_info_base(                                                                                     \
		region, flags, 1, ttl, ttl, ttl, ttl, an, ns, ar, total, sec_status_insecure, LDNS_EDE_NONE)
#elif UNBOUND_RELEASE >= 118
#define compat_new_reply(region, flags, ttl, an, ns, ar, total)                                                        \
	construct_reply_info_base(                                                                                     \
		region, flags, 1, ttl, ttl, ttl, an, ns, ar, total, sec_status_insecure, LDNS_EDE_NONE)
#else
#define compat_new_reply(region, flags, ttl, an, ns, ar, total)                                                        \
	construct_reply_info_base(region, flags, 1, ttl, ttl, ttl, an, ns, ar, total, sec_status_insecure)
#endif

/* Since 1.20 cachedb gives out what it finds expired before the query has ended. */
#if UNBOUND_RELEASE >= 120 && defined(USE_CACHEDB)
#define compat_answers_early(env) (strstr((env)->cfg->module_conf, "cachedb") != NULL)
#else
#define compat_answers_early(env) false
#endif

/* mesh_state_remove_reply tells streams of one connection apart since 1.26. */
#if UNBOUND_RELEASE >= 126
#define compat_remove_reply(mesh, state, connection) mesh_state_remove_reply((mesh), (state), (connection), NULL, NULL)
#else
#define compat_remove_reply(mesh, state, connection) mesh_state_remove_reply((mesh), (state), (connection))
#endif

/* attach_sub is told of the client since 1.25. */
#if UNBOUND_RELEASE >= 125
#define compat_attach_sub(qstate, qinfo, flags, newq)                                                                  \
	(*(qstate)->env->attach_sub)((qstate), (qinfo), (qstate)->client_info, (flags), 0, 0, (newq))
#else
#define compat_attach_sub(qstate, qinfo, flags, newq)                                                                  \
	(*(qstate)->env->attach_sub)((qstate), (qinfo), (flags), 0, 0, (newq))
#endif

/* Since 1.25 what has no second left has expired, and an expired record has no higher TTL than it came with. */
#if UNBOUND_RELEASE >= 125
#define compat_is_expired(ttl, now) TTL_IS_EXPIRED(ttl, now)
#else
#define compat_is_expired(ttl, now) ((ttl) < (now))
#endif

static inline time_t compat_expired_ttl(const struct config_file *cfg, time_t ttl)
{
#if UNBOUND_RELEASE >= 125
	return ttl < cfg->serve_expired_reply_ttl ? ttl : cfg->serve_expired_reply_ttl;
#else
	(void)ttl;
	return cfg->serve_expired ? cfg->serve_expired_reply_ttl : 0;
#endif
}

/* Why a message is bogus, in words; NULL where nothing is said of that. Unbound keeps the words since 1.18. */
static inline const char *compat_bogus_text(const struct reply_info *rep)
{
#if UNBOUND_RELEASE >= 118
	return rep->reason_bogus_str;
#else
	(void)rep;
	return NULL;
#endif
}

static inline void compat_set_bogus_text(struct reply_info *rep, char *text)
{
#if UNBOUND_RELEASE >= 118
	rep->reason_bogus_str = text;
#else
	(void)rep, (void)text;
#endif
}
