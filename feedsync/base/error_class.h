/* SPDX-License-Identifier: BSD-3-Clause */
/* The class of an error: what a script, a page of graphs or an operator on call tells errors apart by, without
 * reading English. The class is set where the error arises, beside its text, and travels with it: fetch, feed,
 * feed.json, history, `status --json`. The words are a contract; the texts are not. */
#pragma once

enum error_class {
	ERROR_NONE, /* no error */
	ERROR_NET,  /* the server was not reached or broke off: DNS, connection, proxy, time limits, too slow, an
			    address that the feed must not be fetched from */
	ERROR_HTTP, /* the server answered, but not with the document: a status code, a redirect that is not followed,
			    an answer that is not HTTP */
	ERROR_AUTH, /* the server refuses our secret or wants one (401, 403), or a file with a secret cannot be used */
	ERROR_TLS,  /* the server's certificate, its pinned key, our certificate, or the handshake */
	ERROR_FORMAT,    /* the document is damaged, cut off, too long, or not in the feed's format */
	ERROR_ALARM,     /* the document can be read, but differs too much from what was expected (guard/alarm.h) */
	ERROR_SIGNATURE, /* the document's signature is missing, wrong, or by another key */
	ERROR_DISK,      /* a file of this machine cannot be read or written, or there is no room for it */
	ERROR_MEMORY,    /* this process is short of memory, or of files to open */
	ERROR_MODULE,    /* an Unbound of this machine runs without the module, or does not show that it has it */
	ERROR_INTERNAL,  /* nothing of these: a defect, or a library that refuses what it should do */
	ERROR_CLASS_COUNT
};

/* The class in one word, for JSON: "net", "http", ...; "" for ERROR_NONE. Any thread. */
const char *error_class_word(enum error_class class);

/* The class that a word means. ERROR_NONE for "" and NULL; ERROR_INTERNAL for a word that this version does not know.
 * Any thread. */
enum error_class error_class_from_word(const char *word);

/* The class of a code (libweir/errors.h) from a function that reads a document or a file: 0 is ERROR_NONE;
 * -EBADMSG, -EFBIG, -E2BIG and the WEIR_E codes are ERROR_FORMAT; a shortage is ERROR_MEMORY; every other -errno
 * is ERROR_DISK. Any thread. */
enum error_class error_class_from_code(int code);
