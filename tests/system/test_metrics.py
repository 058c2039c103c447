"""feedsync metrics: what Prometheus reads is what status says, of real feeds and a real resolver."""
from feeds import *

LINE = re.compile(r'^(weir_\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def series_of(text):
    """{(name, (label, value)...): number}"""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = LINE.match(line).groups()
        key = (name, *LABEL.findall(labels or ""))
        assert key not in found, f"twice: {line}"
        found[key] = float(value)
    return found


class Metrics(FeedLab):
    def metrics(self):
        text = self.feedsync("-c", self.config, "metrics", code=0).stdout
        said = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, "", ""))
        return series_of(text)

    def test_a_resolver_and_its_feeds(self):
        self.configure([{"name": "a", "url": "file://" + self.write("a", "one.example\ntwo.example\n192.0.2.1\n"), "format": "domains",
                         "category": "phishing"},
                        {"name": "gone", "url": "file://" + self.path("missing"), "format": "domains"}],
                       categories=[{"name": "phishing"}, {"name": "malicious"}],
                       groups=[{"name": "out", "clients": ["192.0.2.0/24"], "action": "allow"}],
                       allow=[{"name": "fine.example", "expires": "2999-01-01"}])
        self.sync(code=1)
        unbound = self.unbound(self.internet())
        for name in ("one.example", "two.example", "free.example"):
            self.ask(name)
        found, status = self.metrics(), self.status()
        resolver = status["resolvers"][0]
        self.maxDiff = None
        self.assertGreaterEqual(resolver["counters"]["queries"], 3)
        one = ("resolver", "1")
        expected = {
            ("weir_well",): 0,
            ("weir_condition", ("condition", "feed_failing"), ("impact", "degraded")): 1,
            ("weir_condition", ("condition", "resolver_none"), ("impact", "unprotected")): 0,
            ("weir_table_generation",): status["table"]["generation"],
            ("weir_table_rules",): status["table"]["rules"],
            ("weir_table_bytes",): status["table"]["octets"],
            ("weir_last_run_timestamp_seconds",): status["last_run"]["at"],
            ("weir_history_ok",): 1,
            ("weir_hold",): 0,
            ("weir_config_last_reload_successful",): 1,
            ("weir_operator_entries", ("list", "allow")): 1,
            ("weir_operator_next_expiry_timestamp_seconds",): 32472230400,
            ("weir_feed_well", ("feed", "a")): 1,
            ("weir_feed_well", ("feed", "gone")): 0,
            ("weir_feed_entries", ("feed", "a")): 2,
            ("weir_feed_failures", ("feed", "gone")): 1,
            ("weir_feed_error", ("feed", "gone"), ("class", "disk")): 1,
            ("weir_feed_rejected_entries", ("feed", "a"), ("reason", "address")): 1,
            ("weir_feed_alarm", ("feed", "a"), ("reason", "shrink")): 0,
            ("weir_resolvers",): 1,
            ("weir_resolver_active", one): 1,
            ("weir_resolver_generation", one): resolver["generation"],
            ("weir_resolver_behind", one): 0,
            ("weir_queries_total", one): resolver["counters"]["queries"],
            ("weir_blocked_total", one, ("by", "name")): 2,
            ("weir_verdicts_total", one, ("feed", "a"), ("category", "phishing"), ("action", "nxdomain")): 2,
            ("weir_group_passed_total", one, ("group", "out")): 0,
            ("weir_hits_readable", one): 1,
        }
        self.assertEqual({key: found.get(key) for key in expected}, expected)
        self.assertNotIn("weir_feed_last_success_timestamp_seconds", [key[0] for key in found if ("feed", "gone") in key])
        everything = repr(sorted(found))
        for secret in ("example", str(unbound.pid), self.directory):
            self.assertNotIn(secret, everything)
        # A new process is the same resolver.
        unbound.expect_end = True
        self.assertEqual(unbound.stop(), 0)
        self.assertEqual(self.metrics()[("weir_resolvers",)], 0)
        self.unbound(self.internet())
        self.assertEqual(self.metrics()[("weir_blocked_total", one, ("by", "name"))], 0)

    def test_runs_and_octets(self):
        """Counters that outlive the process that counts: what came of each run, and what each server has sent."""
        self.serve()
        runs = lambda found: {dict(key[1:])["result"]: value for key, value in found.items() if key[0] == "weir_runs_total"}
        first, second = "one.example\n" * 100, "one.example\ntwo.example\n"
        self.write("www/list", first)
        feed = {"name": "f", "url": self.url + "/list", "format": "domains", "private-addresses": True}
        self.configure([feed], run="none")
        begun = time.time()
        self.sync()
        received = ("weir_fetch_bytes_total", ("feed", "f"))
        found = self.metrics()
        self.assertEqual((found[received], runs(found)), (len(first), {"published": 1, "unchanged": 0, "held": 0, "failed": 0}))
        self.assertAlmostEqual(found[("weir_config_last_reload_timestamp_seconds",)], begun, delta=60)
        os.utime(self.path("state/in-use.yaml"), (1000, 1000))
        self.sync()  # 304: nothing is sent
        found = self.metrics()
        self.assertEqual((found[received], runs(found)["unchanged"]), (len(first), 1))
        self.write("www/list", second)
        self.sync()
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.sync(code=2)
        self.feedsync("-c", self.config, "resume", code=0)
        os.remove(self.path("www/list"))
        self.sync(code=1)
        found = self.metrics()
        self.assertEqual(runs(found), {"published": 3, "unchanged": 1, "held": 1, "failed": 0})
        self.assertGreater(found[received], len(first) + len(second))  # and the page of the 404
        shutil.rmtree(self.path("state/feeds"))
        self.sync(code=2)
        self.assertEqual(runs(self.metrics())["failed"], 1)

    def test_without_a_resolver_or_a_run(self):
        self.configure(self.local_feeds(l="one.example\n"), run="none")
        found = self.metrics()
        self.assertEqual(found[("weir_well",)], 0)
        self.assertNotIn(("weir_resolvers",), found)
        self.assertNotIn(("weir_last_run_timestamp_seconds",), found)
        self.assertEqual([key for key in found if key[0].startswith("weir_table_")], [])

    def test_restricted_feeds_are_not_named(self):
        stix = {"type": "bundle", "id": "bundle--0", "objects": []}
        self.configure([{"name": "open", "url": "file://" + self.write("l", "one.example\n"), "format": "domains"},
                        {"name": "secret-club", "url": "file://" + self.write("s.json", json.dumps(stix)), "format": "stix",
                         "strict-tlp": False},
                        {"name": "secret-misp", "url": "file://" + self.path("none/"), "format": "misp-feed", "strict-tlp": False}],
                       trends="{rules: yes}", organisation="{name: N, uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10, contact: a@isp.example}",
                       sightings=f"[{{name: secret-source, of: [secret-misp], to: misp, url: 'https://misp.example/', key-file: {self.path('key')}}}]")
        self.feedsync("-c", self.config, "sync")
        found = self.metrics()
        self.assertIn(("weir_sightings_well", ("partner", "restricted 1")), found)
        self.assertIn(("weir_feed_well", ("feed", "restricted 1")), found)
        self.assertIn(("weir_feed_well", ("feed", "open")), found)
        self.assertNotIn("secret", repr(found))

    def test_to_a_file(self):
        self.configure(self.local_feeds(l="one.example\n"), run="none")
        self.sync()
        path = self.path("weir.prom")
        self.assertEqual(self.feedsync("-c", self.config, "metrics", "-o", path, code=0).stdout, "")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
        self.assertEqual(series_of(open(path).read())[("weir_table_rules",)], 2)
        self.assertRegex(open(path).read(), r'weir_build_info\{version="[0-9.]+",revision="([0-9a-f]{40}|unknown)"\} 1\n')
        before = os.stat(path).st_ino
        self.feedsync("-c", self.config, "metrics", "-o", path, code=0)
        self.assertNotEqual(os.stat(path).st_ino, before)
        self.assertEqual(os.listdir(self.directory).count("weir.prom"), 1)
        self.assertIn("stays as it was", self.feedsync("-c", self.config, "metrics", "-o", self.path("no/weir.prom"), code=2).stderr)

    def test_numbers_stay(self):
        """Where no `run` remembers which resolver has which number, `-o` does."""
        self.publish(self.local_feeds(l="one.example\n"))
        self.configure(self.local_feeds(l="one.example\n"))
        internet, path = self.internet(), self.path("weir.prom")
        first, second = self.unbound(internet), self.unbound(internet)
        self.assertEqual(self.numbers(path), {"1", "2"})
        with open(self.path("state/monitor.json")) as f:
            number_1 = next(r["name"] for r in json.load(f)["resolvers"] if r["number"] == 1)
        ends = first if number_1.startswith(str(first.pid)) else second
        ends.expect_end = True
        ends.stop()
        self.assertEqual(self.numbers(path), {"2"})

    def numbers(self, path):
        self.feedsync("-c", self.config, "metrics", "-o", path, code=0)
        return {dict(key[1:])["resolver"] for key in series_of(open(path).read()) if key[0] == "weir_resolver_generation"}
