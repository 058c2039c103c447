"""Channels on servers: a web server that takes PUT from whoever has a certificate, and a real object store, Ceph's RADOS Gateway
(skipped where it is not installed)."""
import shutil, subprocess

import pytest

from fleet_lab import *

CEPH = os.path.join(os.environ.get("WEIR_SHARED", "/nonexistent"), "tools/fleet/ceph-rgw-up.sh")
CEPH_PORTS = (7480, 6791)
has_ceph = os.path.exists(CEPH) and all(shutil.which(program) for program in ("radosgw", "ceph-mon", "ceph-osd", "bc"))


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


@pytest.mark.long
@unittest.skipUnless(has_ceph, "no Ceph: radosgw, ceph-mon, ceph-osd and bc, and the script that starts them")
@unittest.skipIf(SANITIZED, "the gateway's ports are fixed, and another build is tested at the same time")
class ObjectStore(ChannelLab):
    """A bucket of Ceph's RADOS Gateway. One gateway serves the whole test: it takes its time to start."""

    def setUp(self):
        if any(listening(port) for port in CEPH_PORTS):
            self.skipTest("its ports are in use")
        super().setUp()
        self.environment_of_ceph = {**os.environ, "FLEET_TMP": self.path("ceph")}
        os.mkdir(self.path("ceph"))
        try:
            subprocess.run(["bash", CEPH], env=self.environment_of_ceph, capture_output=True, timeout=180)
        except subprocess.TimeoutExpired:
            self.tearDown()
            self.skipTest("it has not started in three minutes")
        wait_for(lambda: listening(CEPH_PORTS[0]))
        self.write("s3.key", "PUBKEY pubsecret\n")
        os.chmod(self.path("s3.key"), 0o600)
        self.curl("PUT", "")
        self.use_bucket()

    def tearDown(self):
        subprocess.run(["bash", CEPH.replace("-up", "-down")], env=self.environment_of_ceph, capture_output=True, timeout=60)
        super().tearDown()

    def curl(self, method, name, *more):
        """What the store answers, signed by curl."""
        sums = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
        result = subprocess.run(["curl", "-sS", "-X", method, "--aws-sigv4", "aws:amz:us-east-1:s3", "-u", "PUBKEY:pubsecret", *sums, *more,
                                 f"http://127.0.0.1:7480/weir/{name}"], capture_output=True, check=True, timeout=60)
        return result.stdout

    def use_bucket(self, **settings):
        s3 = {"endpoint": "http://127.0.0.1:7480", "bucket": "weir", "prefix": "stable", "key-file": self.path("s3.key")}
        self.channels = [{"name": "stable", "to": {"s3": {**s3, **settings}}}]
        self.apply()

    def object(self, name, channel="stable"):
        return self.curl("GET", f"{channel}/{name}")

    def test_life(self):
        """Publish, delta, a wrong key, a store that is down and comes back, a second compiler, a race."""
        self.publish()
        first = self.assert_shows_published()
        self.publish("one.example")
        second = self.assert_shows_published()
        self.assertEqual((first["serial"], second["serial"], len(second["deltas"])), (1, 2, 1))
        self.write("s3.key", "PUBKEY\nwrong\n")
        self.assertIn("HTTP 403", self.distribute(code=2))
        self.assertEqual(self.channel()["error_class"], "auth")
        self.write("s3.key", "PUBKEY\npubsecret\n")
        self.distribute()
        text = open(self.config).read()
        other = self.write("other.yaml", text.replace(self.path("state"), self.path("other")).replace(self.table, self.path("other.weir")))
        self.assertIn("another compiler", self.feedsync("-c", other, "sync", code=1).stderr)
        for turn in range(20):
            self.curl("DELETE", "stable/latest")
            for n in range(1, 4):
                self.curl("DELETE", f"stable/manifests/{n:012}")
            for path in "state/fleet/channels", "other/fleet/channels":
                shutil.rmtree(self.path(path))
            processes = [subprocess.Popen([FEEDSYNC, "-c", config, "distribute"], stderr=subprocess.PIPE, text=True)
                         for config in ((self.config, other), (other, self.config))[turn % 2]]
            said = [p.communicate(timeout=60)[1] for p in processes]
            self.assertEqual(sorted(p.returncode for p in processes), [0, 2], said)
