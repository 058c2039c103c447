/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/html.h"

#include "feedsync/base/html_text.h"

void html_begin(FILE *out, const char *title, const char *name)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>%s</title>\n"
		"<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n"
		"<header><nav aria-label=\"Pages\"><a href=\"/\">Weir</a> <a href=\"/runbook\">Runbook</a></nav>\n"
		"<form action=\"/why\" method=\"get\" role=\"search\"><label for=\"name\">Why is this name "
		"blocked?</label>\n"
		"<input id=\"name\" name=\"name\" type=\"text\" inputmode=\"url\" maxlength=\"300\" required "
		"autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" value=\"",
		title);
	html_text(out, name);
	fputs("\"> <button>Search</button></form></header>\n<main>\n", out);
}

void html_end(FILE *out)
{
	fputs("</main>\n</body>\n</html>\n", out);
}
