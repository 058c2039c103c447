"""Whom feedsync trusts: servers and addresses. Each fault leaves last good and is named."""
import base64, hashlib

from feeds import *

OTHER = "127.0.0.77"  # of this machine as well, but nobody wrote it into a feed's URL


class Trust(ListLab):

    # ---- servers ----

    def server_block(self, name, port, more=""):
        return (f"}} server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {self.path(name + '.pem')}; "
                f"ssl_certificate_key {self.path(name + '.key')}; root {self.path('www')}; {more}")

    def pin_of(self, certificate):
        key = self.openssl("x509", "-in", certificate, "-noout", "-pubkey")
        der = self.openssl("pkey", "-pubin", "-outform", "der", stdin=key)
        return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()

    def test_servers(self):
        self.make_certificates()
        expired, stranger, client = free_port(), free_port(), free_port()
        self.certificate("expired", days="-1")
        self.certificate("stranger", subject="another.example")
        self.certificate("me", subject="isp")
        self.serve(tls=True, more=f"location /http {{ return 302 http://localhost:{expired}/; }} "
                                  f"location /mtls {{ return 302 https://localhost:{client}/list.txt; }}"
                   + self.server_block("expired", expired) + self.server_block("stranger", stranger)
                   + self.server_block("server", client, f"ssl_client_certificate {self.path('ca.pem')}; ssl_verify_client on;"))
        ca = {"ca": self.path("ca.pem")}
        good, wrong = self.pin_of("server.pem"), self.pin_of("stranger.pem")
        url = self.url + "/list.txt"
        self.feed(url, **ca, pin=f'"{wrong};{good}"')
        self.sync()
        self.assertEqual(self.dump(), self.good)
        at = lambda port: f"https://localhost:{port}/list.txt"
        os.chmod(self.path("me.key"), 0o600)
        me = {"client-certificate": self.path("me.pem"), "client-key": self.path("me.key")}
        for what, address, settings, words in (
                ("wrong CA", url, {}, "certificate"),
                ("expired", at(expired), ca, "expired"),
                ("another's name", at(stranger), ca, "does not match|subject name"),
                ("wrong pin", url, {**ca, "pin": wrong}, "public key"),
                ("no client certificate", at(client), ca, "HTTP 400|certificate required"),
                ("our certificate is for the feed's own server", self.url + "/mtls", {**ca, **me, "private-addresses": "yes"},
                 "HTTP 400|certificate required"),
                ("redirect to http", self.url + "/http", ca, r"redirects to http://localhost:\d+/, from https to http")):
            with self.subTest(what):
                self.feed(address, **settings)
                self.assert_kept(words)
        self.feed(at(client), **ca, **me)
        self.sync()
        self.good = {("exact", "unwanted.example")}
        self.assertEqual(self.dump(), self.good)
        # A key that others can read is not used.
        os.chmod(self.path("me.key"), 0o644)
        self.assertIn("mode 0644", self.feedsync("-c", self.config, "check", code=1).stderr)
        self.write("www/list.txt", "never.example\n")
        self.assertRegex(self.sync(code=1), "feed l: .*me.key: holds a secret, and its mode 0644 .*last good")
        self.assertEqual(self.dump(), self.good)

    def test_settings(self):
        key = "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd"
        start = "feeds:\n  - name: a\n    url: https://a.example/x\n    format: domains\n"
        resolver = "resolver:\n  {}\n" + start
        pin = "sha256//" + "A" * 43 + "="
        for text, line, words in (
                (start.replace("name: a", "name: self-test"), 2, "name already"),
                ("categories:\n  - name: self-test\n" + start, 2, "there already"),
                (start + "    client-key: /k\n", 5, "only together"),
                (start + "    client-certificate: /k\n", 5, "only together"),
                (start + "    pin: sha256//AAAA=\n", 5, "base64"),
                (start + f"    pin: {pin};\n", 5, "base64"),
                (start.replace("https", "http") + f"    pin: {pin}\n", 5, "no effect without https"),
                (start.replace("https", "http") + "    client-key: /k\n    client-certificate: /c\n", 5, "no effect without https"),
                (start + "    minisign-key: RWT\n", 5, "not a public key"),
                (start + "    signature: https://a.example/s\n", 5, "without \"minisign-key\""),
                (start + f"    minisign-key: {key}\n    signature: ftp://a.example/s\n", 6, "expected an https://"),
                (start.replace("domains", "misp-rest") + f"    minisign-key: {key}\n", 5, "minisign-key"),
                (start + "    private-addresses: some\n", 5, "some"),
                (resolver.format("forward: [dns.example]"), 2, "not ADDRESS"),
                (resolver.format('forward: ["192.0.2.1@0"]'), 2, "not ADDRESS"),
                (resolver.format('forward: ["192.0.2.1@53x"]'), 2, "not ADDRESS"),
                (resolver.format('forward: ["192.0.2.1#"]'), 2, "not ADDRESS"),
                (resolver.format('forward: ["192.0.2.1#dns.example"]'), 2, "tls: yes"),
                (resolver.format('forward: ["192.0.2.1"]\n  tls: yes'), 2, "name by which"),
                (resolver.format("tls: yes"), 2, "only forwarders"),
                (resolver.format("ca: /x"), 2, "no effect without"),
                (resolver.format("colour: red"), 2, "colour")):
            with self.subTest(text):
                result = self.feedsync("-c", self.write("broken.yaml", text), "check", code=1)
                self.assertRegex(result.stderr, rf"broken\.yaml:{line}: .*({words})")
        fine = (start + f"    pin: {pin};{pin}\n    minisign-key: {key}\n    private-addresses: yes\n"
                + 'resolver:\n  forward: ["192.0.2.1@853#dns.example", "2001:db8::1#dns.example"]\n  tls: yes\n')
        result = self.feedsync("-c", self.write("fine.yaml", fine), "check", code=0)
        for block in (f"    pin: {pin};{pin}\n    private-addresses: yes\n    minisign-key: 9B7CFF6CDA9CB2F8 # its number\n    max-signature-age: 90d\n",
                      "resolver:\n  forward:\n    - 192.0.2.1@853#dns.example\n    - 2001:db8::1#dns.example\n  validate: yes\n  tls: yes\n"):
            self.assertIn(block, result.stdout)
        for text in (start + "    client-key: /nowhere\n    client-certificate: /nowhere\n", resolver.format("trust-anchor: /nowhere")):
            result = self.feedsync("-c", self.write("files.yaml", text), "check", code=1)
            self.assertIn("/nowhere: No such file", result.stderr)

    # ---- addresses ----

    def test_addresses(self):
        """What the operator wrote is asked for; where others lead must be on the Internet at large."""
        other, silent = free_port(), socket.create_server((OTHER, 0))
        self.addCleanup(silent.close)
        self.serve(more=f"location /silent {{ return 302 http://{OTHER}:{silent.getsockname()[1]}/; }} "
                        f"location /other {{ return 302 http://{OTHER}:{other}/list.txt; }} "
                        f"location /mapped {{ return 302 'http://[::ffff:{OTHER}]:{other}/list.txt'; }} "
                        f"location /decimal {{ return 302 http://2130706509:{other}/list.txt; }} "
                        f"location /name {{ return 302 http://localhost:{other}/list.txt; }} "
                        f"location /metadata {{ return 302 http://169.254.169.254/; }} "
                        f"location /here {{ return 302 /list.txt; }} "
                        f"}} server {{ listen {OTHER}:{other}; listen 127.0.0.1:{other}; root {self.path('www')}; ")
        self.feed(self.url + "/here")
        self.sync()
        self.assertEqual(self.dump(), self.good)
        self.feed(self.url + "/silent")
        self.assert_kept("loopback")
        silent.settimeout(0.1)
        self.assertRaises(OSError, silent.accept)  # not even a connection
        for path, words in (("/other", "redirected: .* leads to 127.0.0.77, which is loopback"), ("/decimal", "loopback"),
                            ("/mapped", "leads to ::ffff:127.0.0.77, which is loopback"), ("/name", "loopback"),
                            ("/metadata", "169.254.169.254, which is link-local")):
            with self.subTest(path):
                self.feed(self.url + path)
                self.assert_kept(words)
                self.assertIn("private-addresses: yes", self.status()["feeds"][0]["error"])
        self.good = {("exact", "unwanted.example")}
        self.feed(self.url + "/other", **{"private-addresses": "yes"})
        self.sync()
        self.assertEqual(self.dump(), self.good)

    def test_connections_are_not_shared(self):
        """One feed may connect to where another may not: a connection that is kept open is looked at like a new one."""
        other = free_port()
        self.serve(more=f"}} server {{ listen {OTHER}:{other}; root {self.path('www')}; ")
        with FaultServer() as slow:
            target = f"http://{OTHER}:{other}/list.txt"

            def once_the_other_is_done(_):
                wait_for(lambda: os.path.getsize(self.path("access.log")) > 0)
                time.sleep(0.3)
                return response("", "302 Found", Location=target)
            slow.responses["/"] = once_the_other_is_done
            self.configure([{"name": "a", "url": target, "format": "domains"},
                            {"name": "b", "url": slow.url + "/", "format": "domains"}])
            said = self.sync(code=1)
            self.assertRegex(said, "feed b: redirected: .* leads to 127.0.0.77, which is loopback")
            self.assertEqual(self.dump(), self.good)
            self.assertEqual(len(self.requests()), 1)

    def test_proxy(self):
        """Through a proxy its address says nothing of the server's."""
        with FaultServer() as proxy:
            proxy.responses["http://feeds.example/list.txt"] = response("one.example\n")
            proxy.responses["http://feeds.example/away"] = response("", "302 Found", Location=f"http://{OTHER}/list.txt")
            proxy.responses[f"http://{OTHER}/list.txt"] = response("other.example\n")
            environment = {**os.environ, "http_proxy": proxy.url, "no_proxy": OTHER}
            for path, rule in (("list.txt", "one.example"), ("away", "other.example")):
                self.feed("http://feeds.example/" + path)
                self.feedsync("-c", self.config, "sync", code=0, env=environment)
                self.assertEqual(self.dump(), {("exact", rule)})

    # ---- resolving ----

    # ---- probe ----

    # ---- signatures ----
