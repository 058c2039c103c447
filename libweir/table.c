/* See format.h for the layout and table.h for the promises. */
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "error.h"
#include "hash.h"
#include "symbols.h"

struct table {
	const struct weir_line *lines;
	const uint8_t *names;
	uint64_t key;
	uint32_t homes;
	struct symbols symbols;
	struct policy policy;
	struct weir_header header;
	uint8_t *memory; /* the whole file, `mapped` octets from mmap */
	size_t mapped;
	uint64_t file_length;
};

/* ---- lookup ---- */

/* A quarter of a line: what compilers turn into one register on every machine that has such. */
typedef uint16_t lanes __attribute__((vector_size(WEIR_LINE / 4)));
typedef uint64_t words __attribute__((vector_size(WEIR_LINE / 4)));

/* Whether any tag of the line has this check value. */
static inline bool line_has(const struct weir_line *line, uint16_t check)
{
	/* The line's first three lanes are no tags. */
	static const lanes is_tag = {0, 0, 0, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff};
	lanes quarter[4];
	memcpy(quarter, line, sizeof quarter);
	lanes equal = (lanes)((quarter[0] & WEIR_TAG_CHECK) == check) & is_tag;
	for (unsigned i = 1; i < 4; i++)
		equal |= (lanes)((quarter[i] & WEIR_TAG_CHECK) == check);
	words any = (words)equal;
	return (any[0] | any[1]) != 0;
}

/* One entry of `names`, its parts found but its name not decoded. */
struct entry {
	const uint8_t *code;
	size_t code_length;
	uint32_t class;
};

/* Reads the entry at `at`, which ends before `end`. Returns where the next begins, or NULL when it does not fit. */
static const uint8_t *entry_read(struct entry *entry, const uint8_t *at, const uint8_t *end)
{
	if (at >= end)
		return NULL;
	uint8_t head = *at++;
	entry->code_length = head & 0x3f;
	if (entry->code_length == WEIR_ENTRY_LONG) {
		if (end - at < 2)
			return NULL;
		entry->code_length = get_u16(at);
		at += 2;
	}
	entry->class = head >> 6;
	if (entry->class == WEIR_ENTRY_CLASSES) {
		uint32_t extra = 0;
		for (unsigned shift = 0;; shift += 7) {
			if (at >= end || shift > 21)
				return NULL;
			extra |= (uint32_t)(*at & 0x7f) << shift;
			if ((*at++ & 0x80) == 0)
				break;
		}
		entry->class += extra;
	}
	if ((size_t)(end - at) < entry->code_length)
		return NULL;
	entry->code = at;
	return at + entry->code_length;
}

/* Whether canonical text equals a canonical wire name. A dot in the text always parts labels: rule names hold none. */
static bool text_equals_name(const uint8_t *text, size_t length, const uint8_t *wire)
{
	for (size_t at = 0;; at++) {
		size_t label = *wire++;
		if (label > length - at || memcmp(text + at, wire, label) != 0 || memchr(wire, '.', label))
			return false;
		at += label;
		wire += label;
		if (at == length)
			return *wire == 0;
		if (*wire == 0 || text[at] != '.')
			return false;
	}
}

/* What the index knows of one suffix of the query. */
struct node {
	bool more; /* something may be listed below */
	bool rule; /* a rule has this very name; class tells which */
	uint32_t class;
};

static bool entry_matches(const struct table *t, const struct entry *entry, const uint8_t *wire)
{
	uint8_t text[SYMBOL_TEXT_ROOM];
	int length = symbols_decode(&t->symbols, entry->code, entry->code_length, text);
	return length > 0 && entry->class < t->policy.class_count && text_equals_name(text, (size_t)length, wire);
}

/* Looks at the tags of a line that has at least one with this check value. */
static void line_search(const struct table *t, uint32_t number, uint16_t check, const uint8_t *wire, struct node *node)
{
	const struct weir_line *line = &t->lines[number];
	const uint8_t *at = t->names + line->names, *end = t->names + t->lines[number + 1].names;
	for (unsigned i = 0; i < WEIR_LINE_TAGS && line->tag[i] != 0; i++) {
		uint16_t tag = line->tag[i];
		struct entry entry;
		if (tag & WEIR_TAG_RULE) {
			at = entry_read(&entry, at, end);
			if (!at)
				return; /* a damaged line matches nothing more */
		}
		if ((tag & WEIR_TAG_CHECK) != check)
			continue;
		node->more |= (tag & WEIR_TAG_MORE) != 0;
		if ((tag & WEIR_TAG_RULE) && !node->rule && entry_matches(t, &entry, wire)) {
			node->rule = true;
			node->class = entry.class;
		}
	}
}

static inline struct node probe(const struct table *t, uint64_t key, const uint8_t *wire)
{
	struct node node = {0};
	uint32_t home = key_home(key, t->homes);
	uint16_t check = key_check(key);
	uint32_t last = home + t->lines[home].reach;
	for (uint32_t number = home; number <= last; number++)
		if (unlikely(line_has(&t->lines[number], check)))
			line_search(t, number, check, wire, &node);
	return node;
}

bool table_lookup(const struct table *table, const uint8_t *qname, size_t length, struct match *match)
{
	*match = (struct match){0};
	struct name_labels labels;
	if (name_split(qname, length, &labels) != 0 || labels.count < 2)
		return false;
	name_storage wire;
	name_lower(wire, qname, length);
	for (unsigned first = labels.count - 1u; first-- > 0;) {
		uint8_t offset = labels.offset[first];
		struct node node = probe(table, name_key(wire + offset, length - offset, table->key), wire + offset);
		if (node.rule) {
			struct class class = table->policy.classes[node.class];
			if (first == 0 && class.exact)
				*match = (struct match){class.exact, SCOPE_EXACT, offset};
			else if (class.subtree)
				*match = (struct match){class.subtree, SCOPE_SUBTREE, offset};
		}
		if (!node.more)
			break;
	}
	return match->verdict != 0;
}

/* ---- open ---- */

static int read_range(int fd, uint64_t from, uint8_t *to, size_t length, struct why *why)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = pread(fd, to + done, length - done, (off_t)(from + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_set(why, -errno, "cannot read: %s", error_text(-errno));
		if (n == 0)
			return why_set(why, WEIR_EFORMAT, "file ends at octet %llu", (unsigned long long)(from + done));
		done += (size_t)n;
	}
	return 0;
}

/* Reads and checks the header and the file's size against each other. */
static int open_header(struct table *t, int fd, struct why *why)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return why_set(why, -errno, "cannot stat: %s", error_text(-errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, WEIR_EFORMAT, "not a regular file");
	if (st.st_size < WEIR_HEADER)
		return why_set(why, WEIR_EFORMAT, "file of %lld octets is no table", (long long)st.st_size);
	uint8_t raw[WEIR_HEADER];
	int status = read_range(fd, 0, raw, sizeof raw, why);
	if (status == 0)
		status = header_decode(&t->header, raw, why);
	if (status != 0)
		return status;
	const struct weir_header *h = &t->header;
	t->file_length = header_file_length(h);
	if (t->file_length == 0 || (WEIR_HEADER + h->policy_length + h->symbols_length) % WEIR_LINE != 0)
		return why_set(why, WEIR_EFORMAT, "header: impossible lengths");
	if (t->file_length != (uint64_t)st.st_size)
		return why_set(why, WEIR_EFORMAT, "header: file should have %llu octets, has %lld",
			(unsigned long long)t->file_length, (long long)st.st_size);
	if (h->homes < 1 || h->lines < h->homes || h->lines - h->homes > WEIR_MAX_REACH)
		return why_set(why, WEIR_EFORMAT, "header: %u lines for %u homes", h->lines, h->homes);
	return 0;
}

/* Reads the body into memory of its own. Between index and names lies one line more than in the file: it will say where
 * the last line's names end. Huge pages where the system gives them: a random line should not cost a page walk. */
static int open_body(struct table *t, int fd, struct why *why)
{
	size_t index_end = (size_t)(t->file_length - t->header.names_length);
	t->mapped = (size_t)t->file_length + WEIR_LINE;
	t->memory = mmap(NULL, t->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED) {
		t->memory = NULL;
		return why_set(why, -ENOMEM, "no memory for %zu octets", t->mapped);
	}
	madvise(t->memory, t->mapped, MADV_HUGEPAGE);
	int status = read_range(fd, 0, t->memory, index_end, why);
	if (status == 0)
		status = read_range(
			fd, index_end, t->memory + index_end + WEIR_LINE, (size_t)t->header.names_length, why);
	return status;
}

static int check_sum(const uint8_t *data, uint64_t length, uint64_t sum, const char *part, struct why *why)
{
	return checksum(data, length) == sum ? 0 : why_set(why, WEIR_EFORMAT, "%s: checksum mismatch", part);
}

/* Checks one line, turns it into its form in memory, and counts. `names` is where its names begin. */
static int prepare_line(struct weir_line *line, uint32_t names, uint64_t *rules, uint64_t *marks)
{
	uint8_t raw[WEIR_LINE];
	memcpy(raw, line, sizeof raw);
	unsigned used = 0;
	for (unsigned i = 0; i < WEIR_LINE_TAGS; i++) {
		uint16_t tag = get_u16(raw + 6 + 2 * i);
		line->tag[i] = tag;
		if (tag == 0)
			continue;
		if (used != i || (tag & WEIR_TAG_CHECK) == 0 || (tag & (WEIR_TAG_RULE | WEIR_TAG_MORE)) == 0)
			return -1;
		used++;
		*(tag & WEIR_TAG_RULE ? rules : marks) += 1;
	}
	line->reach = get_u16(raw + 4);
	line->names = names;
	return 0;
}

static int prepare_index(struct table *t, struct weir_line *lines, struct why *why)
{
	const struct weir_header *h = &t->header;
	uint64_t rules = 0, marks = 0, names = 0;
	for (uint32_t i = 0; i < h->lines; i++) {
		uint32_t length = get_u32((const uint8_t *)&lines[i]);
		if (length > h->names_length - names)
			return why_set(why, WEIR_EFORMAT, "index line %u: names exceed the file", i);
		if (prepare_line(&lines[i], (uint32_t)names, &rules, &marks) != 0)
			return why_set(why, WEIR_EFORMAT, "index line %u: malformed tag", i);
		if (lines[i].reach > WEIR_MAX_REACH || lines[i].reach >= h->lines - i)
			return why_set(why, WEIR_EFORMAT, "index line %u: reach of %u", i, lines[i].reach);
		names += length;
	}
	memset(&lines[h->lines], 0, WEIR_LINE);
	lines[h->lines].names = (uint32_t)names;
	if (names != h->names_length)
		return why_set(why, WEIR_EFORMAT, "index: %llu octets of names, the file has %llu",
			(unsigned long long)names, (unsigned long long)h->names_length);
	if (rules != h->rules || marks != h->marks)
		return why_set(why, WEIR_EFORMAT, "index: %llu rules and %llu marks, the header says %llu and %llu",
			(unsigned long long)rules, (unsigned long long)marks, (unsigned long long)h->rules,
			(unsigned long long)h->marks);
	return 0;
}

static int open_parts(struct table *t, struct why *why)
{
	const struct weir_header *h = &t->header;
	uint8_t *policy = t->memory + WEIR_HEADER, *symbols = policy + h->policy_length;
	uint8_t *index = symbols + h->symbols_length, *names = index + ((size_t)h->lines + 1) * WEIR_LINE;
	int status = check_sum(policy, h->policy_length, h->policy_sum, "policy", why);
	if (status == 0)
		status = check_sum(symbols, h->symbols_length, h->symbols_sum, "symbols", why);
	if (status == 0)
		status = check_sum(index, (uint64_t)h->lines * WEIR_LINE, h->index_sum, "index", why);
	if (status == 0)
		status = check_sum(names, h->names_length, h->names_sum, "names", why);
	if (status == 0)
		status = policy_decode(&t->policy, policy, (size_t)h->policy_length, why);
	if (status == 0)
		status = symbols_read(&t->symbols, symbols, (size_t)h->symbols_length, why);
	if (status == 0)
		status = prepare_index(t, (struct weir_line *)index, why);
	t->lines = (const struct weir_line *)index;
	t->names = names;
	t->key = h->key;
	t->homes = h->homes;
	return status;
}

int table_open_fd(struct table **table, int fd, struct why *why)
{
	struct table *t = calloc(1, sizeof *t);
	if (!t)
		return why_set(why, -ENOMEM, "out of memory");
	int status = open_header(t, fd, why);
	if (status == 0)
		status = open_body(t, fd, why);
	if (status == 0)
		status = open_parts(t, why);
	if (status != 0) {
		table_close(&t);
		return status;
	}
	mprotect(t->memory, t->mapped, PROT_READ);
	*table = t;
	return 0;
}

int table_open(struct table **table, const char *path, struct why *why)
{
	/* O_NONBLOCK: opening a FIFO must not wait for a writer; it is refused as no regular file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return why_set(why, -errno, "cannot open: %s", error_text(-errno));
	int status = table_open_fd(table, fd, why);
	close(fd);
	return status;
}

void table_close(struct table **table)
{
	struct table *t = *table;
	*table = NULL;
	if (!t)
		return;
	if (t->memory)
		munmap(t->memory, t->mapped);
	policy_free(&t->policy);
	free(t);
}

/* ---- the rest ---- */

const struct weir_header *table_header(const struct table *table)
{
	return &table->header;
}

const struct policy *table_policy(const struct table *table)
{
	return &table->policy;
}

const struct symbols *table_symbols(const struct table *table)
{
	return &table->symbols;
}

uint64_t table_bytes(const struct table *table)
{
	return table->file_length;
}

/* Visits the rules of one line. */
static int each_in_line(const struct table *t, uint32_t number, int (*visit)(void *, const struct table_rule *),
	void *context, struct why *why)
{
	const struct weir_line *line = &t->lines[number];
	const uint8_t *at = t->names + line->names, *end = t->names + t->lines[number + 1].names;
	struct table_rule rule = {.line = number};
	for (unsigned i = 0; i < WEIR_LINE_TAGS && line->tag[i] != 0; i++) {
		if ((line->tag[i] & WEIR_TAG_RULE) == 0)
			continue;
		struct entry entry;
		uint8_t text[SYMBOL_TEXT_ROOM];
		at = entry_read(&entry, at, end);
		int length = at ? symbols_decode(&t->symbols, entry.code, entry.code_length, text) : -1;
		if (length <= 0 || entry.class >= t->policy.class_count)
			return why_set(why, WEIR_EFORMAT, "index line %u: entry %u is malformed", number, i);
		memcpy(rule.text, text, (size_t)length);
		rule.text[length] = '\0';
		rule.length = (size_t)length;
		rule.class = entry.class;
		rule.tag = line->tag[i];
		int status = visit(context, &rule);
		if (status != 0)
			return status;
	}
	if (at != end)
		return why_set(why, WEIR_EFORMAT, "index line %u: octets behind its last entry", number);
	return 0;
}

int table_each(const struct table *table, int (*visit)(void *context, const struct table_rule *rule), void *context,
	struct why *why)
{
	int status = 0;
	for (uint32_t i = 0; status == 0 && i < table->header.lines; i++)
		status = each_in_line(table, i, visit, context, why);
	return status;
}

bool table_has_node(const struct table *table, uint64_t key, bool *more)
{
	uint32_t home = key_home(key, table->homes);
	bool found = false;
	*more = false;
	for (uint32_t number = home; number <= home + table->lines[home].reach; number++) {
		const uint16_t *tag = table->lines[number].tag;
		for (unsigned i = 0; i < WEIR_LINE_TAGS && tag[i] != 0; i++) {
			if ((tag[i] & WEIR_TAG_CHECK) == key_check(key)) {
				found = true;
				*more |= (tag[i] & WEIR_TAG_MORE) != 0;
			}
		}
	}
	return found;
}
