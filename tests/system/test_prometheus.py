"""A real Prometheus, which scrapes `feedsync serve` beside a real resolver, with the rules that are shipped: exactly the alerts fire
that should. Their times are divided, since nobody waits for an hour; WEIR_LONG=1 divides by 60, and takes minutes instead of one.
The panels of the dashboard ask the same Prometheus."""
import shutil, unittest, urllib.error, urllib.parse, urllib.request

from pages import *

MONITORING = os.path.join(TOP, "conf/monitoring")
LONG = bool(os.environ.get("WEIR_LONG"))
DIVIDED = 60 if LONG else 240
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def divided(rules):
    """Durations become milliseconds; the numbers of seconds that are compared with are divided by 60 at most, as what is
    compared is up to ten seconds old."""
    def shorter(match):
        return f"{int(match.group(1)) * UNITS[match.group(2)] * 1000 // DIVIDED}ms"
    lines = []
    for line in rules.splitlines():
        if not re.match(r"\s*(summary|runbook|#)", line) and "- record" not in line:
            line = re.sub(r"(?<![\w.])(\d+)([smhd])\b", shorter, line)
            line = re.sub(r"> (3600|86400|300)\b", lambda m: f"> {int(m.group(1)) / 60}", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


class PrometheusLab(PagesLab):
    def prometheus(self):
        self.prometheus_port = free_port()
        self.write("rules.yml", divided(open(os.path.join(MONITORING, "weir.rules.yml")).read()))
        self.write("prometheus.yml", json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [self.path("rules.yml")],
            "scrape_configs": [{"job_name": "weir", "static_configs": [{"targets": [f"127.0.0.1:{self.pages_port}"]}]}]}))
        daemon = Process(self, "prometheus", ["prometheus", f"--config.file={self.path('prometheus.yml')}", f"--storage.tsdb.path={self.path('tsdb')}",
                                              f"--web.listen-address=127.0.0.1:{self.prometheus_port}", "--log.level=warn"])
        wait_for(lambda: listening(self.prometheus_port))
        wait_for(lambda: self.query("up == 1"))
        return daemon

    def query(self, expression):
        url = f"http://127.0.0.1:{self.prometheus_port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it is just beginning
                return []
            self.fail(f"{expression}: {error.read().decode()}")

    def firing(self, seconds=None):
        """The alerts that fire now, or fired in the last seconds."""
        expression = 'ALERTS{alertstate="firing"}' if seconds is None else f'last_over_time(ALERTS{{alertstate="firing"}}[{int(seconds)}s])'
        return {series["metric"]["alertname"] for series in self.query(expression)}

    def fires(self, alert, action, also=()):
        """Does something, and waits for the alert. Others that fire meanwhile must be among `also`."""
        begun = time.monotonic()
        action()
        wait_for(lambda: alert in self.firing(), seconds=180, step=0.2)
        self.assertLessEqual(self.firing(time.monotonic() - begun), {alert, *also})

    def ends(self, alert):
        wait_for(lambda: alert not in self.firing(), seconds=180, step=0.2)

    def snapshot_made(self):
        """Waits until the next snapshot has been made: the one after it is ten seconds away."""
        path = self.path("pages/snapshot.json")
        before = os.stat(path).st_mtime_ns
        wait_for(lambda: os.stat(path).st_mtime_ns != before)


class Prometheus(PrometheusLab):
    def begin(self):
        self.serve()
        feeds = [{"name": name, "url": f"{self.url}/{name}", "format": "domains", "category": "phishing", "private-addresses": True, "interval": "5s"}
                 for name in ("steady", "dead")]
        for feed in feeds:
            self.write(f"www/{feed['name']}", f"{feed['name']}.example\n192.0.2.1\n")
        settings = {"categories": [{"name": "phishing"}, {"name": "malicious"}], "groups": [{"name": "out", "clients": ["192.0.2.0/24"], "action": "allow"}]}
        self.configure(feeds, **settings)
        self.sync()
        self.resolver = self.unbound(self.internet())
        self.start(feeds, **settings)
        wait_for(lambda: '"well": true' in self.get("/status.json").text)
        self.prometheus()

    def swap(self, number):
        """A new table, which the resolver takes."""
        before = self.generation()
        self.write("www/steady", f"steady.example\nswap{number}.example\n192.0.2.1\n")
        wait_for(lambda: self.generation() > before)
        self.assert_blocked(f"swap{number}.example")

    def generation(self):
        return self.status_now()["table"]["generation"]

    def status_now(self):
        return json.loads(self.feedsync("-c", self.config, "status", "--json").stdout)

    def refuse(self):
        """A table that is no table, for less than the time between two snapshots: only the resolver has seen it."""
        self.snapshot_made()
        shutil.copy(self.table, self.path("good"))
        self.write("bad", "nonsense")
        os.rename(self.path("bad"), self.table)
        wait_for(lambda: "refused" in self.resolver.log() or "not a" in self.resolver.log(), seconds=6)
        os.rename(self.path("good"), self.table)

    def kill_feed(self):
        """A feed that was last fetched more than a day (divided: 24 minutes) ago, and cannot be fetched."""
        self.assertEqual(self.daemon.stop(), 0)
        os.unlink(self.path("www/dead"))
        path = self.path("state/feeds/dead/feed.json")
        with open(path) as f:
            record = json.load(f)
        record["current_at"] -= 1500
        self.write("new.json", json.dumps(record))
        shutil.copystat(path, self.path("new.json"))
        os.rename(self.path("new.json"), path)
        self.daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])

    def test_exactly_the_expected_alerts_fire(self):
        self.begin()
        begun = time.monotonic()
        for number in range(20 if LONG else 2):
            self.swap(number)
            time.sleep(10 if LONG else 1)
        self.snapshot_made()
        self.check_dashboard()
        self.assertEqual(self.firing(time.monotonic() - begun + 5), set())
        self.fires("WeirTableRefused", self.refuse)
        self.ends("WeirTableRefused")
        self.fires("WeirHeld", lambda: self.feedsync("-c", self.config, "rollback", str(self.generation() - 1), code=0))
        self.feedsync("-c", self.config, "resume")
        self.ends("WeirHeld")
        self.fires("WeirFeedStale", self.kill_feed)
        self.write("www/dead", "dead.example\n")
        self.ends("WeirFeedStale")
        self.fires("WeirFeedsyncDown", lambda: self.server.stop())
        self.serve_pages()
        self.ends("WeirFeedsyncDown")
        self.snapshot_made()
        self.assertEqual(self.firing(), set())

    def check_dashboard(self):
        """Each query of each panel returns a series."""
        with open(os.path.join(MONITORING, "weir-dashboard.json")) as f:
            dashboard = json.load(f)
        queries = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])]
        self.assertGreater(len(queries), 20)
        for title, expression in queries:
            for variable, value in (("$__rate_interval", "30s"), ("$instance", ".*"), ("$feed", ".*"), ("$category", ".*")):
                expression = expression.replace(variable, value)
            with self.subTest(title=title, query=expression):
                self.assertNotIn("$", expression)
                wait_for(lambda: self.query(expression), seconds=20, step=0.5)


class Dashboard(unittest.TestCase):
    def test_labels(self):
        """What the panels ask for are metrics of ours, with labels that they have."""
        said = subprocess.run([FEEDSYNC, "help", "metrics"], capture_output=True, text=True).stdout
        known = {name: set(labels.split(",")) for name, labels in re.findall(r"^  (weir_\w+)(?:\{([\w,]+)\})? \(", said, re.M)}
        with open(os.path.join(MONITORING, "weir-dashboard.json")) as f:
            dashboard = json.load(f)
        numbers = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                for name, labels in re.findall(r"(weir_\w+)\{([^}]*)\}", target["expr"]):
                    with self.subTest(title=panel["title"], metric=name):
                        self.assertIn(name, known)
                        self.assertLessEqual(set(re.findall(r"(\w+)=~", labels)) - {"instance"}, known[name])

    @unittest.skipUnless(os.path.isdir(MODULES) and shutil.which("node"), "tests/browser/setup.sh was not run")
    def test_schema(self):
        """The dashboard is what Grafana's own types say a dashboard is."""
        with tempfile.TemporaryDirectory() as directory:
            program = os.path.join(directory, "check.ts")
            types = os.path.join(MODULES, "@grafana/schema/dist/types/raw/dashboard/x/types.gen.d.ts")
            subprocess.run(["node", os.path.join(TOP, "tests/browser/schema.js"), types, os.path.join(MONITORING, "weir-dashboard.json"), program], check=True)
            check = ["node", os.path.join(MODULES, "typescript/bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", program]
            said = subprocess.run(check, capture_output=True, text=True)
            self.assertEqual((said.returncode, said.stdout), (0, ""))
            text = open(program).read()
            with open(program, "w") as f:
                f.write(text.replace('"gridPos"', '"gridPlace"'))
            self.assertNotEqual(subprocess.run(check, capture_output=True).returncode, 0)
