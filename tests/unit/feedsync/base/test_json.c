/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/json.h"

static void lenient_values(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool truth, numeric;
		uint64_t number;
	} cases[] = {
		{"true", true, false, 0},
		{"false", false, false, 0},
		{"null", false, false, 0},
		{"1", true, true, 1},
		{"0", false, true, 0},
		{"-1", true, false, 0},
		{"\"1\"", true, true, 1},
		{"\"0\"", false, true, 0},
		{"\"true\"", true, false, 0},
		{"\"\"", false, false, 0},
		{"\"12x\"", false, false, 0},
		{"1.5", true, false, 0},
		{"\"9999999999999999999\"", false, false, 0},
		{"\"1773838800\"", false, true, 1773838800},
		{"9007199254740992", true, true, UINT64_C(1) << 53},
		{"99999999999999999999999999", true, false, 0}, /* no reason to refuse the document */
		{"[]", false, false, 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[64];
		struct why why;
		snprintf(text, sizeof text, "{\"x\":%s}", cases[i].text);
		struct node *node = json_parse(text, strlen(text), &why);
		const struct node *x = node_get(node, "x");
		uint64_t number = 0;
		assert_int_equal(node_truth(x), cases[i].truth);
		assert_int_equal(node_number(x, &number), cases[i].numeric);
		assert_int_equal(number, cases[i].number);
		node_free(node);
	}
	uint64_t number;
	assert_false(node_truth(NULL));
	assert_false(node_number(NULL, &number));
	assert_null(node_get(NULL, "x"));
	assert_null(node_at(NULL, 0));
	assert_null(node_text(NULL, NULL));
	assert_int_equal(node_count(NULL), 0);
}

static void refused(void **state)
{
	(void)state;
	char deep[5000];
	memset(deep, '[', sizeof deep);
	const struct {
		const char *text;
		size_t length;
	} cases[] = {{"", 0}, {"{", 1}, {"{\"a\":1,\"a\":2}", 13}, {"[1] x", 5}, {"\"\xff\"", 3}, {"123", 4},
		{deep, sizeof deep}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why;
		uint8_t *edge = edge_copy(cases[i].text, cases[i].length);
		assert_null(json_parse((char *)edge, cases[i].length, &why));
		assert_non_null(strstr(why.text, "line "));
		edge_free(edge, cases[i].length);
	}
}

/* Thirty megabytes that would become more than a gigabyte. */
static void too_large_for_memory(void **state)
{
	(void)state;
	enum { ITEMS = 12000000 };
	char *text = malloc(ITEMS * 3 + 2);
	struct why why;
	assert_non_null(text);
	text[0] = '[';
	for (size_t i = 0; i < ITEMS; i++)
		memcpy(text + 1 + i * 3, i + 1 < ITEMS ? "[]," : "[]]", 3);
	assert_null(json_parse(text, ITEMS * 3 + 1, &why));
	assert_non_null(strstr(why.text, "memory"));
	free(text);
	struct node *node = json_parse("[1]", 3, &why);
	assert_int_equal(node_count(node), 1);
	node_free(node);
}

static void files(void **state)
{
	(void)state;
	char path[] = "/tmp/weir-unit-XXXXXX";
	int fd = mkstemp(path);
	struct why why;
	assert_int_equal(write(fd, "\xef\xbb\xbf[1]", 6), 6);
	struct node *node;
	assert_int_equal(json_load(&node, path, 6, &why), 0);
	assert_int_equal(node_count(node), 1);
	node_free(node);
	assert_int_equal(json_load(&node, path, 5, &why), -EFBIG);
	assert_null(node);
	assert_int_equal(json_load(&node, "/tmp", 100, &why), -EBADMSG);
	assert_int_equal(json_load(&node, "/nonexistent", 100, &why), -ENOENT);
	assert_int_equal(pwrite(fd, "{", 1, 3), 1);
	assert_int_equal(json_load(&node, path, 100, &why), -EBADMSG);
	close(fd);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(json_load(&node, path, 100, &why), -EBADMSG);
	assert_string_equal(why.text, "not a regular file");
	unlink(path);
}

static void printed(void **state)
{
	(void)state;
	struct node *root = node_object(), *list = node_array();
	node_put(root, "text", node_from_text("a\xff"));
	node_put(root, "nothing", node_from_text(NULL));
	node_put(root, "number", node_from_number(7));
	node_put(root, "yes", node_from_bool(true));
	node_append(list, node_from_number(1));
	node_put(root, "list", list);
	char *text = json_print(root);
	assert_string_equal(text, "{\n  \"text\": \"a?\",\n  \"nothing\": null,\n  \"number\": 7,\n  \"yes\": true,\n"
				  "  \"list\": [\n    1\n  ]\n}\n");
	free(text);
	node_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lenient_values),
		cmocka_unit_test(refused),
		cmocka_unit_test(too_large_for_memory),
		cmocka_unit_test(files),
		cmocka_unit_test(printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
