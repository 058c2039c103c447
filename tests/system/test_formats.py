"""Feeds in every syntax, compressed or not, through the whole of feedsync: fetched, checked, published, kept."""
import gzip, io, lzma, shutil, zipfile

from feeds import *
from lists import compile_options, write_list, written_formats

ZONE = "$ORIGIN rpz.zone.\n$TTL 300\n@ SOA localhost. root.localhost. {} 2h 30m 30d 1h\n NS localhost.\n"


def zipped(*texts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, text in enumerate(texts):
            archive.writestr(f"list{i}.txt", text)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


COMPRESSIONS = {"gzip": gzip.compress, "xz": lzma.compress, "zstd": zstd, "zip": zipped}


class OneList(Lab):
    def test_every_syntax(self):
        """However it is written, and packed, the same list compiles to the same octets."""
        names = [f"host{i}.zone{i % 7}.example" for i in range(200)] + ["xn--bcher-kva.example"]
        written = written_formats()
        documents = []
        for form, how in written.items():
            text = io.StringIO()
            write_list(how, names if form == "domains" else [name.upper() for name in reversed(names)], text)
            documents.append((form, text.getvalue().encode()))
        lines = "".join(json.dumps({"host": name + "."}).replace("xn--bcher-kva", "b\u00fccher") + "\n" for name in names)
        documents.append(("json", lines.encode()))
        documents += [(form, pack(text)) for form, text in documents for pack in COMPRESSIONS.values()]
        tables = set()
        for form, data in documents:
            options = compile_options(written[form])
            with open(self.path("list"), "wb") as f:
                f.write(data)
            for source, stdin in ((self.path("list"), None), ("-", open(self.path("list"), "rb"))):
                result = subprocess.run([FEEDSYNC, "compile", "-f", form, *options, "-o", self.path("out"), source],
                                        stdin=stdin, capture_output=True, text=True)
                self.assertEqual(result.returncode, 0, result.stderr)
                with open(self.path("out"), "rb") as f:
                    # The name of the feed is its file's.
                    tables.add((source == "-", f.read()))
                if stdin:
                    stdin.close()
        self.assertGreaterEqual(len(documents), 45)
        self.assertEqual(len(tables), 2)

    def test_packed_badly(self):
        """A list that is not whole makes no table, and leaves the one that is there."""
        text = "".join(f"host{i}.example\n" for i in range(5000)).encode()
        self.compile(["old.example"])
        for name, pack in COMPRESSIONS.items():
            data = pack(text)
            for words, broken in (("", data[:-1]), ("", data[:len(data) // 2]), ("", data + b"evil.example\n"),
                                  ("200 times", pack(b"\n" * (64 << 20)))):
                with self.subTest(name), open(self.path("list"), "wb") as f:
                    f.write(broken)
                said = self.feedsync("compile", "-f", "domains", "-o", self.table, self.path("list"), code=2).stderr
                self.assertRegex(said, rf"list: .*{words}")
        with open(self.path("list"), "wb") as f:
            f.write(zipped("a.example\n", "b.example\n"))
        said = self.feedsync("compile", "-f", "domains", "-o", self.table, self.path("list"), code=2).stderr
        self.assertIn("a zip archive of more than one member", said)
        said = self.feedsync("compile", "-f", "domains", "-o", self.table, self.directory, code=2).stderr
        self.assertEqual(said, f"error: {self.directory}: Is a directory\n")
        self.assertEqual(self.feedsync("dump", self.table, code=0).stdout.split("\t")[1], "old.example")


class Packed(FeedLab):
    def test_synced(self):
        """What is asked, kept and found unchanged is the document as the server has it."""
        self.serve()
        for name, pack in COMPRESSIONS.items():
            with self.subTest(name):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.clock = getattr(self, "clock", int(time.time()) - 100000)

                def offer(data):
                    self.clock += 1
                    with open(self.path("www/list"), "wb") as f:
                        f.write(data)
                    os.utime(self.path("www/list"), (self.clock, self.clock))
                good = pack(b"one.example\ntwo.example")  # no line end: its compression says that it is whole
                offer(good)
                self.configure([{"name": "l", "format": "domains", "url": self.url + "/list"}])
                self.sync(code=0)
                self.assertEqual(self.dump(), {("exact", "one.example"), ("exact", "two.example")})
                with open(self.path("state/feeds/l/good.domains"), "rb") as f:
                    self.assertEqual(f.read(), good)
                self.requests()
                self.assertIn("feed l: unchanged", self.sync(code=0))
                self.assertEqual(self.requests(), [("list", 304)])
                offer(pack(b"three.example\n")[:-1])
                said = self.sync(code=1)
                self.assertRegex(said, "feed l: .*; the last good version stays")
                self.assertEqual(self.dump(), {("exact", "one.example"), ("exact", "two.example")})
                offer(pack(b"three.example\n"))
                self.sync(code=0)
                self.assertEqual(self.dump(), {("exact", "three.example")})

    def test_without_a_length(self):
        with FaultServer() as server:
            self.configure([{"name": "l", "format": "domains", "url": server.url + "/list"}])
            whole = gzip.compress(b"one.example\ntwo.example")
            server.responses["/list"] = response(whole, length=False, Content_Encoding="gzip")
            self.sync(code=0)
            server.responses["/list"] = response(gzip.compress(b"three.example\nfour.example\n")[:-4], length=False)
            self.assertIn("feed l: cut off: the compressed data does not end", self.sync(code=1))
            self.assertEqual(self.dump(), {("exact", "one.example"), ("exact", "two.example")})


class Zones(FeedLab):
    def sync_zone(self, records, code=0, **more):
        self.serial = getattr(self, "serial", 0) + 1
        path = self.write("zone", ZONE.format(self.serial) + records)
        self.configure([{"name": "z", "format": "rpz", "url": "file://" + path, **more}])
        return self.sync(code=code)

    def lookup(self, *names):
        lines = self.feedsync("lookup", self.table, *names).stdout.splitlines()
        return [line.split("\t")[1] for line in lines]

    def test_what_a_zone_means(self):
        said = self.sync_zone("evil.example CNAME .\n*.evil.example CNAME .\nhost.example CNAME *.\n"
                              "*.below.example CNAME rpz-drop.\nlet.below.example CNAME rpz-passthru.\n"
                              "garden.example A 192.0.2.1\n32.4.3.2.1.rpz-ip CNAME .\nx.example.other. CNAME .\n"
                              "*.co.uk CNAME .\n")
        self.assertEqual(self.lookup("evil.example", "x.evil.example", "host.example", "x.host.example", "below.example",
                                     "x.below.example", "let.below.example", "garden.example", "x.co.uk"),
                         ["block", "block", "block", "pass", "pass", "block", "pass", "block", "pass"])
        self.assertEqual(self.status()["feeds"][0]["rejected"], {"trigger": 1, "outside": 1, "public_suffix": 1})
        self.assertIn("z:11: 32.4.3.2.1.rpz-ip: RPZ trigger", said)
        # The wildcard alone may be taken for the name as well.
        self.sync_zone("*.below.example CNAME .\n", wildcard="subtree")
        self.assertEqual(self.lookup("below.example", "x.below.example"), ["block", "block"])

    def test_no_zone(self):
        self.sync_zone("evil.example CNAME .\n")
        for records, words in (("evil.example CNAME\n", "z: line 5: no zone: "), ("$INCLUDE x\n", "z: line 5: .INCLUDE"),
                               ("evil.example CNAME .\nother.example A x\n", "z: line 6: no zone: "),
                               ("x\0.example CNAME .\n", "z: line 5: .*masterfile-format")):
            said = self.sync_zone(records, code=1)
            self.assertRegex(said, f"feed {words}.*the last good version stays")
            self.assertEqual(self.lookup("evil.example"), ["block"])

    def test_served_by_https(self):
        self.serve(tls=True)
        self.write("www/zone", ZONE.format(1) + "evil.example CNAME .\n")
        self.configure([{"name": "z", "format": "rpz", "url": self.url + "/zone", "ca": self.path("ca.pem")}])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "evil.example")})


class Documents(FeedLab):
    def test_half_a_document(self):
        """Of a last good version that rots in its middle nothing is taken, however far it can be read: what is published stays.
        Here nothing else is known of it by which that would be noticed at once."""
        for form, more, start, end in (("json", {"field": "host"}, '[{"host":"one.example"}', ',{"host":"two.example"}]'),
                                       ("rpz", {}, ZONE.format(1) + "one.example CNAME .\n", "two.example CNAME .\n")):
            with self.subTest(form):
                document = self.write("document", start + end)
                self.write("list", "three.example\n")
                feeds = [{"name": "d", "format": form, "url": "file://" + document, **more},
                         {"name": "l", "format": "domains", "url": "file://" + self.path("list")}]
                self.configure(feeds)
                self.sync(code=0)
                self.assertEqual(len(self.dump()), 3)
                os.remove(document)
                before = self.dump()
                self.write(f"state/feeds/d/good.{form}", start.replace("one.example", "rotten.example") + "\n$INCLUDE x\n")
                self.write("state/feeds/d/feed.json", json.dumps({**json.load(open(self.path("state/feeds/d/feed.json"))), "sum": ""}))
                self.assertIn("feed d: its last good version cannot be used, what is published of it stays: "
                              f"feeds/d/good.{form}: line ", self.sync(code=1))
                self.assertEqual(self.dump(), before)
                shutil.rmtree(self.path("state"))

    def test_names_as_people_write_them(self):
        text = "hxxp://evil[.]example/\nhxxp://page[.]example/x\nplain.example\nhxxps://evil2[.]example:8443\n"
        for settings, rules in (
                ({}, {"plain.example"}),
                ({"values": "urls"}, {"plain.example"}),
                ({"values": "urls", "refang": "yes"}, {"plain.example", "evil.example", "evil2.example"}),
                ({"values": "pages", "refang": "yes"},
                 {"plain.example", "evil.example", "evil2.example", "page.example"})):
            with self.subTest(settings):
                path = self.write("list", text)
                self.configure([{"name": "l", "format": "domains", "url": "file://" + path, **settings}])
                self.sync(code=0)
                self.assertEqual({name for _, name in self.dump()}, rules)
        path = self.write("list", "evil.example:80\n*.below.example\n")
        self.configure([{"name": "l", "format": "domains", "url": "file://" + path, "ports": "yes", "wildcard": "below"}])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "evil.example"), ("exact", "below.example"), ("subtree", "below.example")})
        # What there is to say of it: the name's being left out is no exception that the feed makes.
        why = lambda name, code: self.feedsync("-c", self.config, "why", name, code=code).stdout
        self.assertIn("feed l lists below.example, what is below, category malicious (nxdomain)\n  at l:2\n", why("x.below.example", 1))
        self.assertNotIn("not in force", why("x.below.example", 1))
        self.assertNotIn("feed l lists", why("below.example", 0))
        self.assertIn("wildcard: below", self.feedsync("-c", self.config, "check", code=0).stdout)

    def test_settings_that_mean_nothing(self):
        start = "state: x\ntable: y\nfeeds:\n  - name: a\n    url: https://a.example/\n    format: {}\n"
        for form, setting, words in (("domains", "values: both", '"both": not known; expected one of names, urls, pages'),
                                     ("domains", "wildcard: x", "expected one of subtree, below"),
                                     ("domains", "refang: maybe", "maybe"),
                                     ("domains", "values: urls\n    ports: yes", "may have ports"),
                                     ("hosts", "wildcard: below", "no wildcards"),
                                     ("rpz", "refang: yes", "in one way only"),
                                     ("rpz", "scope: exact", "with each entry"),
                                     ("adblock", "values: urls", "in one way only")):
            with self.subTest(setting):
                path = self.write("broken.yaml", start.format(form) + f"    {setting}\n")
                self.assertRegex(self.feedsync("-c", path, "check", code=1).stderr, rf"broken\.yaml:[78]: .*({words})")
        self.feedsync("compile", "-f", "hosts", "--values", "urls", "-o", self.table, "/dev/null", code=2)
