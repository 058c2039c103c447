/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/abi.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "libweir/live/counters.h"
#include "libweir/version.h"
#include "plugin/compat.h"

struct search {
	const char *text;
	size_t length; /* with the NUL at its end */
	bool found;
};

/* Whether the octets hold the text as a string of its own, not as the end of a longer one. The octets between a
 * program's constants belong to no object, and a sanitizer would complain: they are read all the same. */
__attribute__((no_sanitize("address"))) static bool holds(const char *from, size_t length, const struct search *s)
{
	for (size_t at = 1; at + s->length <= length; at++) {
		size_t same = 0;
		while (from[at - 1] == '\0' && same < s->length && from[at + same] == s->text[same])
			same++;
		if (same == s->length)
			return true;
	}
	return false;
}

static int search_object(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	struct search *s = context;
	for (int i = 0; i < info->dlpi_phnum && !s->found; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		if (p->p_type == PT_LOAD && (p->p_flags & PF_R) && !(p->p_flags & PF_W))
			s->found = holds((const char *)(info->dlpi_addr + p->p_vaddr), p->p_filesz, s);
	}
	return 1; /* the program is the first object: look no further */
}

static bool program_has(const char *text)
{
	struct search s = {text, strlen(text) + 1, false};
	dl_iterate_phdr(search_object, &s);
	return s.found;
}

/* Whether Unbound fills in a struct as we read it: each field that we use is set by Unbound to a value of ours. */
static bool reply_fits(void)
{
	struct regional *region = regional_create();
	if (!region)
		return false;
	enum { FLAGS = 0x8583, TTL = 7717, AN = 1, NS = 2, AR = 3, TOTAL = 6 };
	const struct reply_info *rep = compat_new_reply(region, FLAGS, TTL, AN, NS, AR, TOTAL);
	bool fits = rep && rep->flags == FLAGS && rep->qdcount == 1 && rep->ttl == TTL && rep->an_numrrsets == AN &&
		    rep->ns_numrrsets == NS && rep->ar_numrrsets == AR && rep->rrset_count == TOTAL &&
		    rep->security == sec_status_insecure && (const void *)rep->rrsets == (const void *)rep->ref;
	regional_destroy(region);
	return fits;
}

bool abi_fits(const struct module_env *env, int id, void (*init)(void), struct why *why)
{
	if (!program_has(PACKAGE_STRING)) {
		why_set(why, WEIR_EFORMAT, "it is not %s", PACKAGE_STRING);
		return false;
	}
	if (!program_has(CONFCMDLINE)) {
		why_set(why, WEIR_EFORMAT, "it was configured with other options");
		return false;
	}
	const struct dynlibmod_env *own = reply_fits() ? env->modinfo[id] : NULL;
	if (!own || (void (*)(void))own->func_init != init) {
		why_set(why, WEIR_EFORMAT, "its structures differ");
		return false;
	}
	return true;
}

bool abi_state_fits(const struct module_qstate *qstate)
{
	return (const char *)qstate->mesh_info + offsetof(struct mesh_state, s) == (const char *)qstate;
}

void abi_show_misfit(struct counters *counters, const char *why)
{
	struct counters_state state = {.trouble_at = (uint64_t)time(NULL)};
	snprintf(state.trouble, sizeof state.trouble, "the module is not built for this unbound: %.200s", why);
	snprintf(state.release, sizeof state.release, "%s", weir_release);
	counters_publish(counters, &state);
}
