"""One feed never stops the others, and never the operator: feeds that take too much room, memory or disk."""
import gzip

from hostile import *

CROWD = os.path.join(BIN, "../tests/crowd")


class HostileSizes(HostileLab):
    def test_deep_names(self):
        """The same number of names, each of which takes many times the room."""
        def deep(count, labels, head="d"):
            return [".".join(["a"] * (labels - 2) + [f"{head}{i}.example"]) for i in range(count)]
        old = names("h", 12000)
        size = lambda: os.path.getsize(self.table)
        self.begin([lines(old)])
        first = size()
        for labels, said, alarm in ((100, "more labels than a list's names may have", None), (17, "more labels than a list's", None),
                                    (16, r"12000 names that need 138000 nodes of the table, where as many needed 12000 before", "growth")):
            with self.subTest(labels):
                self.assertRegex(self.turn(lines(deep(9000, labels), names("h", 3000)) if labels == 16 else lines(deep(12000, labels))), said)
                self.assertLess(size(), first * 1.1)
                self.assertEqual(self.status()["feeds"][1]["withheld_alarm"], alarm or "")
                self.assertIn(("exact", "h11999.example"), self.dump())
        # Names as deep as real ones are, and reverse ones.
        reverse = ".".join(["1", "0"] * 16 + ["ip6.arpa"])
        said = self.turn(lines(old, deep(2000, 11), [reverse]), code=0)
        self.assertIn(("exact", reverse), self.dump())
        self.assertIn(("exact", deep(1, 11)[0]), self.dump())

    def small_disk(self, megabytes):
        """The state directory on a file system of its own."""
        os.makedirs(self.path("state"))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", self.path("state")], capture_output=True).returncode:
            self.skipTest("may not mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", self.path("state")])
        return lambda: (lambda fs: fs.f_bavail * fs.f_frsize >> 20)(os.statvfs(self.path("state")))

    def test_padded_documents(self):
        """Two that are nearly nothing but blanks, and each run larger: there is always room for the others."""
        free = self.small_disk(60)
        pad = lambda megabytes: "# " + (" " * 1021 + "\n# ") * (megabytes * 1000) + "\n"
        self.begin([lines(["one.example"]), lines(["two.example"])])
        for megabytes, code in ((3, 0), (10, 0), (29, 1), (59, 1), (3, 0)):
            with self.subTest(megabytes):
                text = lines(["one.example"]) + pad(megabytes)
                said = self.turn(text, text.replace("one", "two"), code=code)
                self.assertEqual("would leave too little of the disk" in said, code == 1, said)
                self.assertGreater(free(), 9)

    def test_padded_events(self):
        """Many small ones, which stay: what fits is taken, and when the server has fewer the feed heals by itself."""
        free = self.small_disk(40)
        self.begin([])
        uuid = lambda i: f"{i:08x}-1111-4111-8111-111111111111"
        os.makedirs(self.path("www/misp"))
        self.all_feeds.append({"name": "misp", "url": self.url + "/misp", "format": "misp-feed"})

        def offer(count, pad):
            for i in range(count):
                one = event(1, [f"e{i}.example"])
                one["Event"]["uuid"] = uuid(i)
                self.write(f"www/misp/{uuid(i)}.json", json.dumps(one) + " " * pad)
            self.write("www/misp/manifest.json", json.dumps({uuid(i): {"info": "x", "timestamp": 1700000000 + pad, "Orgc": {"name": "o"}}
                                                             for i in range(count)}))
        offer(3, 0)
        self.turn(code=0)
        for count in (500, 500, 700):
            offer(count, 100000)
            self.assertIn("would leave too little of the disk", self.turn())
            self.assertGreater(free(), 15)
        self.assertIn(("subtree", "e2.example"), self.dump())
        offer(20, 100)
        self.turn()  # what it drops may be what there is too little room for
        self.turn(code=0)
        self.assertGreater(free(), 30)
        # One alone that is too large.
        offer(1, 70000000)
        self.assertIn("document of more than 67108864 octets", self.turn())

    def test_names_that_crowd(self):
        """Whoever reads the table finds names for which no table with its key has a place: they cost a new key, no more, and
        not the next one of a row that he can go on with."""
        size = 20000
        self.begin([lines(names("h", 1500))], good=names("good", size))
        key = lambda: open(self.table, "rb").read()[32:40]
        kept = lambda: int(open(self.path("state/key")).read(), 16).to_bytes(8, "little")
        keys = {key()}
        for _ in range(3):
            found = subprocess.run([CROWD, self.table, "2000"], check=True, capture_output=True, text=True).stdout
            said = self.turn(lines(names("h", 1500)) + found, code=0)
            self.assertNotIn("no place", said)
            self.assertLessEqual({("exact", name) for name in found.split()}, self.dump())
            self.assertEqual(key(), kept())
            keys.add(key())
            before = key()
            self.turn(None, code=0)
            self.assertEqual(key(), before)
        self.assertEqual(len(keys), 4)

    def test_more_than_there_is_memory_for(self):
        """The largest is withheld, the others go on."""
        self.begin([lines(["one.example"])])
        self.all_feeds[1]["url"] = "file://" + self.path("www/bad0")
        self.publish(self.all_feeds)
        self.write("www/bad0", lines(names("h", 3000000)))
        self.write("www/good", lines(self.good, ["new.good.example"]))
        self.configure(self.all_feeds, run="none", allow="\n  - name: good7.example\n    scope: exact")
        said = subprocess.run(["prlimit", "--as=150000000", FEEDSYNC, "-c", self.config, "sync"], capture_output=True, text=True)
        if "AddressSanitizer" in said.stderr:
            self.skipTest("wants more address space than can be limited")
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn("feed bad0: ALARM: it needs the most room, and no table can be made with it: ", said.stderr)
        self.assertLessEqual({("exact", "one.example"), ("exact", "new.good.example")}, self.dump())
        self.assertEqual(self.status()["feeds"][1]["withheld_alarm"], "room")
        self.sync(code=0)
        self.assertEqual(self.alarms(), {})

    def sync_limited(self, octets, *lists):
        """A sync in which who writes a larger file dies of it: what is made, not what comes, for that is compressed. Each list
        takes the place of one of the feeds. Returns its exit code and what it says, and what is decided of the good feed's
        newest name and of one that is allowed."""
        for name, listed in zip(("good", "bad0", "bad1"), lists):
            with gzip.open(self.path("www", name), "wt") as f:
                f.write(lines(listed))
        self.round += 1
        freed = f"good{self.round}.example"
        self.configure(self.all_feeds, run="none", allow=f"\n  - name: {freed}\n    scope: exact")
        said = subprocess.run(["prlimit", f"--fsize={octets}", FEEDSYNC, "-c", self.config, "sync"], capture_output=True, text=True)
        out = self.feedsync("lookup", self.table, "new.example", freed).stdout.splitlines()
        return said.returncode, said.stderr, [line.split("\t")[1] for line in out]

    def test_the_making_of_a_table_dies(self):
        """As where the system has no memory for it: who wants so much more than before is withheld; where that is not enough
        `allow` and `block` are published; and it is not tried for ever."""
        deep = lambda head: ["a." * 12 + f"{head}{i}.example" for i in range(40000)]
        good = names("good", 2000)
        self.begin([lines(names("one", 900)), lines(names("two", 900))], good=good, **{"max-growth": 1000000})
        code, said, decided = self.sync_limited(1000000, good + ["new.example"], deep("h"))
        self.assertIn("making the table ended by signal 25 (File size limit exceeded); it is tried again with less", said)
        self.assertEqual((code, decided, self.alarms()), (1, ["block", "allow"], {"bad0": "room"}), said)
        self.assertIn(("exact", "one7.example"), self.dump())
        code, said, decided = self.sync_limited(1000000, good, deep("h"), deep("g"))
        self.assertIn("only `allow` and `block` published: making the table ended by signal 25", said)
        self.assertEqual((code, decided), (1, ["block", "allow"]), said)
        with open(self.path("state/sync.json")) as f:
            self.assertEqual(json.load(f)["error_class"], "internal")
        before = self.dump()
        code, said, decided = self.sync_limited(5000, good, deep("h"), deep("g"))
        self.assertEqual((code, said.count("it is tried again with less"), self.dump()), (2, 2, before), said)
        self.assertIn("nothing published: making the table ended by signal 25", said)
        self.sync(code=0)
        self.assertEqual(self.alarms(), {})
        self.assertIn(("exact", deep("g")[7]), self.dump())

    def test_the_largest_is_not_to_blame(self):
        """But who has grown."""
        good = names("good", 200000)
        self.begin([lines(names("h", 40000))], good=good)
        size = max(os.path.getsize(path) for path in (self.table, self.path("state/rules")))
        code, said, decided = self.sync_limited(size + 100000, good + ["new.example"], names("h", 118000))
        self.assertEqual((code, decided, self.alarms()), (1, ["block", "allow"], {"bad0": "room"}), said)

    def test_the_history_is_for_all(self):
        """A feed that changes thousands of rules each time leaves the details of the others, and of former publishes, there."""
        self.begin([lines(names("h", 20000))], good=names("good", 100))
        changes = lambda: [line.split() for line in self.feedsync("-c", self.config, "history", str(
            json.loads(self.feedsync("-c", self.config, "history", "-n", "1", "--json").stdout)["publishes"][0]["generation"])).stdout.splitlines()]
        self.turn(lines(names("other", 12000), names("h", 8000)), code=0)
        told = [" ".join(line) for line in changes()]
        self.assertEqual(sum("new1.good.example" in line for line in told), 1)
        self.assertLess(len(told), 6100)
        self.assertTrue(any("12000" in line for line in told), told[:20])
