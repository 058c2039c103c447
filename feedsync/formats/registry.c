/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/registry.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "feedsync/base/regular_file.h"
#include "feedsync/formats/by_line.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

#define REFER_TO(row) &format_##row,
static const struct format *const formats[] = {EACH_FORMAT(REFER_TO) NULL};

const struct format *format_at(unsigned index)
{
	unsigned i = 0;
	while (formats[i] && i < index)
		i++;
	return formats[i];
}

const struct format *format_find(const char *name)
{
	for (unsigned i = 0; formats[i]; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *format_names(void)
{
	static char names[256];
	names[0] = '\0';
	for (unsigned i = 0; formats[i]; i++) {
		strncat(names, i > 0 ? ", " : "", sizeof names - strlen(names) - 1);
		strncat(names, formats[i]->name, sizeof names - strlen(names) - 1);
	}
	return names;
}

bool format_expires(const struct format *format, const struct parse_options *options)
{
	return format->tells_expiry || options->max_age_s > 0;
}

/* A parser takes damaged compression for an error of reading. The decoder knows the reason. */
int format_parse_stream(const struct format *format, const struct parse *parse)
{
	struct why damage;
	struct parse plain = *parse;
	plain.in = unpack_open(parse->in, &damage);
	if (!plain.in)
		return why_set(parse->why, -ENOMEM, "out of memory");
	int c = getc(plain.in);
	parse->sink->counts->blank = c == EOF;
	if (c != EOF)
		ungetc(c, plain.in);
	int status = format->parse_line ? parse_by_line(format->parse_line, &plain) : format->parse_document(&plain);
	fclose(plain.in);
	return damage.text[0] ? why_set(parse->why, -EBADMSG, "%s", damage.text) : status;
}

static int open_document(FILE **in, const char *path, bool piped, struct why *why)
{
	struct stat st;
	if (!path)
		*in = stdin;
	else if (!piped)
		return regular_file_open(in, path, why);
	else if (!(*in = fopen(path, "re")))
		return why_set(why, -errno, "%s", error_text(-errno));
	if (!path || fstat(fileno(*in), &st) != 0 || !S_ISDIR(st.st_mode))
		return 0;
	fclose(*in);
	return why_set(why, -EISDIR, "%s", error_text(-EISDIR));
}

int format_parse(const struct format *format, const struct parse *parse)
{
	if (format->parse_directory && !parse->path)
		return why_set(parse->why, -EINVAL, "%s: a feed of this format is a directory", parse->document);
	if (format->parse_directory)
		return format->parse_directory(parse);
	struct parse opened = *parse;
	struct why reason;
	int status = open_document(&opened.in, parse->path, parse->options->piped, &reason);
	if (status != 0)
		return why_set(parse->why, status, "%s: %s", parse->document, reason.text);
	status = format_parse_stream(format, &opened);
	if (parse->path)
		fclose(opened.in);
	return status;
}
