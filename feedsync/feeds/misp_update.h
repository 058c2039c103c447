/* SPDX-License-Identifier: BSD-3-Clause */
/* One MISP feed's update in a run: from its manifest to its new version. Private to misp_update.c and misp_fetch.c. */
#pragma once

#include "feedsync/feeds/misp_plan.h"

struct why;

/* A feed's update. */
struct misp_update {
	struct feed *feed;
	struct misp_plan plan;
	char etag[256], last_modified[64]; /* of the manifest */
	uint64_t fetched_at;               /* likewise */
	uint64_t missing;                  /* events that are nowhere */
	uint64_t missed;                   /* events that could not be had, whatever is in use instead */
	bool changed;                      /* `next` is another version than the last good one */
	bool unvouched;                    /* it cannot be: an event in it would be one that no signed manifest told */
	bool new_manifest;                 /* the manifest has come in this run */
	char error[512]; /* of the first event that holds the feed, or could not be brought up to date; or "" */
	enum error_class error_class; /* of `error` */
};

/* Begins with the answer to the request for the manifest. Puts the manifest into `next`: the one fetched, or the last
 * good one where the server says that it is current. Plans what to fetch. Returns an update that misp_update_end
 * ends, or NULL: then the feed has failed. */
struct misp_update *misp_update_begin(struct feed *feed, const struct fetch *fetch);

/* Checks a fetched event and puts it into `next`. Returns 0; or -errno, -EBADMSG, or -EKEYREJECTED where it is not the event
 * that the signed manifest tells, with the reason. The fetched file
 * is gone in either case. */
must_check int misp_update_take(
	struct misp_update *update, struct event_plan *plan, const struct fetch *fetch, struct why *why);

/* The class of an error of these. */
enum error_class misp_error_class(int status);

/* Notes that an event could not be had. `missing`: the manifest lists it but the server does not have it. Feeds in
 * the wild have such holes: that is no failure, unless the event was there before. The event's last good version
 * stays. It is dropped only if it cannot be read either, as it would keep back the other events then. In a signed feed it
 * stays only if a signed manifest told it: if none did, the whole feed's last good version stays. */
void misp_update_miss(
	struct misp_update *update, struct event_plan *plan, bool missing, enum error_class class, const char *error);

/* Ends: makes `next` the feed's last good version if it is another one and good, and sets the feed's result. */
void misp_update_end(struct misp_update **update, const struct guard *guard);
