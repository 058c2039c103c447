#include "values.h"

#include <string.h>

#include "url.h"

int take_value(struct sink *sink, const struct place *place, const char *text, size_t length,
	const struct parse_options *options)
{
	if (!options->urls)
		return sink_name(sink, place, text, length, options->scope);
	char host[URL_MAX + 1];
	switch (url_host(text, length, host)) {
	case URL_HOST: return sink_name(sink, place, host, strlen(host), options->scope);
	case URL_PAGE: sink_reject(sink, place, REJECT_PATH, text, length); break;
	case URL_NONE: sink_reject(sink, place, REJECT_SYNTAX, text, length); break;
	}
	return 0;
}

struct condition condition_of(const char *text)
{
	const char *equals = strchr(text, '=');
	return (struct condition){equals ? (size_t)(equals - text) : strlen(text), text, equals ? equals + 1 : ""};
}
