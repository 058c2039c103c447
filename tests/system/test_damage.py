"""What is damaged, lost or in the way in the state directory: the last good version, or what is published of it, stays."""
from feeds import *


class Damage(MispFeedLab):
    """Of a MISP feed's events, and of lists beside it."""

    def test_damage_on_disk(self):
        """A last good version that rots holds up neither the rest of its feed nor other feeds, and is fetched anew; of one that
        rots as a whole stays what is published until that has come."""
        path = self.path("state/feeds/m/good.misp-feed", UUID.format(1) + ".json")
        with open(path, "w") as f:
            f.write("{")
        self.write("list", "three.example\n")
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                        {**DOMAINS, "url": "file://" + self.path("list")}])
        said = self.sync(code=1)
        self.assertIn("feed m: its last good version cannot be used: feeds/m/good.misp-feed: 1 of its documents", said)
        self.assertIn(UUID.format(1) + ".json: line 1", said)
        self.assertEqual(self.dump(), {("subtree", "two.example"), ("exact", "three.example")})
        self.assertFalse(self.status()["feeds"][0]["well"])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example"), ("exact", "three.example")})
        # The same for a list.
        with open(self.path("state/feeds/l/good.domains"), "w") as f:
            f.write("<html>")
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                        {**DOMAINS, "url": self.server.url + "/none"}])
        said = self.sync(code=1)
        self.assertRegex(said, "feed l: its last good version cannot be used")
        self.assertIn("feed l: 1 rules of the published table stay", said)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example"), ("exact", "three.example")})
        # Gone with all else that is known of it, and still not to be had; then it has come.
        shutil.rmtree(self.path("state/feeds/l"))
        self.sync(code=1)
        self.assertIn(("exact", "three.example"), self.dump())
        self.server.responses["/none"] = response("four.example\n")
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example"), ("exact", "four.example")})

    def test_a_list_is_cut_on_disk(self):
        """Most syntaxes show nothing of it."""
        unchanged = lambda headers: response("", "304 Not Modified", length=False) if "If-None-Match" in headers else \
            response("one.example\ntwo.example\n", ETag='"a"')
        self.server.responses["/list"] = unchanged
        self.configure([{**DOMAINS, "url": self.server.url + "/list"}])
        self.sync(code=0)
        before = self.dump()
        for content in ("", "one.example\n", "one.example\ntwo.exampl\n"):
            for answer in (unchanged, response("", status="503 Service Unavailable")):
                with self.subTest(content):
                    with open(self.path("state/feeds/l/good.domains"), "w") as f:
                        f.write(content)
                    self.server.responses["/list"] = answer
                    said = self.sync(code=1)
                    self.assertIn("feeds/l/good.domains: cut or changed since it came", said)
                    self.assertIn("2 rules of the published table stay", said)
                    self.assertEqual(self.dump(), before)
                    self.server.responses["/list"] = unchanged
                    self.sync(code=0)
                    self.assertEqual(self.dump(), before)

    def test_what_stands_in_the_way(self):
        """Whatever stands where feedsync puts its own files and directories goes, and nothing of what a link leads to."""
        def tree(path):
            os.makedirs(os.path.join(path, "a", "b"))
            os.symlink(self.path("kept"), os.path.join(path, "a", "link"))

        def shut(path):
            tree(path)
            os.chmod(path, 0)
        self.write("kept/file", "")
        obstacles = [lambda path: open(path, "w").close(), lambda path: os.symlink(self.path("kept"), path),
                     lambda path: os.symlink("nowhere", path), os.mkfifo, tree, shut]
        number = 0
        for name in ("next", "new", "new-0", "good.misp-feed.old"):
            for put in obstacles:
                with self.subTest(name, put=put):
                    number += 1
                    put(self.path("state/feeds/m", name))
                    self.offer(event(1, [f"n{number}.example"], 1700000000 + number))
                    self.sync_bound()
                    self.assertEqual(self.dump(), {("subtree", f"n{number}.example")})
                    self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-feed"])
                    self.assertEqual(os.listdir(self.path("kept")), ["file"])

    def test_no_directory_in_its_place(self):
        """What is no directory is no good version: it is fetched anew and replaced, though the server knows of nothing new."""
        self.write("kept", "")
        good = self.path("state/feeds/m/good.misp-feed")
        for put, code in ((lambda: os.symlink("nowhere", good), 0), (lambda: os.symlink(good, good), 1),
                          (lambda: os.symlink(self.path("kept"), good), 1), (lambda: open(good, "w").close(), 1)):
            with self.subTest(put=put):
                first = event(1, ["one.example"]), event(2, ["two.example"])
                self.offer(*first)
                self.server.responses["/manifest.json"] = lambda headers: (
                    response("", "304 Not Modified", length=False) if "If-None-Match" in headers
                    else response(manifest_of(*first), ETag='"a"'))
                self.sync(code=0)
                shutil.rmtree(good)
                put()
                said = self.sync(code=code)
                if code != 0:
                    self.assertIn(f"cannot use {good}/manifest.json: ", said)
                self.assert_first()
                self.offer(event(1, ["new.example"], 1700000001), event(2, ["two.example"]))
                self.sync(code=0)
                self.assertEqual(self.dump(), {("subtree", "new.example"), ("subtree", "two.example")})
                self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-feed"])
        self.assertTrue(os.path.exists(self.path("kept")))

    def test_an_event_is_lost(self):
        """Neither to be read here nor to be had again: the other events go on without it, until the server has it."""
        file = self.path("state/feeds/m/good.misp-feed", UUID.format(1) + ".json")

        def replace(put):
            os.remove(file)
            put(file)
        changed = event(2, ["new.example"], 1700000001)
        manifest = manifest_of(event(1, []), changed)
        one, two, new = ("subtree", "one.example"), ("subtree", "two.example"), ("subtree", "new.example")
        for what, spoil, left in (("mode", lambda: os.chmod(file, 0), {one, two}),
                                  ("link", lambda: replace(lambda path: os.symlink(path, path)), {one, two}),
                                  ("directory", lambda: replace(os.mkdir), {two}), ("FIFO", lambda: replace(os.mkfifo), {new})):
            with self.subTest(what):
                self.offer(event(1, ["one.example"]), event(2, ["two.example"]))
                self.sync(code=0)
                self.assert_first()
                spoil()
                self.offer(changed, manifest=manifest)
                # That it cannot be read may be for a moment only.
                self.assertIn("feed m: its last good version cannot be used", self.sync_bound(code=1))
                self.assertEqual(self.dump(), left)
                self.assertRegex(self.sync_bound(code=1),
                                 f"feed m: event {UUID.format(1)}: .*404.*; its last good version cannot be used: ")
                self.assertEqual(self.dump(), {new})
                self.assertIn("1 of 2 listed events are missing on the server", self.sync_bound(code=0))
                self.assertIn("feed_incomplete", [c["condition"] for c in self.status()["conditions"]])
                self.offer(event(1, ["one.example"]), changed)
                self.sync_bound(code=0)
                self.assertNotIn("feed_incomplete", [c["condition"] for c in self.status()["conditions"]])
                self.assertEqual(self.dump(), {one, new})

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_cut_off_behind_a_new_list(self):
        """A run that ends before all is known of a list that has come: the list is known, whole, and asked for anew."""
        answer = lambda text, tag: lambda headers: response("", "304 Not Modified", length=False) \
            if headers.get("If-None-Match") == tag else response(text, ETag=tag)
        self.configure([{**DOMAINS, "url": self.server.url + "/list"}])
        self.server.responses["/list"] = answer("one.example\n", '"a"')
        self.sync(code=0)
        self.server.responses["/list"] = answer("two.example\n", '"b"')
        good = self.path("state/feeds/l/good.domains")
        subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-P", self.table, "-e", "trace=openat", "-e", "inject=openat:signal=KILL",
                        FEEDSYNC, "-c", self.config, "sync"], capture_output=True, timeout=120)
        with open(good) as f:
            self.assertEqual(f.read(), "two.example\n")
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.server.responses["/list"] = response("", status="503 Service Unavailable")
        self.assertNotIn("cannot be used", self.sync(code=1))
        self.assertEqual(self.dump(), {("exact", "two.example")})
        self.server.responses["/list"] = answer("one.example\n", '"a"')
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_the_format_it_had_before(self):
        """Back in a format that it had, it is not what it was then."""
        old = {**DOMAINS, "url": self.server.url + "/list"}
        new = {**old, "format": "hosts"}
        self.server.responses["/list"] = response("old.example\n")
        self.configure([old])
        self.sync(code=0)
        self.server.responses["/list"] = response("0.0.0.0 new.example\n")
        self.configure([new])
        self.sync(code=0)
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/l"))), ["feed.json", "good.hosts"])
        self.server.responses["/list"] = response("", status="503 Service Unavailable")
        self.configure([old])
        self.sync(code=2)
        self.assertEqual(self.dump(), {("exact", "new.example")})
        self.configure([new])
        self.sync(code=1)
        self.assertEqual(self.dump(), {("exact", "new.example")})

    def test_unreadable_is_not_damaged(self):
        """What cannot be read just now is kept as it is published, holds up nobody else, and is fetched anew."""
        unchanged = lambda headers: (response("", "304 Not Modified", length=False)
                                     if "If-None-Match" in headers else response("three.example\n", ETag='"b"'))
        self.server.responses["/list"] = unchanged
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                        {**DOMAINS, "url": self.server.url + "/list"}])
        self.sync(code=0)
        before = self.dump()
        good = self.path("state/feeds/l/good.domains")
        os.rename(good, self.path("kept"))
        os.mkdir(good)
        for name in ("four", "five"):
            self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                            {**DOMAINS, "url": self.server.url + "/list"}], block=f"\n  - name: {name}.example")
            self.assertIn("feed l: its last good version cannot be used", self.sync(code=1))
            self.assertEqual(self.dump(), before | {("subtree", f"{name}.example")})
            self.assertIn("in force: what is published of it stays",
                          self.feedsync("-c", self.config, "why", "three.example").stdout)
        self.assertFalse(self.status()["feeds"][1]["well"])
        os.rmdir(good)
        os.rename(self.path("kept"), good)
        self.sync(code=0)
        self.assertEqual(self.dump(), before | {("subtree", "five.example")})

    def test_why_it_is_not_repaired(self):
        """Of a last good version that cannot be read `status` tells first what keeps the next one away, then what is the matter;
        as often as it is found out."""
        spoilt = "; its last good version cannot be used, what is published of it stays: feeds/l/good.domains: not a regular file"
        many = [f"n{i}.example\n" for i in range(2000)]
        self.server.responses["/list"] = response("".join(many))
        feed = {**DOMAINS, "url": self.server.url + "/list"}
        self.publish([feed])
        before, good = self.dump(), self.path("state/feeds/l/good.domains")
        os.rename(good, self.path("kept"))
        os.mkdir(good)
        for answer, words in ((response("".join(many[:9])), "ALARM: 9 entries, .*: feedsync sync --accept l"),
                              (response("", status="503 Service Unavailable"), "the server answers HTTP 503"),
                              (response("", status="404 Not Found"), "the server has no such document .HTTP 404.")):
            self.server.responses["/list"] = answer
            for _ in range(2):
                said = self.sync(code=1)
                self.assertRegex(said, f"feed l: {words}; the last good version stays\n")
                self.assertIn(f"feed l{spoilt.replace(';', ':', 1)}; it will be fetched anew", said)
                self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, f"last attempt: {words}{spoilt}\n")
                self.assertEqual(self.dump(), before)
        # The same attempt, found out again: by a run for another feed.
        self.write("list", "0.example\n")
        own = {"name": "o", "url": "file://" + self.path("list"), "format": "domains"}
        self.configure([{**feed, "interval": "1d"}, {**own, "interval": "1s"}], run="none")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: daemon.log().count(spoilt[2:]) >= 3)
        self.assertRegex(self.status()["feeds"][0]["error"], f"^{words}{spoilt}$")
        self.assertEqual(daemon.stop(), 0)
        os.rmdir(good)
        os.rename(self.path("kept"), good)
        self.server.responses["/list"] = response("".join(many))
        self.sync(code=0)
        self.assertEqual(self.status()["feeds"][0]["error"], "")

    def test_other_feeds_do_not_put_it_off(self):
        """What has turned out to be damaged is fetched in its time, however often other feeds' runs find it out again."""
        lists = self.local_feeds(l={"content": "one.example\n", "interval": "4s"}, o={"content": "two.example\n", "interval": "1s"})
        self.configure(lists, run="none")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: ("exact", "one.example") in self.dump())
        self.write("state/feeds/l/good.domains", "<html>")
        wait_for(lambda: "feed l: its last good version cannot be used" in daemon.log())
        wait_for(lambda: "feed l: fresh" in daemon.log().split("cannot be used", 1)[1])
        self.assertEqual(daemon.stop(), 0)

    def test_a_category_goes_while_a_list_is_damaged(self):
        """What stays of it has the category that the list has now, but none comes to block since it was to let pass."""
        unchanged = lambda headers: response("", "304 Not Modified", length=False) if "If-None-Match" in headers else \
            response("||three.example^\n@@||ok.three.example^\n", ETag='"b"')
        self.server.responses["/list"] = unchanged
        for action, later in ("nxdomain", "refused"), ("allow", "allow"), ("allow", "nxdomain"), ("nxdomain", "allow"):
            with self.subTest(action, later=later):
                shutil.rmtree(self.path("state"))
                feed = lambda category: [{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                                         {"name": "l", "format": "adblock", "url": self.server.url + "/list", "category": category}]
                category = lambda name, action: f"\n  - name: {name}\n    action: {action}"
                self.configure(feed("old"), categories=category("old", action))
                self.sync(code=0)
                before = self.dump()
                self.write("state/feeds/l/good.adblock", "<html>")
                self.configure(feed("new"), categories=category("new", later))
                said = self.sync(code=1)
                self.assertIn("feed l: its last good version cannot be used", said)
                [answer] = self.feedsync("lookup", self.table, "three.example").stdout.splitlines()
                if "allow" in (action, later) and action != later:
                    self.assertRegex(said, "feed l: [12] rules of the published table go with their category")
                    self.assertIn("\tpass", answer)
                else:
                    self.assertRegex(said, "feed l: [12] rules of the published table stay")
                    self.assertIn("\tnew", answer)
                    self.assertEqual(self.dump(), before)
                self.assertFalse(self.status()["feeds"][1]["well"])
                self.sync(code=0)
                self.assertIn("\tnew", self.feedsync("lookup", self.table, "three.example").stdout)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_nothing_to_stand_in(self):
        """Where the table is gone or damaged as well, none is made without a list that cannot be read just now."""
        lists = self.local_feeds(l="three.example\n", w={"content": "one.example\n", "category": "ours"})
        self.configure(lists, run="none", categories="\n  - name: ours\n    action: allow")
        self.sync(code=0)
        before = self.dump()
        for damage in (lambda: os.remove(self.table), lambda: self.write("current.weir", "no table")):
            for name in "lw":
                damage()
                said = self.sync_with_fault(f"state/feeds/{name}/good.domains", "read", "EIO")
                self.assertEqual(said.returncode, 2, said.stderr)
                self.assertRegex(said.stderr, f"nothing published: {name}.*Input/output error")
                self.assertIn(f"feed {name}: its last good version cannot be used", said.stderr)
                self.sync(code=0)
                self.assertEqual(self.dump(), before)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_a_new_list_that_cannot_be_read(self):
        """It is none that was added: the table's growth by others is judged."""
        many = lambda count: "".join(f"n{i}.example\n" for i in range(count))
        limits = {"run": "none", "table-max-growth": 50}
        self.configure(self.local_feeds(a=many(2000)), **limits)
        self.sync(code=0)
        self.configure(self.local_feeds(a=many(40000), b=many(30000)), **limits)
        said = self.sync_with_fault("state/feeds/b/good.domains", "read", "EIO:when=4+")
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn("feed a: ALARM: the table would hold 40001 rules", said.stderr)
        self.assertEqual(len(self.dump()), 2000)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_old_events_that_cannot_be_listed(self):
        """They are not taken for gone: one of them cannot be had again."""
        self.offer(event(1, ["one.example"]), manifest=manifest_of(event(1, []), event(2, [])))
        said = self.sync_with_fault("state/feeds/m/good.misp-feed", "getdents64", "EIO")
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn(f"feed m: cannot use {self.path('state/feeds/m/good.misp-feed')}: Input/output error", said.stderr)
        self.assert_first()
        self.sync(code=0)
        self.assert_first()
