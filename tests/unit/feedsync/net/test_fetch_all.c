/* SPDX-License-Identifier: BSD-3-Clause */
/* Downloads from a server on loopback: what comes of each answer, which redirects and addresses are followed, who is shown
 * the secret, and the class that each error has. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/net/server_trust.h"

/* ---- the server ---- */

/* It listens at two ports: two servers, for all that a client can tell. */
static unsigned ports[2];
static pid_t server;

static const struct {
	const char *path, *answer;
} answers[] = {
	{"/ok", "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\nnames"},
	{"/open", "HTTP/1.1 200 OK\r\n\r\nnames"},
	{"/short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nnames"},
	{"/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnames\r\n"},
	{"/long", "HTTP/1.1 200 OK\r\n\r\nfar more than twenty octets"},
	{"/told-long", "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nfar more than twenty "},
	{"/same", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"},
	{"/rest", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/5\r\nContent-Length: 3\r\n\r\nmes"},
	{"/stray", "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-4/5\r\nContent-Length: 4\r\n\r\names"},
	{"/untold", "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nmes"},
	{"/no-rest", "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n"},
	{"/missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"},
	{"/missing-with-page", "HTTP/1.1 404 Not Found\r\n\r\nfar more than twenty octets"},
	{"/missing-told-long", "HTTP/1.1 410 Gone\r\nContent-Length: 27\r\n\r\nfar more than twenty octets"},
	{"/busy-with-page",
		"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 27\r\n\r\nfar more than twenty octets"},
	{"/closed-with-page", "HTTP/1.1 403 Forbidden\r\n\r\nfar more than twenty octets"},
	{"/closed", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"},
	{"/busy", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"},
	{"/busy-for-long", "HTTP/1.1 429 Too Many\r\nX-Rate-Limit-Reset: 99999999\r\nContent-Length: 0\r\n\r\n"},
	{"/teapot", "HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n"},
	{"/no-http", "what?\r\n"},
	{"/nothing", ""},
	{"/to-ok", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n"},
	{"/to-itself", "HTTP/1.1 302 Found\r\nLocation: /to-itself\r\nContent-Length: 0\r\n\r\n"},
	{"/to-file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"},
	{"/to-foo", "HTTP/1.1 302 Found\r\nLocation: foo:///x\r\nContent-Length: 0\r\n\r\n"},
};

static int listen_at(unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 16) != 0 ||
		getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

/* Answers one request. /secret answers with the Authorization header that came, /to-other leads to that of the other port. */
static void serve(int fd)
{
	char request[8192] = "", path[64] = "", answer[512] = "", secret[64] = "";
	for (size_t used = 0; used < sizeof request - 1 && !strstr(request, "\r\n\r\n");) {
		ssize_t n = read(fd, request + used, sizeof request - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
		if (request[0] != 'G')
			break; /* TLS */
	}
	sscanf(request, "GET %63s", path);
	const char *header = strstr(request, "Authorization: ");
	if (header)
		sscanf(header, "Authorization: %63[^\r]", secret);
	if (strcmp(path, "/secret") == 0)
		snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(secret),
			secret);
	if (strcmp(path, "/to-other") == 0)
		snprintf(answer, sizeof answer,
			"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/secret\r\nContent-Length: 0\r\n\r\n",
			ports[1]);
	for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++)
		if (strcmp(path, answers[i].path) == 0)
			snprintf(answer, sizeof answer, "%s", answers[i].answer);
	if (write(fd, answer, strlen(answer)) < 0)
		perror("write");
	close(fd);
}

static int server_begin(void **state)
{
	(void)state;
	int fd[2] = {listen_at(&ports[0]), listen_at(&ports[1])};
	if (fd[0] < 0 || fd[1] < 0)
		return -1;
	fflush(NULL);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			struct pollfd ready[2] = {{fd[0], POLLIN, 0}, {fd[1], POLLIN, 0}};
			poll(ready, 2, -1);
			for (unsigned i = 0; i < 2; i++)
				if (ready[i].revents & POLLIN)
					serve(accept(fd[i], NULL, NULL));
		}
	}
	close(fd[0]);
	close(fd[1]);
	/* The proxies of who runs the tests are not asked. */
	static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
	for (unsigned i = 0; i < sizeof proxies / sizeof *proxies; i++)
		unsetenv(proxies[i]);
	fetch_init();
	return server > 0 ? 0 : -1;
}

static int server_end(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	return waitpid(server, NULL, 0) == server ? 0 : -1;
}

/* ---- fetching ---- */

/* The whole URL of "/path" or "scheme:/path" on the first server; of what is a URL already, that. */
static void url_of(char url[URL_MAX + 1], const char *path)
{
	size_t scheme = strcspn(path, ":/");
	if (strstr(path, "://"))
		snprintf(url, URL_MAX + 1, "%s", path);
	else if (scheme > 0)
		snprintf(url, URL_MAX + 1, "%.*s://127.0.0.1:%u%s", (int)scheme, path, ports[0], path + scheme + 1);
	else
		snprintf(url, URL_MAX + 1, "http://127.0.0.1:%u%s", ports[0], path);
}

static void fetch_one(struct fetch *fetch, const char *path, const struct trust *trust)
{
	url_of(fetch->url, path);
	snprintf(fetch->path, sizeof fetch->path, "%s/document", test_directory);
	fetch->trust = trust;
	fetch_all(fetch, 1, fetch_deadline());
	bool there = access(fetch->path, F_OK) == 0;
	if (there != (fetch->status == FETCH_OK))
		fail_msg("%s: status %d, file %s", path, fetch->status, there ? "is there" : "is not there");
}

static const char *content(const struct fetch *fetch, char text[64])
{
	FILE *in = fopen(fetch->path, "re");
	assert_non_null(in);
	text[fread(text, 1, 63, in)] = '\0';
	fclose(in);
	return text;
}

static void each_answer(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum fetch_status status;
		enum error_class class;
		const char *error; /* part of it */
	} cases[] = {
		{"/ok", FETCH_OK, ERROR_NONE, ""},
		{"/open", FETCH_OK, ERROR_NONE, ""},
		{"/to-ok", FETCH_OK, ERROR_NONE, ""},
		{"/same", FETCH_FAILED, ERROR_HTTP, "HTTP 304"}, /* nothing was asked about a version */
		{"/missing", FETCH_MISSING, ERROR_HTTP, "no such document (HTTP 404)"},
		{"/closed", FETCH_FAILED, ERROR_AUTH, "it wants a key, token or password"},
		{"/busy", FETCH_FAILED, ERROR_HTTP, "asks to be left alone for 120 s"},
		{"/busy-for-long", FETCH_FAILED, ERROR_HTTP, "asks to be left alone for 86400 s"},
		{"/teapot", FETCH_FAILED, ERROR_HTTP, "HTTP 418"},
		{"/no-http", FETCH_FAILED, ERROR_HTTP, ""},
		{"/nothing", FETCH_FAILED, ERROR_NET, ""},
		{"/short", FETCH_FAILED, ERROR_NET, ""},
		{"/chunk", FETCH_FAILED, ERROR_NET, ""},
		{"/long", FETCH_FAILED, ERROR_FORMAT, "more than 20 octets"},
		{"/told-long", FETCH_FAILED, ERROR_FORMAT, "more than 20 octets"},
		/* A page in the document's place may be longer than the document. */
		{"/missing-with-page", FETCH_MISSING, ERROR_HTTP, "no such document (HTTP 404)"},
		{"/missing-told-long", FETCH_MISSING, ERROR_HTTP, "no such document (HTTP 410)"},
		{"/busy-with-page", FETCH_FAILED, ERROR_HTTP, "asks to be left alone for 120 s"},
		{"/closed-with-page", FETCH_FAILED, ERROR_AUTH, "it wants a key, token or password"},
		{"/to-itself", FETCH_FAILED, ERROR_HTTP, "redirects more than 3 times"},
		{"/to-file", FETCH_FAILED, ERROR_HTTP, "file:///etc/passwd, which is no https:// or http:// URL"},
		{"/to-foo", FETCH_FAILED, ERROR_HTTP, "which is no https:// or http:// URL"},
		{"/to-other", FETCH_FAILED, ERROR_NET, "leads to 127.0.0.1, which is loopback: refused"},
		{"https:/ok", FETCH_FAILED, ERROR_TLS, ""},
		{"http://127.0.0.1:1/", FETCH_FAILED, ERROR_NET, ""},
		{"ftp:/ok", FETCH_FAILED, ERROR_HTTP, "not an https:// or http:// URL"},
		{"file:///nowhere/to/be/found", FETCH_MISSING, ERROR_DISK, "/nowhere/to/be/found: no such file"},
		{"file:///dev/null", FETCH_FAILED, ERROR_DISK, "/dev/null: not a regular file"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* The address stands in the feed's URL: so it may be of loopback. */
		char url[URL_MAX + 1];
		url_of(url, cases[i].path);
		const struct trust trust = {.url = url};
		struct fetch fetch = {.most = 20};
		fetch_one(&fetch, cases[i].path, &trust);
		if (fetch.status != cases[i].status || fetch.error_class != cases[i].class ||
			!strstr(fetch.error, cases[i].error))
			fail_msg("%s: %d \"%s\" \"%s\", not %d \"%s\" \"%s\"", cases[i].path, fetch.status,
				error_class_word(fetch.error_class), fetch.error, cases[i].status,
				error_class_word(cases[i].class), cases[i].error);
	}
}

static void document(void **state)
{
	(void)state;
	char text[64];
	const struct trust trust = {.private_addresses = true};
	struct fetch ok = {0}, open = {0}, redirected = {0}, same = {.etag = "W/\"1\""}, other = {.etag = "\"2\""};
	fetch_one(&ok, "/ok", &trust);
	assert_string_equal(content(&ok, text), "names");
	assert_string_equal(ok.new_etag, "\"1\"");
	assert_int_equal(ok.octets, 5);
	assert_false(ok.open_ended);
	assert_string_equal(ok.redirected_to, "");
	fetch_one(&open, "/open", &trust);
	assert_true(open.open_ended);
	fetch_one(&redirected, "/to-ok", &trust);
	assert_string_equal(redirected.redirected_to, "127.0.0.1");
	assert_int_equal(redirected.octets, 5);
	fetch_one(&same, "/same", &trust);
	assert_int_equal(same.status, FETCH_UNCHANGED);
	/* Asked again, without the version that it did not speak of: this server says the same again, then for no reason. */
	fetch_one(&other, "/same", &trust);
	assert_int_equal(other.status, FETCH_FAILED);
	assert_string_equal(other.etag, "");
}

/* The feed's own server is shown the secret; one that it redirects to is not, though only the port differs. */
static void secret(void **state)
{
	(void)state;
	static const struct credentials token = {.kind = ACCESS_TOKEN, .secret = "s3cret"};
	char text[64], url[URL_MAX + 1];
	url_of(url, "/secret");
	const struct trust trust = {.url = url, .private_addresses = true};
	struct fetch own = {.access = &token}, other = {.access = &token}, refused = {.access = &token};
	fetch_one(&own, "/secret", &trust);
	assert_string_equal(content(&own, text), "Bearer s3cret");
	fetch_one(&other, "/to-other", &trust);
	assert_int_equal(other.status, FETCH_OK);
	assert_string_equal(content(&other, text), "");
	fetch_one(&refused, "/closed", &trust);
	assert_non_null(strstr(refused.error, "it does not accept the feed's secret"));
}

/* What came before the connection broke off is gone on with; what cannot be its rest makes no document. */
static void resumes(void **state)
{
	(void)state;
	static const struct {
		const char *path, *before;
		enum fetch_status status;
		const char *after; /* NULL: the file is gone */
	} cases[] = {
		{"/rest", "na", FETCH_OK, "names"},
		{"/ok", "na", FETCH_OK, "names"}, /* a server that sends the whole all the same */
		{"/ok", "", FETCH_OK, "names"},
		{"/ok", "of twenty octets, no part of it", FETCH_OK, "names"},
		{"/short", "", FETCH_FAILED, "names"},
		{"/nothing", "na", FETCH_FAILED, "na"},
		{"/stray", "na", FETCH_FAILED, NULL},
		{"/untold", "na", FETCH_FAILED, NULL},
		{"/no-rest", "na", FETCH_FAILED, NULL},
		{"/rest", "", FETCH_FAILED, NULL}, /* of what was not asked for in part */
		{"/missing", "na", FETCH_MISSING, NULL},
		{"/long", "na", FETCH_FAILED, NULL},
		{"/to-ok", "na", FETCH_FAILED, NULL},
	};
	const struct trust trust = {.private_addresses = true};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fetch fetch = {.resumes = true, .stays = true, .most = 20, .trust = &trust};
		char text[64] = "";
		print_message("%s behind \"%s\"\n", cases[i].path, cases[i].before);
		url_of(fetch.url, cases[i].path);
		snprintf(fetch.path, sizeof fetch.path, "%s", in_directory("part"));
		write_text(fetch.path, cases[i].before);
		fetch_all(&fetch, 1, fetch_deadline());
		assert_int_equal(fetch.status, cases[i].status);
		FILE *in = fopen(fetch.path, "re");
		assert_int_equal(in != NULL, cases[i].after != NULL);
		if (!in)
			continue;
		text[fread(text, 1, sizeof text - 1, in)] = '\0';
		fclose(in);
		assert_string_equal(text, cases[i].after);
	}
}

static void own_side(void **state)
{
	(void)state;
	const struct trust trust = {.private_addresses = true};
	struct fetch fetch = {.trust = &trust};
	url_of(fetch.url, "/ok");
	snprintf(fetch.path, sizeof fetch.path, "%s/nowhere/document", test_directory);
	fetch_all(&fetch, 1, fetch_deadline());
	assert_int_equal(fetch.status, FETCH_FAILED);
	assert_int_equal(fetch.error_class, ERROR_DISK);
	snprintf(fetch.path, sizeof fetch.path, "%s/document", test_directory);
	fetch_all(&fetch, 1, 0);
	assert_int_equal(fetch.status, FETCH_FAILED);
	assert_int_equal(fetch.error_class, ERROR_NET);
}

static bool ask_again(struct fetch *fetch)
{
	unsigned *asked = fetch->owner;
	unlink(fetch->path);
	if (++*asked == 3)
		return fetch_give_up(fetch, FETCH_FAILED, ERROR_FORMAT, "enough");
	return true;
}

/* More than may be under way at once, each of three documents. */
static void many(void **state)
{
	(void)state;
	enum { COUNT = MAX_CONNECTIONS + 5 };
	const struct trust trust = {.private_addresses = true};
	unsigned asked[COUNT] = {0};
	struct fetch *fetches = calloc(COUNT, sizeof *fetches);
	for (unsigned i = 0; i < COUNT; i++) {
		fetches[i] = (struct fetch){.trust = &trust, .more = ask_again, .owner = &asked[i]};
		url_of(fetches[i].url, "/ok");
		snprintf(fetches[i].path, sizeof fetches[i].path, "%s/document-%u", test_directory, i);
	}
	fetch_all(fetches, COUNT, fetch_deadline());
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(asked[i], 3);
		assert_string_equal(fetches[i].error, "enough");
	}
	free(fetches);
}

/* A document without a file: it is bounded all the same, also over connections that stay open. */
static void in_memory(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum fetch_status status;
		const char *said;
	} cases[] = {
		{"/ok", FETCH_OK, "names"},
		{"/open", FETCH_OK, "names"},
		{"/missing", FETCH_MISSING, "gone"},
		{"/long", FETCH_FAILED, NULL},
		{"/told-long", FETCH_FAILED, NULL},
		{"/to-ok", FETCH_FAILED, NULL},
		{"/stray", FETCH_FAILED, NULL},
		{"file:///dev/zero", FETCH_FAILED, NULL},
		{"file:///nowhere", FETCH_MISSING, NULL},
	};
	const struct trust trust = {.private_addresses = true};
	for (unsigned i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		struct fetch fetch = {.trust = &trust, .stays = true, .most = 20};
		unsigned row = i % (sizeof cases / sizeof *cases);
		if (i > row)
			fetch_keep_connections();
		url_of(fetch.url, cases[row].path);
		fetch_all(&fetch, 1, fetch_deadline());
		if (fetch.status != cases[row].status || fetch.said_length > fetch.most)
			fail_msg("%s: %d \"%s\", %zu octets", cases[row].path, fetch.status, fetch.error,
				fetch.said_length);
		if (cases[row].said) {
			assert_int_equal(fetch.said_length, strlen(cases[row].said));
			assert_memory_equal(fetch.said, cases[row].said, fetch.said_length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_answer, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(document, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(secret, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(resumes, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(own_side, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(many, with_directory, without_directory),
		cmocka_unit_test(in_memory),
	};
	return cmocka_run_group_tests(tests, server_begin, server_end);
}
