/* SPDX-License-Identifier: BSD-3-Clause */
#include "names.h"

#include <stdio.h>
#include <string.h>

/* Of each kind there are so many names. Every other question is for one of the few that everybody asks for. */
enum { NUMBERS = 240, HOT_NUMBERS = 8 };

/* When tables list a name, or the name that it leads to. */
enum listed {
	NEVER,
	ALWAYS,
	TURNS,       /* some generations do */
	TURNS_BELOW, /* so do they, but what is below a name of an odd number is never meant */
};

/* A kind of name: `letter`, its number, "race". What it leads to has the same number. */
struct kind {
	char letter;
	bool unique;  /* something below the name, made by a wildcard */
	bool service; /* it is asked for HTTPS, which names `end`; else for addresses */
	char end;     /* the letter of the name that the chain of aliases ends at, or that the service names */
	uint8_t aliases;
	uint8_t weight; /* how often it is asked for */
	enum listed listed;
};

static const struct kind kinds[] = {
	{'l', false, false, 'l', 0, 10, ALWAYS},
	{'l', true, false, 'l', 0, 4, ALWAYS},
	{'n', false, false, 'n', 0, 13, NEVER},
	{'n', true, false, 'n', 0, 3, NEVER},
	{'t', false, false, 't', 0, 20, TURNS},
	{'t', true, false, 't', 0, 3, TURNS_BELOW},
	{'c', false, false, 't', 1, 12, TURNS},
	{'e', false, false, 't', 2, 6, TURNS},
	{'w', true, false, 't', 1, 2, TURNS},
	{'k', false, false, 'l', 1, 2, ALWAYS},
	{'m', false, false, 'n', 1, 4, NEVER},
	/* Listed in the middle: both ends of the chain may be, rightly, in the cache. */
	{'y', false, false, 'n', 2, 8, TURNS},
	{'z', false, false, 'n', 1, 2, TURNS},
	{'h', false, true, 't', 0, 6, TURNS},
	{'s', false, true, 't', 1, 3, TURNS},
	{'g', false, true, 'n', 0, 2, NEVER},
};
enum { KINDS = sizeof kinds / sizeof *kinds, ALL_WEIGHTS = 100, LOCAL_KINDS = 2 };

/* Names change sides every 1, 2, 4 or 8 generations: of those that stay, a stale answer shows for longer. */
static bool turns(unsigned number, uint64_t generation)
{
	return generation >> (number / 2 % 4) & 1;
}

static bool whole_subtree(unsigned number)
{
	return number % 2 == 0;
}

void names_print_list(uint64_t generation)
{
	for (unsigned i = 0; i < NUMBERS; i++) {
		printf("*.l%u.race\n", i);
		if (turns(i, generation))
			printf("%st%u.race\nz%u.race\n", whole_subtree(i) ? "*." : "", i, i);
	}
}

void names_print_zone(void)
{
	puts("probe.example. A 192.0.2.1");
	for (unsigned i = 0; i < NUMBERS; i++) {
		/* Short lives, so that there is something to refresh early and to serve stale. */
		unsigned ttl = i % 3 == 0 ? 2 : 3600;
		for (const char *letter = "lnt"; *letter; letter++)
			for (unsigned below = 0; below < 2; below++)
				printf("%s%c%u.race. %u A 10.%d.%u.%u\n%s%c%u.race. %u AAAA 2001:db8::%x:%x\n",
					below ? "*." : "", *letter, i, ttl, *letter, i >> 8, i & 255, below ? "*." : "",
					*letter, i, ttl, *letter, i);
		printf("c%u.race. %u CNAME t%u.race.\ne%u.race. %u CNAME c%u.race.\n", i, ttl, i, i, ttl, i);
		printf("k%u.race. %u CNAME l%u.race.\nm%u.race. %u CNAME n%u.race.\n", i, ttl, i, i, ttl, i);
		printf("y%u.race. %u CNAME z%u.race.\nz%u.race. %u CNAME n%u.race.\n", i, ttl, i, i, ttl, i);
		printf("*.w%u.race. %u CNAME t%u.race.\n", i, ttl, i);
		printf("h%u.race. %u HTTPS 1 t%u.race.\ns%u.race. %u CNAME h%u.race.\n", i, ttl, i, i, ttl, i);
		printf("g%u.race. %u HTTPS 1 n%u.race.\n", i, ttl, i);
	}
}

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016). */
static uint32_t next(uint64_t *random)
{
	*random ^= *random >> 12;
	*random ^= *random << 25;
	*random ^= *random >> 27;
	return (uint32_t)(*random * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

struct question names_pick(uint64_t *random, bool local)
{
	unsigned kind = next(random) % LOCAL_KINDS;
	if (!local) {
		unsigned weight = next(random) % ALL_WEIGHTS;
		for (kind = 0; kind < KINDS - 1 && weight >= kinds[kind].weight; kind++)
			weight -= kinds[kind].weight;
	}
	uint32_t coins = next(random);
	return (struct question){
		.kind = kind,
		.number = next(random) % (coins / 64 % 2 == 0 ? HOT_NUMBERS : NUMBERS),
		.unique = kinds[kind].unique ? next(random) | 1 : 0,
		.type = kinds[kind].service ? TYPE_HTTPS
			: coins % 4 == 0    ? TYPE_AAAA
					    : TYPE_A,
		.cd = coins / 4 % 8 == 0,
		.edns = coins / 32 % 2 == 0,
	};
}

bool names_local(const struct question *question)
{
	return question->kind < LOCAL_KINDS;
}

bool names_blocked(const struct question *question, uint64_t generation)
{
	switch (kinds[question->kind].listed) {
	case ALWAYS: return true;
	case TURNS: return turns(question->number, generation);
	case TURNS_BELOW: return whole_subtree(question->number) && turns(question->number, generation);
	case NEVER: break;
	}
	return false;
}

static size_t write_label(uint8_t *to, const char *text)
{
	size_t length = strlen(text);
	*to = (uint8_t)length;
	memcpy(to + 1, text, length);
	return length + 1;
}

static size_t write_name(uint8_t *to, uint32_t unique, char letter, unsigned number)
{
	char label[32];
	size_t length = 0;
	if (unique) {
		snprintf(label, sizeof label, "u%x", unique);
		length += write_label(to, label);
	}
	snprintf(label, sizeof label, "%c%u", letter, number);
	length += write_label(to + length, label);
	length += write_label(to + length, "race");
	to[length++] = 0;
	return length;
}

static size_t write_number(uint8_t *to, unsigned number)
{
	to[0] = (uint8_t)(number >> 8);
	to[1] = (uint8_t)number;
	return 2;
}

size_t names_write(const struct question *question, uint16_t id, uint8_t packet[QUESTION_ROOM], size_t *question_end)
{
	static const uint8_t opt[] = {0, 0, TYPE_OPT, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0};
	const unsigned recursion_desired = 0x100, checking_disabled = 0x10;
	size_t at = write_number(packet, id);
	at += write_number(packet + at, recursion_desired | (question->cd ? checking_disabled : 0));
	at += write_number(packet + at, 1);
	at += write_number(packet + at, 0);
	at += write_number(packet + at, 0);
	at += write_number(packet + at, question->edns);
	at += write_name(packet + at, question->unique, kinds[question->kind].letter, question->number);
	at += write_number(packet + at, question->type);
	at += write_number(packet + at, 1);
	*question_end = at;
	if (question->edns) {
		memcpy(packet + at, opt, sizeof opt);
		at += sizeof opt;
	}
	return at;
}

/* ---- responses ---- */

static unsigned number_at(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* Passes over a name, which may end in a pointer. Returns where it ends, 0 = beyond the packet. */
static size_t skip_name(const uint8_t *packet, size_t length, size_t at)
{
	while (at < length && packet[at] != 0) {
		if (packet[at] >= 0xc0)
			return at + 2;
		at += packet[at] + 1u;
	}
	return at < length ? at + 1 : 0;
}

struct record {
	unsigned type;
	const uint8_t *data;
	size_t length;
};

/* Returns where the record ends, 0 = beyond the packet. */
static size_t read_record(const uint8_t *packet, size_t length, size_t at, struct record *record)
{
	at = skip_name(packet, length, at);
	if (at == 0 || at + 10 > length)
		return 0;
	*record = (struct record){number_at(packet + at), packet + at + 10, number_at(packet + at + 8)};
	at += 10 + record->length;
	return at <= length ? at : 0;
}

/* Whether the record is the one that the authoritative server has at the end of the chain. */
static bool is_right(const struct question *question, const struct record *record)
{
	const struct kind *kind = &kinds[question->kind];
	uint8_t want[QUESTION_ROOM] = {0};
	size_t length = 0;
	if (question->type == TYPE_HTTPS) {
		length += write_number(want, 1);
		length += write_name(want + length, 0, kind->end, question->number);
	} else if (question->type == TYPE_A) {
		const uint8_t address[] = {
			10, (uint8_t)kind->end, (uint8_t)(question->number >> 8), (uint8_t)question->number};
		memcpy(want, address, length = sizeof address);
	} else {
		const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8};
		memcpy(want, prefix, sizeof prefix);
		write_number(want + 12, (unsigned char)kind->end);
		write_number(want + 14, question->number);
		length = 16;
	}
	return record->type == question->type && record->length == length && memcmp(record->data, want, length) == 0;
}

static enum reading read_blocked(const uint8_t *packet, size_t length, size_t at, uint32_t *serial)
{
	static const uint8_t mark[] = "\006nobody\007invalid";
	struct record record;
	if (read_record(packet, length, at, &record) == 0 || record.type != TYPE_SOA ||
		record.length < sizeof mark + 20 || !memmem(record.data, record.length, mark, sizeof mark))
		return READ_OTHER;
	const uint8_t *numbers = record.data + record.length - 20;
	*serial = (uint32_t)number_at(numbers) << 16 | number_at(numbers + 2);
	return READ_BLOCKED;
}

enum reading names_read(const struct question *question, const uint8_t *packet, size_t length, uint32_t *serial)
{
	enum { HEADER = 12, NOERROR = 0, NXDOMAIN = 3 };
	size_t at = length > HEADER ? skip_name(packet, length, HEADER) : 0;
	if (at == 0 || number_at(packet + 4) != 1)
		return READ_OTHER;
	at += 4;
	unsigned rcode = packet[3] & 15, answers = number_at(packet + 6);
	bool truncated = packet[2] & 2;
	if (rcode == NXDOMAIN && answers == 0 && !truncated)
		return read_blocked(packet, length, at, serial);
	unsigned aliases = kinds[question->kind].aliases;
	if (rcode != NOERROR || truncated || answers != aliases + 1)
		return READ_OTHER;
	struct record record = {0};
	for (unsigned i = 0; i < answers; i++) {
		at = read_record(packet, length, at, &record);
		if (at == 0 || (i < aliases && record.type != TYPE_CNAME))
			return READ_OTHER;
	}
	return is_right(question, &record) ? READ_PASSED : READ_OTHER;
}

void names_text(const struct question *question, char text[QUESTION_ROOM])
{
	char label[16] = "";
	if (question->unique)
		snprintf(label, sizeof label, "u%x.", question->unique);
	snprintf(text, QUESTION_ROOM, "%s%c%u.race %s%s", label, kinds[question->kind].letter, question->number,
		question->type == TYPE_A      ? "A"
		: question->type == TYPE_AAAA ? "AAAA"
					      : "HTTPS",
		question->cd ? " cd" : "");
}
