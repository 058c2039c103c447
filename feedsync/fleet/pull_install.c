/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_install.h"

#include <errno.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/worker.h"
#include "feedsync/fleet/pull_table.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/publication.h"
#include "libweir/errors.h"
#include "libweir/table.h"

struct pulled {
	const struct config *config;
	struct atomic_file file;
	struct table *table;
	struct publication publication;
	struct local_resolvers told;
};

int pull_check_held(const struct config *config, struct why *why)
{
	struct hold hold;
	char text[256];
	hold_read(&hold, config->state);
	if (!hold.held)
		return 0;
	hold_text(&hold, text);
	return why_set(why, PULL_HELD, "held%.150s; next: feedsync resume", text);
}

/* Everything that can fail comes before the commit. */
static int commit_pulled(struct pulled *p, struct why *why)
{
	const struct weir_header *header = table_header(p->table);
	int status = publication_begin(&p->publication, p->config, "pull", why);
	if (status == 0)
		status = pull_check_held(p->config, why);
	if (status == 0)
		status = local_resolvers_can_read(p->config->run, p->config->table, header->version, why);
	if (status != 0) {
		atomic_file_abort(&p->file);
		return status;
	}
	publication_archive_base(&p->publication);
	p->publication.generation = header->generation;
	worker_hold(); /* what is published is logged as well */
	status = atomic_file_commit(&p->file, why);
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why->text);
	if (status >= 0)
		return 0;
	worker_let_go(); /* nothing is published, and another object may be fetched now */
	return status;
}

static void tell_resolvers(struct pulled *p)
{
	log_info("%s: generation %llu published, %llu rules", p->config->table,
		(unsigned long long)table_header(p->table)->generation,
		(unsigned long long)table_header(p->table)->rules);
	local_resolvers_tell(&p->told, p->config->run, p->config->table);
}

static void log_pulled(struct pulled *p)
{
	publication_done(&p->publication);
	bool logged = publication_log(&p->publication, NULL); /* logs what is wrong */
	(void)logged;
}

int pull_install(const struct config *config, const struct manifest *manifest, const char *object, const char *base,
	void (*taken)(void *context), void *context, struct why *why)
{
	struct pulled p = {.config = config, .publication.lock = -1};
	int status = atomic_file_begin(&p.file, config->table, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	status = pull_table_make(manifest, object, base, p.file.fd, why);
	if (status == 0)
		status = pull_table_try(&p.table, manifest, p.file.fd, why);
	if (status != 0) {
		atomic_file_abort(&p.file);
		return status;
	}
	status = commit_pulled(&p, why);
	if (status == 0) {
		tell_resolvers(&p);
		taken(context);
		log_pulled(&p);
		worker_let_go();
		local_resolvers_await(&p.told, config->run, config->table, manifest->table.generation);
	}
	publication_end(&p.publication);
	table_close(&p.table);
	return status;
}
