"""What strangers wrote, on its way to terminals and logs: feeds' texts, servers' answers, and files that another user could have
forged."""
import sqlite3, unicodedata

from feeds import *

# A title, a colour, 8-bit and UTF-8 CSI, another direction of writing, a line of its own, separators, what is not to be seen.
EVIL = "\x1b]0;pwn\x07\x1b[31m\u009b31m\u202eRTL\u2066\r\nfeed good: well, all is fine\n\tx\u2028sep\u2029\u200b\u00ad\ufeff\ue000\u0378"
EVIL_OCTETS = EVIL.encode() + b"\x9b31m\xff\xc3( \xed\xa0\x80"
HARMLESS = "b\u00fccher \u4e2d\u6587 \u20ac \u2013 e\u0301"


class Shown(FeedLab):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())

    def all_said(self, *names):
        """What every command says, on both streams. All of it is fit to be shown."""
        said = b""
        for command in (["sync"], ["status"], ["status", "--json"], ["history"], ["history", "1"], ["history", "--json"],
                        ["check"], ["hits"], *(["why", name] for name in names), ["lookup", self.table, *names],
                        ["dump", self.table], ["rollback", "1"], ["resume"]):
            offline = command[0] in ("lookup", "dump")
            result = subprocess.run([FEEDSYNC, *([] if offline else ["-c", self.config]), *command], capture_output=True, timeout=120)
            for stream in (result.stdout, result.stderr):
                self.assert_clean(stream, command)
                said += stream
            if "--json" in command:
                json.loads(result.stdout)
        return said.decode()

    def assert_clean(self, octets, command):
        for line in octets.decode("utf-8").split("\n"):
            bad = [c for c in line if c != "\t" and unicodedata.category(c)[0] not in "LMNPS" and unicodedata.category(c) != "Zs"]
            self.assertEqual(bad, [], f"{command}: {line!r}")
            self.assertNotRegex(line, "^\t?feed good: well, all is fine", command)

    def test_feeds_and_servers(self):
        e = event(1, {"evil.example": {"category": "Network activity" + EVIL}, f"bad{EVIL}.example": {}},
                  Tag=[{"name": "a" + EVIL}, {"name": HARMLESS}], Orgc={"name": EVIL})
        e["Event"]["info"] = HARMLESS + EVIL
        e["Event"]["Attribute"][0]["uuid"] += EVIL
        location = lambda url: b"HTTP/1.1 302 F\x1b[31m\x9b\r\nLocation: " + url + b"\r\nContent-Length: 0\r\n\r\n"
        self.server.responses |= {
            "/misp/manifest.json": response(manifest_of(e)), f"/misp/{UUID.format(1)}.json": response(e),
            "/to-ftp": location(b"ftp://x\x1b[31m\x9b/\xe2\x80\xae\xc2\x9b"), "/to-host": location(b"http://a\x1b[31m\x9b.example/\xe2\x80\xae?x"),
            "/no-http": b"HTTP/9.9 \x1b[31m\x9bgarbage\xe2\x80\xae\r\n\r\n",
            "/etag": response("fine.example\n", ETag='"\x9b31m\u00e9"'.encode("latin-1").decode("latin-1")),
            "/list": response(b"ok.example\nfoo" + EVIL_OCTETS.replace(b"\n", b"") + b".example\n\x9b31m\n"),
            "/json": response([{"name": "j.example"}, {"name": EVIL}, {EVIL: EVIL}]),
            "/csv": response(f'name,x\nc.example,1\n"{EVIL}",2\n'.encode() + b"\xff\x9b,3\n"),
            "/broken": response('{"a": "' + EVIL + '" "')}
        url = self.server.url
        feeds = [{"name": "m", "url": url + "/misp/", "format": "misp-feed"}, {"name": "l", "url": url + "/list", "format": "domains"},
                 {"name": "e", "url": url + "/etag", "format": "domains"},
                 {"name": "j", "url": url + "/json", "format": "json", "field": "name"},
                 {"name": "c", "url": url + "/csv", "format": "csv", "field": "name"},
                 {"name": "b", "url": url + "/broken", "format": "stix"}]
        feeds += [{"name": name, "url": f"{url}/{name}", "format": "domains"} for name in ("to-ftp", "to-host", "no-http")]
        self.configure(feeds, run="none")
        said = self.all_said("evil.example", "ok.example", "x\x1b[31m\u202e.example", "b\u00fccher.example")
        self.assertIn(HARMLESS, said)
        self.assertIn(r"\x1b]0;pwn\x07\x1b[31m\xc2\x9b31m\xe2\x80\xaeRTL\xe2\x81\xa6\x0d\x0afeed good: well", said)

    def test_configuration(self):
        """What the operator quotes from elsewhere, and what stands in a broken file."""
        feeds = [{"name": "l", "url": "file://" + self.write("list", "one.example\n"), "format": "domains"}]
        quoted = '"\u202edlrow\u2028\\e[31m"'
        self.configure(feeds, run="none", categories=f"\n  - name: c\n    text: {quoted}",
                       allow=f"\n  - name: shop.example\n    reason: {quoted}\n    author: {quoted}")
        self.all_said("one.example", "shop.example")
        for broken in (f"{quoted}: 1\n", f"interval: {quoted}\n", f"feeds:\n  - name: {quoted}\n    url: {quoted}\n    format: {quoted}\n"):
            path = self.write("broken.yaml", broken)
            result = subprocess.run([FEEDSYNC, "-c", path, "check"], capture_output=True)
            self.assert_clean(result.stderr + result.stdout, broken)
            self.assertEqual(result.returncode, 1)

    def test_forged_files(self):
        """Each text in the state directory, as its owner could write it."""
        self.configure(self.local_feeds(l="one.example\nx_y\n"), run="none")
        self.sync(code=0)

        def forge(value):
            if isinstance(value, dict):
                return {key if key in ("url", "format") else key: inner if key in ("url", "format") else forge(inner)
                        for key, inner in value.items()} | {EVIL: EVIL}
            if isinstance(value, list):
                return [forge(inner) for inner in value] + [EVIL]
            return EVIL if isinstance(value, str) else value

        for path in ("state/sync.json", "state/feeds/l/feed.json"):
            with open(self.path(path)) as f:
                known = forge(json.load(f))
            known |= {"error": EVIL, "withheld": EVIL, "signer": EVIL}
            self.write(path, json.dumps(known, ensure_ascii=False))
        self.write("state/hold", json.dumps({"generation": 1, "content_of": 1, "at": 1700000000, "user": EVIL}))
        log = sqlite3.connect(self.path("state/history.sqlite"))
        for table, columns in (("publish", ("cause", "user")), ("feed", ("name", "result")), ("change", ("name", "feed", "category"))):
            for column in columns:
                log.execute(f"UPDATE {table} SET {column} = ?", (EVIL,))
        log.commit()
        log.close()
        for command in (["status"], ["status", "--json"], ["history"], ["history", "1"], ["history", "--json"], ["why", "one.example"]):
            result = subprocess.run([FEEDSYNC, "-c", self.config, *command], capture_output=True, timeout=120)
            self.assert_clean(result.stdout + result.stderr, command)
            self.assertIn(rb"\x1b]0;pwn" if "--json" not in command else b"pwn", result.stdout, command)
        self.all_said("one.example")
        # What is no JSON, or no database, or of no sense at all.
        for path in ("state/sync.json", "state/feeds/l/feed.json", "state/hold", "state/history.sqlite", "state/key", "state/generation"):
            for octets in (EVIL_OCTETS, b'{"' + EVIL_OCTETS, b"[" * 100000, b'{"error": ' * 5000):
                with open(self.path(path), "wb") as f:
                    f.write(octets)
                for command in (["status"], ["history"], ["sync"]):
                    result = subprocess.run([FEEDSYNC, "-c", self.config, *command], capture_output=True, timeout=120)
                    self.assert_clean(result.stdout + result.stderr, command)
