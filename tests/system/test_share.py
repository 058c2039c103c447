"""Publishing to others: what goes out, what does not, and that whatever happens others see a whole release, the old or the new."""
import collections, random, signal, stat

import pytest

from strace_lab import *

ORGANISATION = "{name: ISP-A CERT, uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10, contact: abuse@isp.example}"
CALLS = ("openat", "write", "pwrite64", "fsync", "rename", "symlink", "unlink", "mkdir", "link", "fchmod")


class ShareLab(SigningLab, LaterLab):
    def setUp(self):
        super().setUp()
        self.outputs = [{"name": "circle", "format": "domains", "tlp": "green"}]
        self.items, self.settings = [], {}
        self.feeds = self.local_feeds(closed="closed.example\n")

    def apply(self, sync=0):
        """Configures what the test has set, and makes a table of it."""
        outputs = [{"to": self.path("out", o["name"]), "recipients": ["isp-b.example"], "of": ["operator"] +
                    [f["name"] for f in self.feeds if f.get("republish")], **o} for o in self.outputs]
        self.configure(self.feeds, run="none", organisation=ORGANISATION, share=json.dumps(outputs), block=json.dumps(self.items),
                       categories=json.dumps([{"name": "phishing"}, {"name": "c2"}]), **self.settings)
        if sync is not None:
            self.sync(sync)

    def share(self, *words, code=0, at=None):
        result = self.at(at, "share", *words, code=code) if at else self.feedsync("-c", self.config, "share", *words, code=code)
        return result.stderr + result.stdout

    def serial(self, output="circle"):
        path = self.path("out", output, "current")
        return int(os.readlink(path)[1:]) if os.path.islink(path) else 0

    def released(self, output="circle", name="list.txt"):
        with open(self.path("out", output, "current", name)) as f:
            return f.read()

    def listed(self, output="circle", name="list.txt"):
        return {line for line in self.released(output, name).splitlines() if not line.startswith("#")}

    def output(self, name="circle"):
        return next(o for o in self.status()["outputs"] if o["name"] == name)

    def log(self):
        return json.loads(self.feedsync("-c", self.config, "shared", "--json", "-n", "1000", code=0).stdout)["rows"]

    def verify(self, code=0):
        return self.feedsync("-c", self.config, "shared", "--verify", code=code)


class Share(ShareLab):
    def test_life_of_an_item(self):
        """Listed, unchanged, withdrawn, listed again, expired: serials, octets and what a second Weir takes of it."""
        self.outputs.append({"name": "zone", "format": "rpz", "tlp": "green", "zone": "rpz.isp.example"})
        login = {"name": "login-parcel.example", "category": "phishing", "reason": "parcel phishing"}
        host = {"name": "host.example", "scope": "exact", "category": "c2"}
        self.items = [login, host]
        self.apply()
        self.share()
        self.assertEqual((self.serial(), self.serial("zone")), (1, 1))
        self.assertEqual(self.listed(), {"*.login-parcel.example", "host.example"})
        first = self.released("zone", "rpz.isp.example.zone")
        self.assertIn("@ SOA localhost. abuse.isp.example. 1 60 60 604800 60\n", first)
        for checker in (["named-checkzone", "-q", "-i", "none", "rpz.isp.example"], ["nsd-checkzone", "rpz.isp.example"]):
            subprocess.run([*checker, self.path("out/zone/current/rpz.isp.example.zone")], check=True, timeout=60)
        self.share()
        self.assertEqual((self.serial("zone"), self.released("zone", "rpz.isp.example.zone")), (1, first))
        self.read_by_another({("subtree", "login-parcel.example"), ("exact", "host.example")})
        self.items = [host]
        self.apply()
        self.share()
        self.assertEqual((self.serial(), self.listed()), (2, {"host.example"}))
        self.read_by_another({("exact", "host.example")})
        self.items = [host, {**login, "expires": "2099-01-01"}]
        self.apply()
        self.share()
        self.assertEqual((self.serial(), self.listed()), (3, {"*.login-parcel.example", "host.example"}))
        told = json.loads(self.feedsync("-c", self.config, "shared", "--json", "x.login-parcel.example", code=0).stdout)["items"]
        self.assertEqual([(i["output"], i["listing"], i["state"], i["serial"]) for i in told],
                         [(o, *rest) for o in ("circle", "zone") for rest in ((1, "withdrawn", 2), (2, "listed", 3))])
        # The rows of one item: of its name, scope, category and listing.
        self.assertEqual(told[0]["uuid"], "9900060e-558f-5510-a432-7e17cd04fd05")
        later = int(time.mktime(time.strptime("2099-01-03", "%Y-%m-%d")) - time.time())
        self.pass_until(later)
        self.sync_at(later)
        self.pass_until(later)
        self.share(at=later)
        self.assertEqual((self.serial(), self.listed()), (4, {"host.example"}))
        self.assertEqual(sorted(os.listdir(self.path("out/circle"))), ["current", "r2", "r2.items", "r3", "r3.items", "r4", "r4.items"])
        rows = [(r["output"], r["what"], r["serial"]) for r in self.log() if r["output"] == "circle"]
        self.assertEqual(rows, [("circle", what, serial) for serial in (1, 2, 3, 4) for what in ("pending", "publish")])
        self.verify()

    def read_by_another(self, rules):
        """What a second Weir makes of each output."""
        for name, path, form in (("circle", "circle/current/list.txt", "domains"),
                                 ("zone", "zone/current/rpz.isp.example.zone", "rpz")):
            table = self.path("second.weir")
            self.feedsync("compile", "-f", form, "-o", table, self.path("out", path), code=0)
            dump = {tuple(line.split("\t")[:2]) for line in self.feedsync("dump", table, code=0).stdout.splitlines()}
            self.assertEqual(dump, rules, name)

    def test_what_is_withheld(self):
        self.settings = {"guard": "{own: [isp.example]}", "allow": '[{name: www.parent.example}, {name: passes.example}]'}
        self.items = [{"name": "amber.example", "tlp": "amber"}, {"name": "clear.example", "tlp": "clear"}, {"name": "parent.example"},
                      {"name": "passes.example"}, {"name": "google.com"}, {"name": "secret.example", "share": "no"}, {"name": "zip"}]
        self.feeds = self.local_feeds(open={"content": "shared.example\nwww.isp.example\nx.parent.example\n", "republish": "yes",
                                            "tlp": "green", "category": "c2"},
                                      closed="closed.example\n",
                                      trial={"content": "trial.example\n", "republish": "yes", "tlp": "green", "action": "log"},
                                      excepts={"content": "||kept.example^\n||both.example^\n@@||both.example^\n||deep.example^\n@@||www.deep.example^\n", "format": "adblock",
                                               "republish": "yes", "tlp": "green"})
        self.apply()
        self.assertIn("output circle: 4 names, 9 withheld\n", self.feedsync("-c", self.config, "check", code=0).stdout)
        plan = json.loads(self.share("--dry-run", "--json"))["outputs"][0]
        self.assertEqual({i["name"]: i["reason"] for i in plan["withheld"]},
                         {"amber.example": "tlp", "parent.example": "allowed", "passes.example": "allowed", "google.com": "guarded",
                          "zip": "top-level", "www.isp.example": "own", "trial.example": "trial", "both.example": "not-in-force", "deep.example": "allowed"})
        self.assertEqual(self.serial(), 0)
        self.share()
        listed = {"*.clear.example", "shared.example", "x.parent.example", "*.kept.example"}
        self.assertEqual(self.listed(), listed)
        # A command that lets a name pass here takes it back there.
        self.feedsync("-c", self.config, "allow", "shared.example", "--reason", "false positive", code=0)
        self.share()
        self.assertEqual(self.listed(), listed - {"shared.example"})
        # One that blocks a name is for this place.
        self.feedsync("-c", self.config, "block", "urgent.example", "--reason", "tonight", code=0)
        self.share()
        self.assertEqual((self.serial(), self.listed()), (2, listed - {"shared.example"}))
        self.assertEqual(self.output()["withheld"]["allowed"], 4)

    def test_scopes_of_what_is_let_pass(self):
        """An item is withheld where a recipient would block by it what is let pass here, and only there; also where the table
        does not know of it yet."""
        cases = [  # what is let pass, what is an item, whether that is told
            ("exact:a.example", "subtree:sub.a.example", True), ("exact:b.example", "exact:sub.b.example", True),
            ("exact:sub.c.example", "exact:c.example", True), ("subtree:sub.d.example", "exact:d.example", True),
            ("exact:e.example", "exact:e.example", False), ("exact:f.example", "subtree:f.example", False),
            ("exact:sub.g.example", "subtree:g.example", False), ("subtree:sub.h.example", "subtree:h.example", False),
            ("subtree:i.example", "exact:sub.i.example", False), ("subtree:j.example", "subtree:sub.j.example", False)]
        def list_of(column):
            return [dict(zip(("scope", "name"), case[column].split(":"))) for case in cases]
        told = {item["name"] for case, item in zip(cases, list_of(1)) if case[2]}
        self.items = list_of(1)
        for known in (False, True):
            with self.subTest(known):
                self.settings = {}
                self.apply(0)
                self.settings = {"allow": json.dumps(list_of(0))}
                self.apply(0 if known else None)
                plan = json.loads(self.share("--dry-run", "--json"))["outputs"][0]
                self.assertEqual({i["name"]: i["reason"] for i in plan["withheld"]},
                                 {item["name"]: "allowed" for item in self.items if item["name"] not in told})

    def test_names_that_do_not_fit(self):
        """A zone with one owner name that is too long is refused by every name server."""
        long = ".".join(["a" * 50] * 4 + ["b" * 26, "example"])  # 240 octets, and 16 of the zone's name
        self.outputs = [{"name": "zone", "format": "rpz", "tlp": "green", "zone": "rpz.isp.example"}]
        self.feeds = self.local_feeds(f={"content": f"{long}\n*.{long[2:]}\n*.{long[3:]}\n*.{long[4:]}\nx.rpz-ip\nfine.example\n",
                                         "republish": "yes", "tlp": "green"})
        self.apply()
        plan = json.loads(self.share("--dry-run", "--json"))["outputs"][0]
        unfit = {i["name"] for i in plan["withheld"] if i["reason"] == "unfit"}
        self.share()
        path = self.path("out/zone/current/rpz.isp.example.zone")
        for checker in (["named-checkzone", "-q", "-i", "none", "rpz.isp.example"], ["nsd-checkzone", "rpz.isp.example"]):
            subprocess.run([*checker, path], check=True, timeout=60)
        self.assertEqual(unfit, {"x.rpz-ip", long, long[2:]})
        self.assertEqual(self.output("zone")["withheld"], {"unfit": 3})
        zone = self.released("zone", "rpz.isp.example.zone")
        self.assertIn("fine.example CNAME .", zone)
        self.assertIn(f"\n*.{long[3:]} CNAME .", zone)

    def test_alarm_and_acceptance(self):
        self.feeds = self.local_feeds(f={"content": numbered(30), "republish": "yes", "tlp": "green"})
        self.outputs.append({"name": "own", "format": "domains", "tlp": "clear", "of": ["operator"]})
        self.items = [{"name": "own.example", "tlp": "clear"}]
        self.apply()
        self.share()
        self.write("f", numbered(14))
        self.apply()
        said = self.share(code=1)
        self.assertIn("it would have 15 names instead of 31: if that is right: feedsync share --accept circle; the last release stays", said)
        self.assertEqual(self.serial(), 1)
        self.assertEqual((self.output()["error_class"], self.output()["items"]), ("alarm", 31))
        self.assertEqual(self.feedsync("-c", self.config, "status").returncode, 1)
        self.share("--accept", "circle")
        self.assertEqual((self.serial(), len(self.listed())), (2, 15))
        self.assertEqual([r["what"] for r in self.log() if r["output"] == "circle"][-3:], ["accept", "pending", "publish"])
        # Nothing would be left.
        self.items, self.outputs[1]["tlp"] = [], "clear"
        self.apply()
        self.assertIn("nothing would be left of 1 names", self.share(code=1))
        self.assertEqual(self.listed("own"), {"*.own.example"})
        self.share("nobody", code=2)

    def test_nothing_of_it_stops_blocking(self):
        """A key that is missing, a log that is damaged, a directory that cannot be written, a feed that cannot be read: the last
        release stays, `status` says so, and names are blocked as before."""
        self.feeds = self.local_feeds(f={"content": "a.example\n", "republish": "yes", "tlp": "green"})
        self.apply()
        self.share()
        sqlite, out, feed = self.path("state/share.sqlite"), self.path("out/circle"), self.path("state/feeds/f/good.domains")
        whole = open(sqlite, "rb").read()

        def damage_log():
            with open(sqlite, "r+b") as f:
                f.write(b"not a database" * 100)

        def mend_log():
            with open(sqlite, "wb") as f:
                f.write(whole)

        cases = [("key", lambda: self.outputs[0].update({"sign-key-file": self.path("no-key")}),
                  lambda: self.outputs[0].pop("sign-key-file"), r"no-key"),
                 ("log", damage_log, mend_log, r"share\.sqlite"),
                 ("directory", lambda: (os.rename(out, out + ".kept"), self.write("out/circle", "no directory")),
                  lambda: (os.remove(out), os.rename(out + ".kept", out)), r"out/circle"),
                 ("guard", lambda: self.settings.update({"guard": "{names: [/nowhere/names]}"}), self.settings.clear, r"nowhere")]
        for i, (what, break_it, mend_it, words) in enumerate(cases):
            with self.subTest(what):
                break_it()
                self.items.append({"name": f"new{i}.example"})
                self.apply(sync=None)
                synced = self.feedsync("-c", self.config, "sync")
                if what != "guard":
                    self.assertEqual(synced.returncode, 0, synced.stderr)
                    self.assertIn(("subtree", f"new{i}.example"), self.dump())
                self.assertRegex(self.share(code=2), words)
                if what != "directory":
                    self.assertNotIn(f"*.new{i}.example", self.listed())
                    self.assertTrue(self.output()["error"])
                    self.assertEqual(self.feedsync("-c", self.config, "status").returncode, 1)
                mend_it()
                self.apply()
                self.share()
                self.assertIn(f"*.new{i}.example", self.listed())
        os.rename(feed, feed + ".lost")
        self.assertRegex(self.share(code=2), "feed f cannot be read: its last good version is lost")
        os.mkdir(feed)
        self.assertRegex(self.share(code=2), "feed f cannot be read")
        self.assertIn("a.example", self.listed())

    def test_lost_state(self):
        self.items = [{"name": "a.example"}, {"name": "b.example"}]
        self.apply()
        self.share()
        for lost in (["state/share.sqlite"], ["state/shared"], ["out/circle/r1.items"]):
            with self.subTest(lost):
                for path in lost:
                    (shutil.rmtree if os.path.isdir(self.path(path)) else os.remove)(self.path(path))
                self.share()
                self.assertEqual(self.serial(), 1)
        # Of both copies one is needed.
        shutil.rmtree(self.path("state/shared"))
        os.remove(self.path("out/circle/r1.items"))
        said = self.share(code=2)
        self.assertRegex(said, "r1.items.*to begin anew: feedsync share --accept circle")
        self.share("--accept", "circle")
        self.assertEqual((self.serial(), self.listed()), (2, {"*.a.example", "*.b.example"}))
        # A release that is lost is made anew.
        shutil.rmtree(self.path("out/circle/r2"))
        self.share()
        self.assertEqual((self.serial(), self.listed()), (3, {"*.a.example", "*.b.example"}))
        # No serial is given twice, whatever is left: a release and its state; a release; what is known of one.
        shutil.rmtree(self.path("state/shared"))
        os.remove(self.path("out/circle/current"))
        self.share()
        self.assertEqual((self.serial(), self.listed()), (4, {"*.a.example", "*.b.example"}))
        self.assertEqual(self.output()["serial"], 4)
        for serial, left, lost, words in (
                (4, "a release", ["state/shared", "out/circle/current", *glob.glob(self.path("out/circle/*.items"))], "r4.items: No such file or directory"),
                (5, "what is known of it", ["out/circle", "state/shared/circle.items"], "serial 5 was released, and nothing is left of it")):
            with self.subTest(left):
                for path in lost:
                    (shutil.rmtree if os.path.isdir(self.path(path)) and not os.path.islink(self.path(path)) else os.remove)(self.path(path))
                self.assertRegex(self.share(code=2), f"{words}; to begin anew: feedsync share --accept circle")
                self.assertEqual(self.serial(), 0)
                self.share("--accept", "circle")
                self.assertEqual((self.serial(), self.listed()), (serial + 1, {"*.a.example", "*.b.example"}))

    def test_release_dated_ahead(self):
        """A release that was made while the clock was wrong, and what follows it by the right clock."""
        formats = {"stix": "bundle.json", "taxii": "objects/pages.json", "misp-feed": "manifest.json"}
        self.make_key("ours")
        self.outputs = [{"name": f, "format": f, "tlp": "green", "sign-key-file": self.path("ours.sec")} for f in formats]
        self.items = [{"name": "a.example"}]
        self.apply(sync=None)
        self.at(400 * DAY, "sync", code=0)
        self.share(at=400 * DAY)
        self.pass_until(0)  # the clock is believed again
        soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * DAY))
        self.items = [{"name": "a.example"}, {"name": "b.example", "expires": soon}]
        self.apply()
        self.share()
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        live = [o for o in json.loads(self.released("stix", "bundle.json"))["objects"] if o["type"] == "indicator" and not o.get("revoked")]
        self.assertEqual(len(live), 2)
        self.assertLess(max(o["valid_from"] for o in live), now + "Z")
        for name, main in formats.items():
            self.assertEqual(self.serial(name), 2)
            made = int(re.search(r"timestamp:(\d+)", self.released(name, main + ".minisig"))[1])
            self.assertLess(made, time.time() + DAY)  # or a subscriber would refuse it

    def test_lost_link(self):
        """Without the link a release is judged as always."""
        self.items = [{"name": f"n{i}.example"} for i in range(30)]
        self.apply()
        self.share()
        os.remove(self.path("out/circle/current"))
        self.items = self.items[:3]
        self.apply()
        self.assertIn("it would have 3 names instead of 30", self.share(code=2))

    def test_signed(self):
        subprocess.run(["minisign", "-G", "-W", "-f", "-p", self.path("key.pub"), "-s", self.path("key")], check=True,
                       capture_output=True, timeout=60)
        os.chmod(self.path("key"), 0o600)
        self.outputs[0]["sign-key-file"] = self.path("key")
        self.items = [{"name": "a.example"}]
        self.apply()
        self.share()
        subprocess.run(["minisign", "-V", "-p", self.path("key.pub"), "-m", self.path("out/circle/current/list.txt")], check=True,
                       capture_output=True, timeout=60)
        # Another key in the file's place signs at once; the same key does not.
        self.share()
        self.assertEqual(self.serial(), 1)
        subprocess.run(["minisign", "-G", "-W", "-f", "-p", self.path("key.pub"), "-s", self.path("key")], check=True,
                       capture_output=True, timeout=60)
        os.chmod(self.path("key"), 0o600)
        self.share()
        self.assertEqual(self.serial(), 2)
        subprocess.run(["minisign", "-V", "-p", self.path("key.pub"), "-m", self.path("out/circle/current/list.txt")], check=True,
                       capture_output=True, timeout=60)
        os.chmod(self.path("key"), 0o644)
        self.items = [{"name": "b.example"}, *self.items]
        self.apply()
        self.share(code=2)
        self.assertEqual(self.serial(), 2)
        self.assertEqual(self.feedsync("-c", self.config, "check").returncode, 1)

    @no_strace
    def test_files_that_stay(self):
        """A file that stays the same is one file with that of the release before, unless the disk cannot do that, or whoever
        reads it has changed."""
        self.outputs = [{"name": "circle", "format": "misp-feed", "tlp": "green"}]
        self.items = [{"name": "stays.example", "category": "c2"}]
        event = None
        for serial, (error, mode) in enumerate(((None, 0o640), (None, 0o640), ("EPERM", 0o640), ("EMLINK", 0o640), ("EXDEV", 0o640),
                                                (None, 0o600)), 1):
            self.items.append({"name": f"n{serial}.example", "category": "phishing"})
            self.apply()
            if event:
                os.chmod(event, mode)
            fault = ["-e", f"inject=link,linkat:error={error}"] if error else []
            result = subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=link,linkat", *fault, FEEDSYNC, "-c",
                                     self.config, "share"], capture_output=True, text=True, timeout=120)
            self.assertEqual((result.returncode, self.serial()), (0, serial), (error, result.stderr))
            before, event = event, next(path for path in glob.glob(self.path("out/circle", f"r{serial}", "*-*.json"))
                                        if "stays.example" in open(path).read())
            self.assertEqual(stat.S_IMODE(os.stat(event).st_mode), 0o640, (serial, error))
            if before:
                self.assertEqual(os.path.samefile(before, event), not error and mode == 0o640, (serial, error))

    def test_run(self):
        """The daemon shares what it publishes, and what a command publishes."""
        self.items = [{"name": "a.example"}]
        self.apply()
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: self.serial() == 1)
        self.items.append({"name": "b.example"})
        self.apply(sync=None)
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.listed() == {"*.a.example", "*.b.example"})
        self.feedsync("-c", self.config, "allow", "a.example", "--reason", "wrong", code=0)
        wait_for(lambda: self.listed() == {"*.b.example"})
        self.assertTrue(daemon.alive())
        daemon.stop()
        record = self.path("state/shared/circle.json")
        with open(record) as f:
            known = json.load(f)
        for ago, well in ((3000, True), (4000, False)):
            self.write("state/shared/circle.json", json.dumps({**known, "tried_at": int(time.time()) - ago}))
            self.assertEqual(self.output()["well"], well)


@pytest.mark.long
class Killed(StraceLab, ShareLab):
    """Killed at each system call of a release, or let down by one: others see the whole old release or the whole new one, the log
    has what was about to happen, and the next one repairs all."""

    def setUp(self):
        super().setUp()
        self.outputs = [{"name": "zone", "format": "rpz", "tlp": "green", "zone": "rpz.isp.example"}]
        self.items = [{"name": "old.example"}, {"name": "stays.example"}]
        self.apply()
        self.share()
        self.old = self.released("zone", "rpz.isp.example.zone")
        self.items = [{"name": "new.example"}, {"name": "stays.example"}]
        self.apply()
        for name in ("state", "out"):
            shutil.copytree(self.path(name), self.path("before-" + name), symlinks=True)
        self.share()
        self.new = re.sub(r"^@ SOA.*$", "", self.released("zone", "rpz.isp.example.zone"), flags=re.M)

    def restore(self):
        for name in ("state", "out"):
            shutil.rmtree(self.path(name))
            shutil.copytree(self.path("before-" + name), self.path(name), symlinks=True)

    def traced(self, *words):
        self.restore()
        return subprocess.run([*strace(self.path("strace.log"), *words), FEEDSYNC, "-c", self.config, "share"], capture_output=True,
                              text=True, timeout=120)

    def check(self, what, result, killed):
        complaint = f"{what} (TORTURE_SEED={self.seed}): exit {result.returncode}\n{result.stderr}"
        shown, serial = self.released("zone", "rpz.isp.example.zone"), self.serial("zone")
        content = re.sub(r"^@ SOA.*$", "", shown, flags=re.M)
        self.assertIn(serial, (1, 2), complaint)
        self.assertEqual(content if serial == 2 else shown, self.new if serial == 2 else self.old, complaint)
        if not killed:
            self.assertIn(result.returncode, (0, 2), complaint)
            self.assertTrue(result.returncode == 0 or result.stderr.strip(), complaint)
            self.assertEqual(result.returncode == 0, serial == 2, complaint)
        if serial == 2:  # what others see is in the log
            self.assertIn(("pending", 2), [(r["what"], r["serial"]) for r in self.log()], complaint)
        self.share()
        self.assertEqual((self.serial("zone"), re.sub(r"^@ SOA.*$", "", self.released("zone", "rpz.isp.example.zone"), flags=re.M)),
                         (2, self.new), complaint)
        self.verify()
        self.share()
        self.assertEqual(self.serial("zone"), 2, complaint)

    @no_strace
    def test_each_step(self):
        counts = self.each_step(CALLS, [(call, how) for call in ("rename", "symlink", "fsync") for how in ("signal=KILL", "error=ENOSPC")])
        self.assertGreater(counts["fsync"], 5, counts)


class Markings(ShareLab):
    TLP = {"tlp:clear": 1, "tlp:white": 1, "TLP:WHITE": 1, "tlp:green": 2, "tlp:amber": 3, "tlp:amber+strict": 9, "tlp:red": 9,
           "tlp:ex:chr": 9, "tlp:unclear": 9}
    PAP = {"PAP:CLEAR": 1, "PAP:WHITE": 1, "PAP:GREEN": 2, "PAP:AMBER": 9, "PAP:RED": 9, "PAP:PURPLE": 9}
    CEILINGS = {"clear": 1, "green": 2, "amber": 3}
    MARKINGS = {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": 1, "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": 2,
                "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": 3}

    def test_thousand(self):
        """1,000 random markings, of events and attributes, through the whole program: what the outputs hold is what the table of
        TLP and PAP says."""
        draw = random.Random(4)
        events, marks = [], {}
        for number in range(20):
            of_event = self.some_tags(draw)
            names = {}
            for i in range(50):
                name, tags = f"n{number}-{i}.example", self.some_tags(draw)
                names[name] = {"Tag": [{"name": tag} for tag in tags]}
                marks[name] = of_event + tags
            e = event(number, names, Tag=[{"name": tag} for tag in of_event])
            e["Event"]["uuid"] = f"5f0e1e6c-0000-4000-8000-0000000001{number:02}"
            for i, attribute in enumerate(e["Event"]["Attribute"]):
                attribute["uuid"] = f"5f0e1e6c-0000-4000-8000-{number:06}{i:06}"
            events.append(e)
        self.serve()
        self.misp(events)
        self.outputs = [{"name": f"{ceiling}-{feed}-{f}", "format": f, "tlp": ceiling, "of": [feed],
                         **({"zone": "rpz.isp.example"} if f == "rpz" else {})}
                        for ceiling in self.CEILINGS for feed in ("marked", "defaulted") for f in self.READ]
        self.feeds = [{"name": name, "url": self.url, "format": "misp-feed", "strict-tlp": "no", "strict-pap": "no",
                       "private-addresses": "yes", "republish": "yes", **({"tlp": tlp} if tlp else {})}
                      for name, tlp in (("marked", None), ("defaulted", "green"))]
        self.apply()
        self.assertEqual(len(self.dump()), 1000)
        self.share()
        for ceiling, most in self.CEILINGS.items():
            for feed, unmarked in (("marked", 9), ("defaulted", 2)):
                wanted = {}
                for name, tags in marks.items():
                    tlp = max([self.TLP[t] for t in tags if t in self.TLP], default=unmarked)
                    pap = max([self.PAP[t] for t in tags if t in self.PAP], default=1)
                    if tlp <= most and pap <= 2:
                        wanted[name] = tlp
                self.assertGreater(len(wanted), 10)
                for f, read in self.READ.items():
                    self.assertEqual(read(self, f"{ceiling}-{feed}-{f}"), {"domains": dict.fromkeys(wanted, most), "rpz": dict.fromkeys(wanted)}.get(f, wanted),
                                     (ceiling, feed, f))

    # What an output holds: each name, and the TLP that it goes out with. A list tells that of the output for all, a zone none.

    def read_list(self, output):
        tlp = self.CEILINGS[re.search("TLP:([A-Z]+)", self.released(output))[1].lower()]
        return dict.fromkeys((line.removeprefix("*.") for line in self.listed(output)), tlp)

    def read_zone(self, output):
        return dict.fromkeys(re.findall(r"^\*\.(\S+) CNAME \.$", self.released(output, "rpz.isp.example.zone"), re.M))

    def read_events(self, output):
        found = {}
        for path in glob.glob(self.path("out", output, "current", "*-*.json")):
            with open(path) as f:
                for a in json.load(f)["Event"]["Attribute"]:
                    self.assertNotIn(a["value"], found)
                    found[a["value"]] = max(self.TLP[tag["name"]] for tag in a["Tag"] if tag["name"] in self.TLP)
        return found

    def read_objects(self, output):
        """Of STIX, and of the pages of TAXII."""
        found, top = {}, self.path("out", output, "current")
        for path in glob.glob(top + "/bundle.json") + glob.glob(top + "/objects/[0-9]*.json"):
            with open(path) as f:
                for o in json.load(f)["objects"]:
                    if o["type"] == "indicator":
                        name = re.search("'(.*)'", o["pattern"])[1]
                        self.assertNotIn(name, found)
                        [found[name]] = [self.MARKINGS[r] for r in o["object_marking_refs"] if r in self.MARKINGS]
        return found

    READ = {"domains": read_list, "rpz": read_zone, "misp-feed": read_events, "stix": read_objects, "taxii": read_objects}

    def some_tags(self, draw):
        tags = draw.sample(list(self.TLP), draw.choice((0, 1, 1, 2))) + draw.sample(list(self.PAP), draw.choice((0, 0, 0, 1)))
        return tags + draw.sample(["phishing", "type:OSINT"], draw.choice((0, 1)))


if __name__ == "__main__":
    unittest.main()
