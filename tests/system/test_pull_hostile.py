"""A store that lies: whatever it offers, the puller names what is wrong, refuses it, and keeps the last good table."""
from fleet_lab import *

BOMB = 16 << 20


def flip(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1:]


def in_table(**members):
    """Changes members of the manifest's table, before it is signed."""
    return lambda body: body["table"].update(members)


class Hostile(PullLab):
    def setUp(self):
        super().setUp()
        self.make_key("theirs")
        self.good = self.make_table("good.example")
        self.first = self.offer(self.good)
        self.second = self.offer(self.good)
        self.pull()
        self.other = self.make_table("other.example", "more.example")
        self.new = self.make_table("new.example")

    def refused(self, what, words, code=1):
        """The pull fails for this cause, and nothing changes."""
        said = self.pull(code)
        self.assertRegex(said, f"{words}.*; the last good table stays in force")
        self.assertEqual(read(self.table), read(self.good))
        record = self.record()
        self.assertRegex(record["error"], words)
        self.assertEqual((record["serial"], record["failures"] > 0), (2, True))
        self.assertEqual(glob.glob(self.path("*.weir.*")), [], "temporary files")

    def each(self, cases):
        for what, act, words in cases:
            with self.subTest(what):
                act()
                self.refused(what, words)

    def test_manifest(self):
        """What is wrong with the manifest itself, as a thief of the store can make it, and as a compiler that is mad."""
        now, new = int(time.time()), self.new
        forged = lambda octets: octets.replace(octets.splitlines()[1], self.with_number_of(octets, self.second))

        def latest(octets):
            return lambda: self.put("latest", octets)

        def offer(**how):
            return lambda: self.offer(new, **how)
        cases = [
            ("an old one", latest(self.first), "latest: serial 1 is older than 2, which was taken before"),
            ("another of the serial in force", offer(serial=2), "latest: serial 2 was taken before, and it is another manifest now"),
            ("another channel's", offer(channel="canary"), "latest: it is of channel canary, not of stable"),
            ("from the future", offer(created=now + DAY, expires=now + 2 * DAY), "latest: it was made in the future, at 20"),
            ("expired", offer(created=now - 2 * DAY, expires=now - DAY), "latest: it expired at 20"),
            ("a serial that leaps", offer(serial=10 ** 9), "latest: its serial leaps from 2 to 1000000000"),
            ("a key that is not trusted", offer(sign="theirs"), "latest: it is signed by key [0-9A-F]{16}, which is not trusted here"),
            ("the number of a trusted key", offer(sign="theirs", spoil=forged), "latest: its signature: "),
            ("the signature of another", offer(spoil=lambda m: b"".join(self.second.splitlines(True)[:4]) + m.split(b"\n", 4)[4]),
             "latest: its signature: it does not belong to this document"),
            ("empty", latest(b""), "latest: "),
            ("HTML", latest(b"<html>\n<body>\n\n\n\n</html>\n"), "latest: its signature: line 1: no \"untrusted comment: \""),
            ("too long", latest(self.second + b" " * 65536), "latest: document of more than 65536 octets"),
            ("signed, and too long", offer(note="x" * 65536), "latest: document of more than 65536 octets"),
            ("a newer format", offer(format=2), "latest: format 2 is newer than this feedsync"),
        ]
        cases += [(f"cut off after {length}", lambda m=self.second[:length]: self.put("latest", m), "latest: ")
                  for length in (1, 50, 200, len(self.second) - 2)]
        cases += [(f"octet {at} changed", lambda m=flip(self.second, at): self.put("latest", m), "latest: ")
                  for at in (60, 150, 200, 330, 360, len(self.second) - 3)]
        cases += [(f"{key}: {value!r}", offer(**{key: value}), "latest: not a manifest: ")
                  for key, value in (("serial", -1), ("serial", 10 ** 12), ("serial", "x"), ("created", 0), ("expires", 1), ("channel", "../x"),
                                     ("channel", "a\0b"), ("deltas", {}), ("deltas", [{}] * 9), ("deltas", [{"from": 1}]),
                                     ("must_pass", ["a"] * 33), ("must_pass", ["..", "x"]), ("must_block", [7]), ("format", None))]
        cases += [(f"table: {members}", offer(change=in_table(**members)), "latest: not a manifest: the table's")
                  for members in ({"sha256": "x" * 64}, {"sha256": "../../etc/passwd"}, {"size": 2 ** 32 + 1}, {"size": 1}, {"zsize": 0},
                                  {"zsize": 2 ** 40}, {"zsha256": None}, {"generation": -1}, {"rules": 1.5e300})]
        cases += [(f"signed: {text[:20]}", lambda text=text: self.put("latest", self.sign_manifest(text)), "latest: ")
                  for text in ("[]", "{}", "null", "{" * 5000, '{"format":1,"format":1}', "\0", "no JSON")]
        self.each(cases)

    def with_number_of(self, theirs, ours):
        """The second line of a signature, with the key's number of another one."""
        import base64
        a, b = (base64.b64decode(m.splitlines()[1]) for m in (theirs, ours))
        return base64.b64encode(a[:2] + b[2:10] + a[10:])

    def test_table(self):
        """What is wrong with the table, with the checksums that it should have, and with right ones."""
        new, other = self.new, self.other
        octets, frames = read(new), self.compress(new)
        bomb = subprocess.run(["zstd", "-q", "-c"], input=bytes(BOMB), capture_output=True, check=True).stdout

        def offer(table=new, **how):
            return lambda: self.offer(table, **how)

        def behind(replaced):
            """A manifest that is right; then the object is replaced."""
            def act():
                self.offer(new)
                self.put(f"tables/{sha256(octets)}.weir.zst", replaced)
            return act

        def made(content):
            """A table of the test's own, with every checksum right."""
            def act():
                path = self.path("made.weir")
                with open(path, "wb") as f:
                    f.write(content)
                self.offer(path, change=in_table(generation=3, rules=2))
            return act

        def missing():
            self.offer(new)
            os.remove(self.path(f"www/tables/{sha256(octets)}.weir.zst"))
        differs = "table [0-9a-f]{16}: it is not what the manifest says: its length or SHA-256 differs"
        not_it = "table [0-9a-f]{16}: what comes out of it is not the table of the manifest"
        self.each([
            ("missing", missing, "table [0-9a-f]{16}: .*no such file"),
            ("another table", behind(self.compress(other)), "table [0-9a-f]{16}: .*(differs|more than)"),
            ("another table, right checksums of the object", offer(frames=self.compress(self.good)), "table [0-9a-f]{16}: (zstd data of|what comes out)"),
            ("another's generation", offer(change=in_table(generation=99)), "its generation or number of rules is not that of the manifest"),
            ("cut off", behind(frames[:-7]), differs),
            ("cut off, right checksums", offer(frames=frames[:-7]), "table [0-9a-f]{16}: damaged zstd data"),
            ("longer", behind(frames + b"x"), f"table [0-9a-f]{{16}}: document of more than {len(frames)} octets"),
            ("longer, right checksums", offer(frames=frames + b"x"), "table [0-9a-f]{16}: damaged zstd data"),
            ("a changed octet", behind(flip(frames, 40)), differs),
            ("a changed octet, right checksums of the object", offer(frames=flip(frames, 40)), "table [0-9a-f]{16}: (damaged|what comes|zstd data)"),
            ("a changed octet in the table, all checksums right", made(flip(octets, len(octets) - 20)), "table [0-9a-f]{16}: .*checksum"),
            ("a changed header, all checksums right", made(flip(octets, 20)), "table [0-9a-f]{16}: "),
            ("a table that is cut off, all checksums right", made(octets[:-64]), "table [0-9a-f]{16}: "),
            ("no table, all checksums right", made(b"no table" * 100), "table [0-9a-f]{16}: .*not a table"),
            ("a bomb", offer(frames=bomb), f"table [0-9a-f]{{16}}: zstd data of more than {len(octets)} octets"),
            ("a bomb, all checksums right", made(bytes(BOMB)), "table [0-9a-f]{16}: .*not a table"),
            ("a table that is said to be huge", offer(change=in_table(size=2 ** 32)), "table [0-9a-f]{16}: (zstd data of|out of memory)"),
            ("not compressed", offer(frames=octets), "table [0-9a-f]{16}: damaged zstd data"),
            ("nothing, right checksums", offer(frames=b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"), "table [0-9a-f]{16}: zstd data of 0 octets"),
            ("blocks what must pass", offer(must_pass=["sub.new.example", "new.example"]), "it would block new.example, which must pass"),
            ("lets pass what must be blocked", offer(must_block=["self-test.weir.example", "gone.example"]),
             "it would let gone.example pass, which must be blocked"),
        ])
        # The store is well again, and so is the puller.
        self.offer(new)
        self.pull()
        self.assertEqual(read(self.table), octets)
        self.assertEqual((self.record()["failures"], self.record()["error"]), (0, ""))

    def test_delta(self):
        """A delta that is wrong costs a download of the whole table, no more."""
        large = self.make_table(*(f"name{i}.example" for i in range(2000)))
        self.offer(large)
        self.pull()
        right = self.compress(self.new, large)
        bomb = subprocess.run(["zstd", "-q", "-c"], input=bytes(BOMB), capture_output=True, check=True).stdout
        for i, (what, delta, words) in enumerate((
                ("of another table", self.compress(self.new, self.other), "(damaged|zstd data|what comes)"),
                ("cut off", right[:-5], "damaged zstd data"),
                ("changed", flip(right, len(right) // 2), "(damaged|zstd data|what comes)"),
                ("of nothing", b"", "latest: not a manifest: a delta's size"),
                ("a bomb", bomb, "zstd data of more than"),
                ("no frame", b"x" * 100, "damaged zstd data"))):
            with self.subTest(what):
                table = self.make_table(*(f"name{i}.example" for i in range(2000)), f"{i}.example")
                delta = self.compress(table, self.other) if what == "of another table" else delta
                self.offer(table, self.published(), delta=delta)
                if what == "of nothing":
                    self.assertRegex(self.pull(1), words)
                    continue
                said = self.pull()
                self.assertRegex(said, f"delta [0-9a-f]{{16}}-[0-9a-f]{{16}}: {words}.*; the whole table is fetched")
                self.assertEqual(read(self.table), read(table))

    def published(self):
        """The table of the compiler that is in force here."""
        for i in range(self.tables, 0, -1):
            if read(self.path(f"{i}.weir")) == read(self.table):
                return self.path(f"{i}.weir")

    def test_server(self):
        """A web server that never ends, drips, redirects, or sends the wrong part."""
        server = self.enterContext(FaultServer())
        name = f"/tables/{sha256(read(self.new))}.weir.zst"
        frames, latest = self.compress(self.new), self.offer(self.new)
        endless = lambda headers: (b"HTTP/1.1 200 OK\r\n\r\n" if i == 0 else b"x" * 65536 for i in range(1 << 20))
        self.pull_from(server.url + "/")
        self.each([(what, lambda answers=answers: server.responses.update(answers), words) for what, answers, words in (
            ("endless manifest", {"/latest": endless}, "latest: document of more than 65536 octets"),
            ("redirect", {"/latest": response(b"", "302 Found", Location="http://127.0.0.1:1/latest")},
             "latest: the server redirects elsewhere, and no redirect is followed here"),
            ("an error", {"/latest": response(b"no", "500 Oops")}, "latest: the server answers HTTP 500"),
            ("wants a password", {"/latest": response(b"", "401 Unauthorized")}, "latest: the server answers HTTP 401"),
            ("unchanged, for what was not asked", {"/latest": response(b"", "304 Not Modified")}, "latest: the server answers HTTP 304"),
            ("no such table", {"/latest": response(latest)}, "table [0-9a-f]{16}: the server has no such document"),
            ("endless table", {name: endless}, f"table [0-9a-f]{{16}}: document of more than {len(frames)} octets"),
            ("a table cut off", {name: response(frames[:50], length=len(frames))}, "table [0-9a-f]{16}: "),
            ("its rest is another's", {name: lambda headers: response(b"x" * (len(frames) - 50), "206 Partial Content",
                                                                      Content_Range=f"bytes 50-{len(frames) - 1}/{len(frames)}")}, "table [0-9a-f]{16}: "),
            ("the wrong part", {name: response(frames[:50], length=len(frames))}, "table [0-9a-f]{16}: "),
            ("the wrong part, now", {name: response(frames[40:], "206 Partial Content", Content_Range="bytes 40-99/100")},
             "table [0-9a-f]{16}: the server sends another part of the document than it was asked for"))])
        server.responses[name] = response(frames[:50], length=len(frames))
        self.refused("cut off again", "table [0-9a-f]{16}: ")
        asked = []

        def rest(headers):
            asked.append(headers["Range"])
            return response(frames[50:], "206 Partial Content", Content_Range=f"bytes 50-{len(frames) - 1}/{len(frames)}")
        server.responses[name] = rest
        self.pull()
        self.assertEqual(asked, ["bytes=50-"])
        self.assertEqual(read(self.table), read(self.new))
