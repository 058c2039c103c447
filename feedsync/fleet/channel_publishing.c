/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/channel_publishing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/channel_request.h"
#include "libweir/errors.h"

static bool are_same(const struct octets *a, const struct octets *b)
{
	return a->at && b->at && a->length == b->length && memcmp(a->at, b->at, a->length) == 0;
}

/* Reads a manifest of this channel that is signed with our key. */
static int read_own(
	const struct channel_publishing *p, const struct octets *octets, struct manifest *m, struct why *why)
{
	const struct manifest_trust own = {&p->key.public, 1, p->request->channel->name};
	return manifest_read(m, octets->at, octets->length, &own, why);
}

/* Reads an object of the target: none where it is missing. */
static int get_octets(const struct channel_publishing *p, const char *name, struct octets *octets, struct why *why)
{
	int status = p->target->row->get(p->target, name, &octets->at, &octets->length, why);
	return status == -ENOENT ? 0 : status;
}

/* ---- other compilers ---- */

static int tell_taken(const struct channel_publishing *p, const struct manifest *other, struct why *why)
{
	return why_set(why, CHANNEL_TAKEN,
		"another compiler, on host \"%.64s\", has published serial %llu there; if this one is to publish from "
		"now on: feedsync distribute --take-over %.63s",
		other->publisher, (unsigned long long)other->serial, p->request->channel->name);
}

int publishing_find_other(const struct channel_publishing *p, const char *name, struct why *why)
{
	struct octets found = {0};
	struct manifest *other = calloc(1, sizeof *other);
	struct why reason;
	int status = other ? get_octets(p, name, &found, why) : why_set(why, -ENOMEM, "out of memory");
	if (status == 0 && found.at && !are_same(&found, &p->next)) {
		if (read_own(p, &found, other, &reason) == 0)
			status = tell_taken(p, other, why);
		else
			status = why_set(
				why, CHANNEL_TAKEN, "%s is there already, and is not ours: %.150s", name, reason.text);
	}
	octets_free(&found);
	free(other);
	return status;
}

/* ---- what was left half done ---- */

/* A crash may have come before or after the manifest was created. */
static int end_next(struct channel_publishing *p, struct why *why)
{
	const char *state = p->request->config->state;
	char name[MANIFEST_OBJECT_TEXT];
	struct octets found = {0};
	struct why reason;
	if (!p->next.at)
		return 0;
	int status = 0;
	bool created = are_same(&p->next, &p->latest);
	if (!created && manifest_read_own(&p->manifest, p->next.at, p->next.length, &reason) == 0) {
		status = get_octets(p, manifest_object(p->manifest.serial, name), &found, why);
		created = are_same(&p->next, &found);
		octets_free(&found);
	}
	if (status != 0)
		return status;
	if (!created)
		return channel_drop_next(state, p->request->channel, why);
	octets_free(&p->last);
	p->last = p->next;
	p->next = (struct octets){0};
	return channel_take_next(state, p->request->channel, why);
}

/* ---- what the target shows ---- */

/* Judges a manifest in `latest` that we have not published. */
static int judge_other(struct channel_publishing *p, const struct manifest *other, struct why *why)
{
	if (other->serial < p->serial) {
		log_warning("channel %s: latest has serial %llu, and %llu was published; it is replaced",
			p->request->channel->name, (unsigned long long)other->serial, (unsigned long long)p->serial);
		return 0;
	}
	if (!p->request->take_over)
		return tell_taken(p, other, why);
	log_info("channel %s: taken over from the compiler on host \"%s\" at serial %llu", p->request->channel->name,
		other->publisher, (unsigned long long)other->serial);
	p->serial = other->serial;
	return 0;
}

static int replace_damaged(const struct channel_publishing *p, const struct why *reason)
{
	log_warning("channel %s: latest is damaged, and is replaced: %s", p->request->channel->name, reason->text);
	return 0;
}

static int judge_shown(struct channel_publishing *p, struct why *why)
{
	struct why reason;
	if (!p->latest.at || are_same(&p->latest, &p->last)) {
		p->shown = p->latest.at != NULL;
		return 0;
	}
	struct manifest *other = calloc(1, sizeof *other);
	int status = other ? read_own(p, &p->latest, other, &reason) : -ENOMEM;
	if (status == -ENOMEM)
		status = why_set(why, status, "out of memory");
	else if (status == 0)
		status = judge_other(p, other, why);
	else if (status == -EBADMSG && p->last.at)
		status = replace_damaged(p, &reason);
	else
		status = why_set(why, CHANNEL_TAKEN,
			"latest is there, and is not ours: %.120s; each channel needs a place of its own", reason.text);
	free(other);
	return status;
}

/* The manifest that was published last. One that is signed by another key, which was ours, has to be followed by another. */
static void read_last(struct channel_publishing *p)
{
	struct why why;
	if (!p->last.at || manifest_read_own(&p->before, p->last.at, p->last.length, &why) != 0)
		return;
	p->serial = p->before.serial;
	p->readable = read_own(p, &p->last, &p->manifest, &why) == 0;
}

int publishing_begin(struct channel_publishing *p, struct why *why)
{
	const char *state = p->request->config->state;
	const struct channel *channel = p->request->channel;
	int status = minisign_secret_load(&p->key, channel->sign_key_file, why);
	if (status == 0)
		status = target_open(&p->target, channel, why);
	if (status == 0)
		status = channel_read_file(&p->last, state, channel, "last", why);
	if (status == 0)
		status = channel_read_file(&p->next, state, channel, "next", why);
	if (status == 0)
		status = get_octets(p, MANIFEST_LATEST, &p->latest, why);
	if (status == 0)
		status = end_next(p, why);
	if (status != 0)
		return status;
	read_last(p);
	return judge_shown(p, why);
}

void publishing_end(struct channel_publishing *p)
{
	minisign_secret_forget(&p->key);
	target_close(&p->target);
	octets_free(&p->last);
	octets_free(&p->next);
	octets_free(&p->latest);
}
