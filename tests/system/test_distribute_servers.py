"""Channels on servers: a web server that takes PUT from whoever has a certificate, and real object stores (skipped where they are not
installed)."""
import subprocess

import pytest

from fleet_lab import *
from object_stores import *
from strace_lab import *

KILLED_AT = ("connect", "sendto", "recvfrom", "openat", "write", "fsync", "rename", "unlink", "mkdir", "flock")


class Put(ChannelLab):
    def serve_put(self):
        self.serve(tls=True)
        for name in "publisher", "stranger":
            self.certificate(name, name)
            os.chmod(self.path(name + ".key"), 0o600)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=other", "-days", "2",
                     "-keyout", "other.key", "-out", "other.pem")
        os.chmod(self.path("other.key"), 0o600)
        self.port = free_port()
        self.write("srv/404.html", "no such page\n" * 10000)  # longer than any manifest
        self.nginx(f"""listen 127.0.0.1:{self.port} ssl; ssl_certificate {self.path('server.pem')}; root {self.path('srv')};
            ssl_certificate_key {self.path('server.key')}; ssl_client_certificate {self.path('ca.pem')}; ssl_verify_client on;
            client_max_body_size 100m; dav_methods PUT DELETE; create_full_put_path on; error_page 404 /404.html;""")
        wait_for(lambda: listening(self.port))

    def use_server(self, certificate="publisher", **settings):
        self.channels = [{"name": "stable", "to": f"https://localhost:{self.port}/stable/", "ca": self.path("ca.pem"), "single-writer": True,
                          "client-certificate": self.path(certificate + ".pem"), "client-key": self.path(certificate + ".key"), **settings}]
        self.apply()

    def test_over_https(self):
        """What nginx takes; what it refuses is told, and the channel keeps what it has."""
        self.serve_put()
        self.use_server(**{"single-writer": False})  # its PUT overwrites, whatever is asked
        self.assertIn("the server cannot create an object exclusively", self.publish(code=1))
        self.assertFalse(os.path.exists(self.path("srv/stable/latest")))
        self.assertEqual(self.channel()["error_class"], "http")
        self.use_server()
        self.distribute()
        self.publish("one.example")
        self.assertEqual(self.assert_shows_published()["serial"], 2)
        latest = self.object("latest")
        self.use_server("other")
        self.assertIn("HTTP 400", self.publish("two.example", code=1))
        self.assertEqual((self.object("latest"), self.channel()["error_class"]), (latest, "http"))
        self.use_server(ca=self.path("other.pem"))
        self.distribute(code=2)
        self.assertEqual(self.channel()["error_class"], "tls")
        self.use_server(to=f"https://localhost:{free_port()}/stable")
        self.distribute(code=2)
        self.assertEqual(self.channel()["error_class"], "net")
        self.use_server()
        self.distribute()
        self.assertEqual(self.assert_shows_published()["serial"], 3)

    def test_retention(self):
        self.serve_put()
        self.use_server(keep="2h", expires="90d")
        self.publish()
        self.publish("one.example")
        self.later(3 * 3600, "distribute", code=0)
        manifest = self.assert_shows_published()
        self.assertEqual([name for name in self.objects() if name.startswith("tables")], [f"tables/{manifest['table']['sha256']}.weir.zst"])


class ObjectStore:
    """A channel in a bucket: what its compiler puts there comes to a puller, whatever dies in between. One store serves the whole
    test: it takes its time to start."""

    def setUp(self):
        super().setUp()
        self.store = self.ENGINE(self)
        self.addCleanup(self.store.kill)
        try:
            self.store.start()
        except (AssertionError, subprocess.TimeoutExpired) as error:  # else it would be a RuntimeError
            self.tearDown()
            self.skipTest(f"it has not started in time: {error}")
        self.set_keys(*self.store.KEYS)
        self.use_bucket()

    def tearDown(self):
        self.store.kill()
        super().tearDown()

    def set_keys(self, *keys):
        self.write("s3.key", "\n".join(keys) + "\n")
        os.chmod(self.path("s3.key"), 0o600)

    def use_bucket(self, **settings):
        self.channels = [{"name": "stable", "to": {"s3": {"endpoint": self.store.url, "bucket": "weir", "prefix": "stable",
                                                         "key-file": self.path("s3.key")}}, **settings}]
        self.apply()
        with open(self.config) as f:
            text = f.read()
        self.other = self.write("other.yaml", text.replace(self.path("state"), self.path("other")).replace(self.table, self.path("other.weir")))
        self.puller = self.write("pull.yaml", f"state: {self.path('pulled')}\ntable: {self.path('pulled.weir')}\nrun: none\n"
                                 f"pull:\n  url: {self.store.read_url}/stable/\n  keys: [{self.key}]\n")

    def object(self, name, channel="stable"):
        return self.store.request("GET", f"/{channel}/{name}")[1]

    def pull(self, code=0):
        return self.feedsync("-c", self.puller, "pull", "--once", code=code).stderr

    def assert_pulled(self, objects):
        """The puller has what the compiler has published; and that many whole tables and deltas came to it until now."""
        self.pull()
        with open(self.path("pulled.weir"), "rb") as f:
            self.assertEqual(f.read(), self.table_octets())
        with open(self.path("pulled/pull.json")) as f:
            record = json.load(f)
        self.assertEqual((record["tables"], record["deltas"]), objects)

    def begin_download(self, manifest):
        """A puller was killed in the middle of this table."""
        os.makedirs(self.path("pulled/pull"), exist_ok=True)
        table = self.object(f"tables/{manifest['table']['sha256']}.weir.zst")
        with open(self.path("pulled/pull", manifest["table"]["zsha256"]), "wb") as f:
            f.write(table[:len(table) // 2])
        return len(table)

    def test_life(self):
        """Publish, pull, delta, a download that goes on, a wrong key, a store that is killed, a second compiler."""
        self.publish_first()
        length = self.begin_download(self.assert_shows_published())
        self.assert_pulled((1, 0))
        with open(self.path("pulled/pull.json")) as f:
            self.assertLess(json.load(f)["octets"], length)  # the half, and the manifest
        self.publish("one.example")
        second = self.assert_shows_published()
        self.assertEqual((second["serial"], len(second["deltas"])), (2, 1))
        self.assert_pulled((1, 1))
        self.set_keys(self.store.KEYS[0], "wrong")
        self.assertIn("HTTP 403", self.distribute(code=2))
        self.assertEqual(self.channel()["error_class"], "auth")
        self.set_keys(*self.store.KEYS)
        self.store.front.popen.kill()
        self.store.front.popen.wait()
        self.publish("two.example", code=1)
        self.assertEqual(self.channel()["error_class"], "net")
        self.pull(1)
        self.store.start_front()
        self.distribute()
        self.assertEqual(self.assert_shows_published()["serial"], 3)
        self.assert_pulled((1, 2))
        self.assertIn("another compiler", self.feedsync("-c", self.other, "sync", code=1).stderr)
        self.assertEqual(self.assert_shows_published()["serial"], 3)
        self.kill_compiler()

    def kill_compiler(self):
        """At system calls of a publish: the old or the new manifest is there, whole, and the next run ends what was begun."""
        with open(self.config) as f:
            without = self.write("without.yaml", re.sub(r"^distribute: .*\n", "", f.read(), flags=re.M))
        cases, serial = [None], 3  # the first one is counted
        while cases:
            case, serial = cases.pop(0), serial + 1
            self.names.append(f"killed{serial}.example")
            self.write("list", "".join(name + "\n" for name in self.names))
            self.feedsync("-c", without, "sync", code=0)  # published here, not yet there
            words = ["-e", f"inject={case[0]}:signal=KILL:when={case[1]}"] if case else []
            calls = case[0] if case else ",".join(KILLED_AT)
            result = subprocess.run([*strace(self.path("strace.log"), "-e", "trace=" + calls, *words), FEEDSYNC, "-c", self.config, "distribute"],
                                    capture_output=True, text=True, timeout=120)
            if not case:
                counts = count_calls(self.path("strace.log"))
                self.assertGreater(counts["sendto"], 4, counts)
                cases = self.part([(call, n) for call in KILLED_AT for n in range(1, counts[call] + 1)])
            else:
                self.note_death("signal=KILL", result)
            with self.subTest(case=case, seed=self.seed):
                self.assertIn(self.verified()["serial"], (serial - 1, serial), result.stderr)
                self.distribute()
                self.assertEqual(self.assert_shows_published()["serial"], serial)
        self.check_deaths()


@pytest.mark.long
@unittest.skipIf(missing("ceph"), f"no Ceph: {missing('ceph')}")
@unittest.skipIf(SANITIZED, "it is the same in each build, and takes long")
class CephStore(ObjectStore, StraceLab, ChannelLab):
    """Of two compilers that publish at the same time one wins."""
    ENGINE, PART = Ceph, 4

    def publish_first(self):
        self.publish()

    def test_life(self):
        super().test_life()
        published = self.verified()["serial"]
        for turn in range(100 if ALL else 10):
            self.store.request("DELETE", "/stable/latest")
            for n in range(1, (published if turn == 0 else 1) + 1):
                self.store.request("DELETE", f"/stable/manifests/{n:012}")
            for path in "state/fleet/channels", "other/fleet/channels":
                shutil.rmtree(self.path(path), ignore_errors=True)
            processes = [subprocess.Popen([FEEDSYNC, "-c", config, "distribute"], stderr=subprocess.PIPE, text=True)
                         for config in ((self.config, self.other), (self.other, self.config))[turn % 2]]
            said = [p.communicate(timeout=60)[1] for p in processes]
            self.assertEqual(sorted(p.returncode for p in processes), [0, 2], said)


@pytest.mark.long
@unittest.skipIf(missing("swift"), f"no Swift: {missing('swift')}")
@unittest.skipIf(SANITIZED, "it is the same in each build, and takes long")
class SwiftStore(ObjectStore, StraceLab, ChannelLab):
    """It creates nothing exclusively, says so, and is used where the operator vouches for a single writer. A second compiler is told all
    the same, unless it comes in the same moment."""
    ENGINE, PART = Swift, 4

    def publish_first(self):
        said = self.publish(code=1)
        self.assertIn('the server cannot create an object exclusively (HTTP 501); if no other compiler ever publishes there: "single-writer: yes"',
                      said)
        self.assertEqual(self.store.request("GET", "/stable/latest")[0], 404)
        self.use_bucket(**{"single-writer": True})
        self.distribute()
