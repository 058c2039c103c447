/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/html_text.h"

#include "feedsync/base/clean.h"

enum { HTML_TEXT = 4096 };

void html_text(FILE *out, const char *text)
{
	char shown[HTML_TEXT];
	clean_text(shown, sizeof shown, text);
	for (const char *c = shown; *c; c++)
		switch (*c) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		default: putc(*c, out);
		}
}

const char html_style[] =
	":root{color-scheme:light dark;--back:#fff;--text:#1b1b1b;--dim:#595959;--line:#d0d0d0;--link:#0b57a4;"
	"--good:#17692f;--bad:#b3261e;--bar:#3b78b5}\n"
	"@media(prefers-color-scheme:dark){:root{--back:#15181b;--text:#e8e8e8;--dim:#a9b0b6;--line:#3a4148;"
	"--link:#8cc0f5;--good:#7ad191;--bad:#ff9a8f;--bar:#6aa9e4}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}\n"
	"header,main{max-width:70rem;margin:0 auto;padding:.75rem 1rem}\n"
	"header{display:flex;flex-wrap:wrap;gap:.5rem 2rem;align-items:center;border-bottom:1px solid var(--line)}\n"
	"nav a{margin-right:1rem;padding:.4rem 0;display:inline-block}\n"
	"form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}\n"
	"input,button{font:inherit;padding:.35rem .6rem;color:inherit;background:transparent;border:1px solid "
	"var(--dim);"
	"border-radius:.25rem;min-width:0}\n"
	"a{color:var(--link)}\n"
	":focus-visible{outline:3px solid var(--link);outline-offset:2px}\n"
	"h1{font-size:1.25rem;overflow-wrap:anywhere}\n"
	"h2{font-size:1.1rem;margin:1.5rem 0 .5rem}\n"
	".good{color:var(--good)}.bad{color:var(--bad)}.dim{color:var(--dim)}\n"
	".scroll{overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;"
	"overflow-wrap:anywhere}\n"
	"td.number,th.number{text-align:right;white-space:nowrap;padding-right:1.5rem}\n"
	"li{margin:.4rem 0;overflow-wrap:anywhere}\n"
	"p,dd{overflow-wrap:anywhere}\n"
	"code{font-family:ui-monospace,monospace}\n"
	"svg{display:block;width:100%;height:8rem;border-bottom:1px solid var(--line)}\n"
	"rect{fill:var(--bar)}\n"
	"@media(max-width:40rem){table.wide thead{position:absolute;width:1px;height:1px;overflow:hidden;"
	"clip-path:inset(50%)}"
	"table.wide,table.wide tbody,table.wide tr,table.wide td,table.wide th{display:block}\n"
	"table.wide tr{border-bottom:1px solid var(--line);padding:.4rem 0}\n"
	"table.wide td,table.wide th{border:0;padding:.05rem 0;text-align:left;white-space:normal}\n"
	"table.wide td::before{content:attr(data-label) \": \";color:var(--dim)}}\n";
