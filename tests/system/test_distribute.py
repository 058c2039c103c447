"""Giving the published table to resolvers elsewhere: what lies in a channel, what becomes of it when something goes wrong, and that
two compilers never publish to one channel in turn."""
import shutil, subprocess

from fleet_lab import *
from strace_lab import *

KILLED_AT = ("openat", "write", "fsync", "rename", "link", "linkat", "unlink", "unlinkat", "mkdir", "fchmod", "ftruncate", "flock")


class Distribute(ChannelLab):
    def test_each_publish(self):
        """A sync, an allow, a rollback: each comes as a manifest whose table is the published one, octet for octet."""
        self.publish()
        first = self.assert_shows_published()
        self.assertEqual((first["channel"], first["serial"], first["deltas"], first["urgent"]), ("stable", 1, [], False))
        self.assertIn("self-test.weir.example", first["must_block"])
        self.assertEqual(self.unpacked(f"tables/{first['table']['sha256']}.weir.zst"), self.table_octets())
        shutil.copyfile(self.table, self.path("first.weir"))
        self.publish("new.example")
        second = self.assert_shows_published()
        self.assertEqual((second["serial"], [d["from"] for d in second["deltas"]]), (2, [first["table"]["sha256"]]))
        delta = f"deltas/{first['table']['sha256'][:16]}-{second['table']['sha256'][:16]}.zst"
        self.assertEqual(self.unpacked(delta, self.path("first.weir")), self.table_octets())
        self.assertNotIn("serial", self.publish())  # nothing is new
        self.feedsync("-c", self.config, "allow", "n7.example", "--reason", "shop", code=0)
        third = self.assert_shows_published()
        self.assertEqual((third["serial"], third["urgent"]), (3, True))
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        fourth = self.assert_shows_published()
        self.assertEqual((fourth["serial"], fourth["urgent"], fourth["table"]["rules"]), (4, True, first["table"]["rules"]))
        self.assertEqual(len(fourth["deltas"]), 3)
        self.assertNotIn("serial", self.distribute())
        self.assertEqual((self.channel()["serial"], self.channel()["well"]), (4, True))

    def test_pulled_by_a_puller(self):
        puller = self.write("pull.yaml", f"state: {self.path('pulled')}\ntable: {self.path('pulled.weir')}\nrun: none\n"
                            f"pull:\n  url: file://{self.path('srv/stable')}/\n  keys: [{self.key}]\n")
        for i in range(3):
            self.publish(f"new{i}.example")
            self.feedsync("-c", puller, "pull", "--once", code=0)
            self.assertEqual(read(self.path("pulled.weir")), self.table_octets())

    def test_own_names_must_pass(self):
        """But for those that the operator blocks all the same: every resolver would refuse the table."""
        self.apply(guard="{own: [isp.example, mail.isp.example]}", block="[{name: pool.ntp.org}]")
        self.publish()
        names = set(self.verified()["must_pass"])
        self.assertLess({"isp.example", "mail.isp.example", "a.root-servers.net"}, names)
        self.assertNotIn("pool.ntp.org", names)

    def test_a_fault_is_its_own(self):
        """A channel that cannot be written to keeps what it has; all else goes on, and it is told since when and why."""
        self.channels = [{"name": "stable"}, {"name": "broken", "to": self.path("file/below")}]
        self.write("file", "")
        self.apply()
        said = self.publish(code=1)
        self.assertIn("channel broken: ", said)
        self.assert_shows_published()
        result = self.feedsync("-c", self.config, "status", code=1)
        self.assertRegex(result.stdout, r"channel broken: NOT DISTRIBUTED; to \S+/file/below\n  failing since .* ago: .*Not a directory")
        broken = self.channel("broken")
        self.assertTrue(broken["failed_at"] and "Not a directory" in broken["error"] and broken["error_class"] == "disk", broken)
        self.assertEqual(self.conditions() & {"channel_failing", "channel_another"}, {"channel_failing"})
        self.distribute(code=1)
        self.assertEqual(self.channel("broken")["failed_at"], broken["failed_at"])
        os.remove(self.path("file"))
        os.mkdir(self.path("file"))
        self.distribute("broken")
        self.assertNotIn("channel_failing", self.conditions())

    def test_keys(self):
        """Without a fit key the last manifest stays. Another key signs a new manifest, of the next serial."""
        self.publish()
        latest = self.object("latest")
        os.chmod(self.path("ours.sec"), 0o644)
        self.assertIn("mode 0644 lets others at it", self.publish("one.example", code=1))
        self.assertEqual(self.object("latest"), latest)
        self.make_key("theirs")
        os.replace(self.path("theirs.sec"), self.path("ours.sec"))
        self.distribute()
        self.assertEqual(self.verified(key="theirs")["serial"], 2)
        self.assertNotIn("serial", self.distribute())

    def test_what_is_lost_comes_again(self):
        """A table that has rotted, a latest that is damaged or older, a target that is emptied, a lost cache."""
        self.publish()
        self.publish("one.example")
        first = self.object("manifests/000000000001")
        table = f"tables/{self.verified()['table']['sha256']}.weir.zst"
        for damage in (lambda: self.spoil(table), lambda: os.remove(self.path("srv/stable", table)), lambda: self.spoil("latest"),
                       lambda: os.remove(self.path("srv/stable/latest")), lambda: self.put("latest", first),
                       lambda: shutil.rmtree(self.path("srv/stable")), lambda: shutil.rmtree(self.path("state/fleet/tables")),
                       lambda: shutil.rmtree(self.path("state/fleet/bases"))):
            damage()
            self.distribute()
            self.assertEqual(self.assert_shows_published()["serial"], 2)

    def put(self, name, octets):
        with open(self.path("srv/stable", name), "wb") as f:
            f.write(octets)

    def spoil(self, name):
        octets = bytearray(self.object(name))
        octets[len(octets) // 2] ^= 1
        self.put(name, octets)

    def test_retention(self):
        """What no manifest has named for as long as the channel keeps it goes; nothing that the newest one names ever does."""
        self.channels = [{"name": "stable", "keep": "2h", "expires": "90d"}]
        self.apply()
        self.publish()
        self.publish("one.example")
        self.assertEqual(len(self.objects()), 1 + 2 + 2 + 1 + 1)
        self.later(3600, "distribute", code=0)
        self.assertEqual(len(self.objects()), 1 + 2 + 2 + 1 + 1)
        self.later(3 * 3600, "distribute", code=0)
        manifest = self.assert_shows_published()
        self.assertEqual([name for name in self.objects() if name.startswith("tables")], [f"tables/{manifest['table']['sha256']}.weir.zst"])
        self.assertEqual(len(self.objects()), 1 + 1 + 1 + 1 + 1)

    def test_manifests_are_renewed(self):
        """Before one expires there is another one, of the same table; status tells of one that has expired."""
        self.channels = [{"name": "stable", "expires": "2h"}]
        self.apply()
        self.publish()
        first = self.verified()
        self.assertEqual(first["expires"] - first["created"], 7200)
        self.later(3000, "distribute", code=0)
        self.assertEqual(self.verified()["serial"], 1)
        self.later(3700, "distribute", code=0)
        second = self.assert_shows_published()
        self.assertEqual((second["serial"], second["table"]), (2, first["table"]))
        self.assertGreaterEqual(second["expires"], first["expires"] + 3600)
        self.assertIn("EXPIRED", self.later(20000, "status", code=1).stdout)

    def test_daemon(self):
        """`run` does it with each table that it publishes, and with what others publish beside it."""
        process = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: self.channel()["serial"] == 1)
        self.feedsync("-c", self.config, "allow", "n1.example", "--reason", "shop", code=0)
        self.assert_shows_published()
        process.stop()


    @no_strace
    def test_fault_has_its_path(self):
        """An object that cannot be read just now is named."""
        self.publish()
        path, = glob.glob(self.path("state/fleet/tables/*"))
        result = subprocess.run([*strace(os.devnull, "-P", path, "-e", "trace=read", "-e", "inject=read:error=EIO"), FEEDSYNC, "-c",
                                 self.config, "distribute"], capture_output=True, text=True, timeout=120)
        self.assertRegex(result.stderr, f"channel stable: {path}: Input/output error; ")

    @no_strace
    def test_no_links(self):
        """On a file system without hard links nothing can be created exclusively: only a single writer publishes there."""
        without_links = [*strace(os.devnull, "-e", "trace=link", "-e", "inject=link:error=EPERM"), FEEDSYNC, "-c", self.config]
        self.publish()
        self.names.append("new.example")
        self.write("list", "".join(name + "\n" for name in self.names))
        said = subprocess.run([*without_links, "sync"], capture_output=True, text=True, timeout=120).stderr
        self.assertRegex(said, "srv/stable: the file system has no hard links, .*; if no other compiler ever publishes there: \"single-writer: yes\"")
        self.assertEqual((self.channel()["error_class"], self.verified()["serial"]), ("disk", 1))
        self.channels = [{"name": "stable", "single-writer": True}]
        self.apply()
        subprocess.run([*without_links, "distribute"], check=True, capture_output=True, timeout=120)
        self.assertEqual(self.assert_shows_published()["serial"], 2)


class Compilers(ChannelLab):
    """A second compiler, with a state directory of its own, publishes to the same channel."""

    def setUp(self):
        super().setUp()
        text = open(self.config).read()
        self.other = self.write("other.yaml", text.replace(self.path("state"), self.path("other")).replace(self.table, self.path("other.weir")))
        self.publish()
        self.feedsync("-c", self.other, "sync", code=1)  # another compiler has published

    def test_second_compiler_is_told(self):
        said = self.distribute(config=self.other, code=2)
        self.assertIn(f'another compiler, on host "{os.uname().nodename}", has published serial 1 there', said)
        self.assert_shows_published()
        status = json.loads(self.feedsync("-c", self.other, "status", "--json", code=1).stdout)
        self.assertIn("channel_another", {c["condition"] for c in status["conditions"]})
        self.assertIn("feedsync distribute --take-over stable", {c["next"] for c in status["conditions"]})
        self.assertIn("taken over", self.distribute("--take-over", "stable", config=self.other))
        self.assertEqual(self.verified()["serial"], 2)
        self.assertIn("has published serial 2", self.publish("one.example", code=1))
        self.assertEqual(self.verified()["serial"], 2)
        self.distribute(config=self.other)
        self.distribute("--take-over", "stable")
        self.assertEqual(self.assert_shows_published()["serial"], 3)

    def test_race(self):
        """Two begin at the same time, again and again: one publishes, the other is told of it."""
        for turn in range(100 if ALL else 20):
            for path in "srv/stable", "state/fleet/channels", "other/fleet/channels":
                shutil.rmtree(self.path(path))
            processes = [subprocess.Popen([FEEDSYNC, "-c", config, "distribute"], stderr=subprocess.PIPE, text=True)
                         for config in ((self.config, self.other), (self.other, self.config))[turn % 2]]
            said = [p.communicate(timeout=60)[1] for p in processes]
            codes = [p.returncode for p in processes]
            self.assertEqual(sorted(codes), [0, 2], said)
            winner = codes.index(0)
            self.assertIn("serial 1 published", said[winner])
            self.assertIn("another compiler", said[1 - winner])
            table = self.table if winner == turn % 2 else self.path("other.weir")
            self.assertEqual(self.verified()["table"]["sha256"], sha256(read(table)))
            self.assertEqual([name for name in self.objects() if name.startswith("manifests")], ["manifests/000000000001"])


@no_strace
class KilledDistribute(StraceLab, ChannelLab):
    """A publish to a channel ends at each system call: afterwards the old or the new manifest is there, whole, and the next run
    repairs what is left."""

    def setUp(self):
        super().setUp()
        self.publish()
        self.old = self.object("latest")
        self.names += ["new.example"]
        self.write("list", "".join(name + "\n" for name in self.names))
        text = open(self.config).read()
        self.without = self.write("without.yaml", re.sub(r"^distribute: .*\n", "", text, flags=re.M))
        self.feedsync("-c", self.without, "sync", code=0)  # published here, not yet there
        for path in "state", "srv":
            shutil.copytree(self.path(path), self.path("before", path))

    def restore(self):
        for path in "state", "srv":
            shutil.rmtree(self.path(path))
            shutil.copytree(self.path("before", path), self.path(path))

    def test_killed(self):
        log = self.path("strace.log")
        subprocess.run([*strace(log, "-e", "trace=" + ",".join(KILLED_AT)), FEEDSYNC, "-c", self.config, "distribute"], check=True,
                       capture_output=True)
        self.assertEqual(self.verified()["serial"], 2)
        counts = count_calls(log)
        self.assertGreater(counts["fsync"], 8, counts)
        cases = [(call, n) for call in KILLED_AT for n in range(1, counts[call] + 1)]
        for call, n in self.part(cases):
            with self.subTest(call=call, n=n, seed=self.seed):
                self.restore()
                result = subprocess.run([*strace(os.devnull, "-e", "trace=" + call, "-e", f"inject={call}:signal=KILL:when={n}"),
                                         FEEDSYNC, "-c", self.config, "distribute"], capture_output=True, text=True, timeout=60)
                self.note_death("signal=KILL", result)
                manifest = self.verified()  # whole, and signed
                self.assertIn(manifest["serial"], (1, 2), result.stderr)
                if manifest["serial"] == 1:
                    self.assertEqual(self.object("latest"), self.old)
                else:
                    self.assert_shows_published()
                self.distribute()
                self.assertEqual(self.assert_shows_published()["serial"], 2)
                self.assertFalse([name for name in self.objects() if "/." in name], self.objects())
        self.check_deaths()
