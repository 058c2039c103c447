#include "config.h"

#include <cyaml/cyaml.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "limits.h"
#include "log.h"

/* ---- the file's shape ---- */

enum choice { CHOICE_NONE, CHOICE_YES, CHOICE_NO };

struct raw_category {
	char *name;
	char *action;
	unsigned *ede;
	unsigned *ttl;
	char *text;
};

struct raw_feed {
	char *name;
	char *url;
	char *format;
	char *category;
	char *scope;
	char *interval;
	char *ca;
	enum choice targets;
	enum choice strict_tlp;
};

struct raw {
	char *state;
	char *table;
	char *run;
	char *interval;
	char *suffix_list;
	struct raw_category *categories;
	unsigned categories_count;
	struct raw_feed *feeds;
	unsigned feeds_count;
};

#define TEXT(key, structure, member, flags)                                                                            \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, 4000)
#define OPTIONAL_TEXT(key, structure, member) TEXT(key, structure, member, CYAML_FLAG_OPTIONAL)
#define OPTIONAL_CHOICE(key, structure, member)                                                                        \
	CYAML_FIELD_ENUM(key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, structure, member, choices,                     \
		sizeof choices / sizeof *choices)

/* libcyaml's own booleans take any word for true. */
static const cyaml_strval_t choices[] = {{"yes", CHOICE_YES}, {"no", CHOICE_NO}, {"true", CHOICE_YES},
	{"false", CHOICE_NO}, {"on", CHOICE_YES}, {"off", CHOICE_NO}};

static const cyaml_schema_field_t category_fields[] = {
	TEXT("name", struct raw_category, name, 0),
	OPTIONAL_TEXT("action", struct raw_category, action),
	CYAML_FIELD_UINT_PTR("ede", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_category, ede),
	CYAML_FIELD_UINT_PTR("ttl", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_category, ttl),
	OPTIONAL_TEXT("text", struct raw_category, text),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t feed_fields[] = {
	TEXT("name", struct raw_feed, name, 0),
	TEXT("url", struct raw_feed, url, 0),
	TEXT("format", struct raw_feed, format, 0),
	OPTIONAL_TEXT("category", struct raw_feed, category),
	OPTIONAL_TEXT("scope", struct raw_feed, scope),
	OPTIONAL_TEXT("interval", struct raw_feed, interval),
	OPTIONAL_TEXT("ca", struct raw_feed, ca),
	OPTIONAL_CHOICE("targets", struct raw_feed, targets),
	OPTIONAL_CHOICE("strict-tlp", struct raw_feed, strict_tlp),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t category_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_category, category_fields)};
static const cyaml_schema_value_t feed_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_feed, feed_fields)};

static const cyaml_schema_field_t file_fields[] = {
	OPTIONAL_TEXT("state", struct raw, state),
	OPTIONAL_TEXT("table", struct raw, table),
	OPTIONAL_TEXT("run", struct raw, run),
	OPTIONAL_TEXT("interval", struct raw, interval),
	OPTIONAL_TEXT("public-suffix-list", struct raw, suffix_list),
	CYAML_FIELD_SEQUENCE("categories", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, categories,
		&category_value, 0, POLICY_MAX_CATEGORIES - 1),
	CYAML_FIELD_SEQUENCE("feeds", CYAML_FLAG_POINTER, struct raw, feeds, &feed_value, 1, MAX_FEEDS),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, file_fields)};

/* ---- places ---- */

/* The line, at or after `from`, on which `key` stands with `value` (NULL: with any); 0 if there is none. libcyaml does
 * not keep the lines of what it has read, and of a key that it does not know it tells the line before. */
static unsigned line_of(const char *path, unsigned from, const char *key, const char *value)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0, found = 0;
	while (in && !found && getline(&line, &room, in) > 0) {
		const char *at = line + strspn(line, " \t-");
		size_t length = strlen(key);
		if (++number < from || strncmp(at, key, length) != 0)
			continue;
		at += length + strspn(at + length, " \t\"'");
		if (*at != ':')
			continue;
		at += 1 + strspn(at + 1, " \t\"'");
		length = value ? strlen(value) : 0;
		if (!value || (strncmp(at, value, length) == 0 && !isgraph((unsigned char)at[length])) ||
			(value && strncmp(at, value, length) == 0 && strchr("\"'", at[length])))
			found = number;
	}
	free(line);
	if (in)
		fclose(in);
	return found;
}

/* ---- reading ---- */

/* What libcyaml says of an error: a sentence, then, in later calls, where. */
struct trouble {
	char text[256];
	unsigned line;
};

static void note_trouble(cyaml_log_t level, void *context, const char *format, va_list args) printf_like(3, 0);
static void note_trouble(cyaml_log_t level, void *context, const char *format, va_list args)
{
	(void)level;
	struct trouble *t = context;
	char text[256];
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	const char *place = strstr(text, "(line: ");
	if (place && t->line == 0)
		t->line = (unsigned)strtoul(place + 7, NULL, 10);
	else if (!place && t->text[0] == '\0')
		snprintf(t->text, sizeof t->text, "%s", strncmp(text, "Load: ", 6) == 0 ? text + 6 : text);
}

static const cyaml_config_t *reader(struct trouble *trouble)
{
	static cyaml_config_t settings;
	settings = (cyaml_config_t){.log_fn = note_trouble,
		.log_ctx = trouble,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_WARNING,
		.flags = CYAML_CFG_DEFAULT};
	return &settings;
}

static struct raw *read_file(const char *path)
{
	struct trouble trouble = {0};
	struct raw *raw = NULL;
	errno = 0;
	cyaml_err_t error = cyaml_load_file(path, reader(&trouble), &file_value, (cyaml_data_t **)&raw, NULL);
	if (error == CYAML_OK && raw)
		return raw;
	if (error == CYAML_ERR_FILE_OPEN) {
		log_error("%s: %s", path, errno ? error_text(-errno) : "cannot be opened");
		return NULL;
	}
	static const char unknown[] = "Unexpected key: ";
	if (strncmp(trouble.text, unknown, sizeof unknown - 1) == 0) {
		unsigned line = line_of(path, trouble.line, trouble.text + sizeof unknown - 1, NULL);
		trouble.line = line ? line : trouble.line;
	}
	if (error == CYAML_OK)
		snprintf(trouble.text, sizeof trouble.text, "the file is empty");
	log_error("%s:%u: %s", path, trouble.line ? trouble.line : 1,
		trouble.text[0] ? trouble.text : cyaml_strerror(error));
	return NULL;
}

/* ---- checking ---- */

struct check {
	const char *path;
	const struct raw *raw;
	struct config *config;
	uint32_t interval_s;
	unsigned errors;
};

/* Logs an error at a key of the list item whose name is `item` (NULL: of the file itself). */
static void complain(struct check *c, const char *item, const char *key, const char *format, ...) printf_like(4, 5);
static void complain(struct check *c, const char *item, const char *key, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	unsigned start = item ? line_of(c->path, 1, "name", item) : 1;
	unsigned line = line_of(c->path, start, key, NULL);
	log_error("%s:%u: %s%s%s", c->path, line ? line : start, item ? item : "", item ? ": " : "", text);
	c->errors++;
}

/* "90", "90s", "15m", "6h", "1d". */
static uint32_t read_interval(struct check *c, const char *item, const char *text)
{
	static const struct {
		const char *suffix;
		uint32_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end;
	unsigned long number = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
	for (unsigned i = 0; number > 0 && number <= 86400 && i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].suffix) == 0 && number * units[i].seconds <= 30 * 86400)
			return (uint32_t)number * units[i].seconds;
	complain(c, item, "interval", "\"%s\" is no interval: a number of s, m, h or d, 1 s to 30 days", text);
	return 1;
}

/* Actions that the module carries out. */
static bool action_works(enum action action)
{
	return action == ACTION_ALLOW || action == ACTION_LOG || action == ACTION_NODATA || action == ACTION_NXDOMAIN ||
	       action == ACTION_REFUSED || action == ACTION_DROP;
}

static int find_category(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->category_count; i++)
		if (strcmp(config->categories[i].name, name) == 0)
			return (int)i;
	return -1;
}

static void check_category(struct check *c, const struct raw_category *raw)
{
	struct category_policy *category = &c->config->categories[c->config->category_count];
	*category = (struct category_policy){.action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30};
	if (!policy_name_valid(raw->name))
		complain(c, raw->name, "name",
			"a category's name has 1 to %d printable characters, no blank, comma, backslash",
			POLICY_MAX_NAME);
	else if (find_category(c->config, raw->name) >= 0)
		complain(c, raw->name, "name", "this category is there already");
	if (raw->action && (action_from_text(raw->action, &category->action) != 0 || !action_works(category->action)))
		complain(c, raw->name, "action", "\"%s\" is none of nxdomain, nodata, refused, drop, log, allow",
			raw->action);
	if (raw->ede && *raw->ede > 65535)
		complain(c, raw->name, "ede", "an EDE code is at most 65535");
	else if (raw->ede)
		category->ede = (uint16_t)*raw->ede;
	if (raw->ttl && *raw->ttl > POLICY_MAX_TTL)
		complain(c, raw->name, "ttl", "a TTL is at most %d seconds", POLICY_MAX_TTL);
	else if (raw->ttl)
		category->ttl_s = *raw->ttl;
	if (raw->text && strlen(raw->text) > POLICY_MAX_TEXT)
		complain(c, raw->name, "text", "a text has at most %d characters", POLICY_MAX_TEXT);
	snprintf(category->name, sizeof category->name, "%s", raw->name);
	snprintf(category->text, sizeof category->text, "%s", raw->text ? raw->text : "");
	c->config->category_count++;
}

static bool url_supported(const char *url)
{
	return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 || strncmp(url, "file:///", 8) == 0;
}

/* A feed's name is also its directory's. */
static bool feed_name_valid(const char *name)
{
	return policy_name_valid(name) && name[0] != '.' && !strchr(name, '/');
}

static void check_feed(struct check *c, const struct raw_feed *raw)
{
	struct config *config = c->config;
	struct feed_config *feed = &config->feeds[config->feed_count];
	struct feed_policy *policy = &config->feed_policies[config->feed_count];
	if (!feed_name_valid(raw->name))
		complain(c, raw->name, "name",
			"a feed's name has 1 to %d printable characters, no blank, comma, slash, backslash or dot at "
			"its start",
			POLICY_MAX_NAME);
	for (size_t i = 0; i < config->feed_count; i++)
		if (strcmp(config->feeds[i].name, raw->name) == 0)
			complain(c, raw->name, "name", "this feed is there already");
	*feed = (struct feed_config){
		.name = raw->name, .url = raw->url, .ca = raw->ca, .format = format_find(raw->format)};
	if (!feed->format)
		complain(c, raw->name, "format", "\"%s\" is none of %s", raw->format, format_names());
	if (!url_supported(raw->url))
		complain(c, raw->name, "url", "\"%s\" is no https://, http:// or file:/// URL", raw->url);
	feed->options.scope = feed->format ? feed->format->scope : SCOPE_EXACT;
	if (raw->scope && strcmp(raw->scope, "exact") != 0 && strcmp(raw->scope, "subtree") != 0)
		complain(c, raw->name, "scope", "\"%s\" is neither exact nor subtree", raw->scope);
	else if (raw->scope)
		feed->options.scope = strcmp(raw->scope, "subtree") == 0 ? SCOPE_SUBTREE : SCOPE_EXACT;
	if (raw->scope && feed->format && feed->format->parse_directory)
		complain(c, raw->name, "scope", "in %s the scope comes with each entry", raw->format);
	feed->options.lenient_tlp = raw->strict_tlp == CHOICE_NO;
	feed->interval_s = raw->interval ? read_interval(c, raw->name, raw->interval) : c->interval_s;
	int category = find_category(config, raw->category ? raw->category : "malicious");
	if (category < 0)
		complain(c, raw->name, "category", "there is no category \"%s\"", raw->category);
	feed->category = (uint16_t)(category < 0 ? 0 : category);
	snprintf(policy->name, sizeof policy->name, "%s", raw->name);
	policy->check_targets = raw->targets != CHOICE_NO;
	config->feed_count++;
}

/* The configuration owns the file as read, behind itself. */
struct owned {
	struct config config;
	struct raw *raw;
	char *path;
};

static void check_all(struct check *c)
{
	struct config *config = c->config;
	const struct raw *raw = c->raw;
	config->path = c->path;
	config->state = raw->state ? raw->state : "/var/lib/weir/state";
	config->table = raw->table ? raw->table : "/var/lib/weir/current.weir";
	config->run = raw->run ? raw->run : "/run/weir";
	config->suffix_list = raw->suffix_list;
	c->interval_s = raw->interval ? read_interval(c, NULL, raw->interval) : 15 * 60;
	bool own_malicious = false;
	for (unsigned i = 0; i < raw->categories_count; i++)
		own_malicious |= strcmp(raw->categories[i].name, "malicious") == 0;
	struct raw_category usual = {.name = (char[]){"malicious"}};
	if (!own_malicious)
		check_category(c, &usual);
	for (unsigned i = 0; i < raw->categories_count; i++)
		check_category(c, &raw->categories[i]);
	for (unsigned i = 0; i < raw->feeds_count; i++)
		check_feed(c, &raw->feeds[i]);
}

int config_load(struct config **config, const char *path)
{
	struct raw *raw = read_file(path);
	if (!raw)
		return -1;
	struct owned *owned = calloc(1, sizeof *owned);
	if (owned) {
		owned->raw = raw;
		owned->path = strdup(path);
		owned->config.categories = calloc(raw->categories_count + 1, sizeof *owned->config.categories);
		owned->config.feeds = calloc(raw->feeds_count, sizeof *owned->config.feeds);
		owned->config.feed_policies = calloc(raw->feeds_count, sizeof *owned->config.feed_policies);
	}
	if (!owned || !owned->path || !owned->config.categories || !owned->config.feeds ||
		!owned->config.feed_policies) {
		log_error("out of memory");
		exit(2);
	}
	struct check check = {.path = owned->path, .raw = raw, .config = &owned->config};
	check_all(&check);
	*config = &owned->config;
	if (check.errors > 0)
		config_free(config);
	return check.errors > 0 ? -1 : 0;
}

void config_free(struct config **config)
{
	struct owned *owned = (struct owned *)*config;
	*config = NULL;
	if (!owned)
		return;
	struct trouble trouble = {0};
	cyaml_free(reader(&trouble), &file_value, owned->raw, 0);
	free(owned->config.categories);
	free(owned->config.feeds);
	free(owned->config.feed_policies);
	free(owned->path);
	free(owned);
}

void config_print(const struct config *config)
{
	printf("state  %s\ntable  %s\nrun    %s\n", config->state, config->table, config->run);
	for (size_t i = 0; i < config->category_count; i++) {
		const struct category_policy *c = &config->categories[i];
		printf("category %s: %s", c->name, action_text(c->action));
		if (c->action > ACTION_LOG)
			printf(", ttl %u s, EDE %u \"%s\"", c->ttl_s, c->ede, c->text);
		putchar('\n');
	}
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed_config *f = &config->feeds[i];
		const struct category_policy *c = &config->categories[f->category];
		printf("feed %s: %s, %s, category %s (%s), every %u s", f->name, f->url, f->format->name, c->name,
			action_text(c->action), f->interval_s);
		if (!f->format->parse_directory)
			printf(", scope %s", scope_text(f->options.scope));
		printf(", targets %s checked%s\n", config->feed_policies[i].check_targets ? "are" : "not",
			f->options.lenient_tlp ? ", TLP:RED and TLP:AMBER+STRICT taken" : "");
	}
}
