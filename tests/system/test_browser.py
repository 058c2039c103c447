"""The pages in a real browser, on a phone and on a desk, in light and dark: screenshots are left in WEIR_SCREENSHOTS, or in
build/screenshots. tests/browser/setup.sh installs what is needed; without it these tests are skipped."""
import functools, http.server, shutil, threading, unittest

from pages import *
from trends_store import *

SETUP = os.path.join(TOP, "tests/browser")
OUTPUT = os.environ.get("WEIR_SCREENSHOTS") or os.path.join(TOP, "build/screenshots")


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@unittest.skipUnless(os.path.isdir(MODULES) and shutil.which("node") and os.path.exists("/usr/bin/chromium"), "tests/browser/setup.sh was not run")
class Browser(PagesLab):
    def hand_over(self, pages):
        """A server for each page, as if `run` handed it over each ten seconds. Returns NAME=URL for each."""
        found, snapshots, ended = [], [], threading.Event()

        def hand_over_all():
            for directory, snapshot in snapshots:
                self.write(f"{directory}/new", json.dumps({**snapshot, "at": int(time.time())}))
                os.rename(self.path(f"{directory}/new"), self.path(f"{directory}/snapshot.json"))

        def hand_over_again():
            while not ended.wait(10):
                hand_over_all()
        for name, page in pages.items():
            port, directory = free_port(), self.path(f"pages-{name}")
            os.mkdir(directory)
            snapshots.append((f"pages-{name}", self.snapshot(port, feeds=["list"], page=page)))
            hand_over_all()
            server = Process(self, f"serve-{name}", [FEEDSYNC, "serve", "-d", directory])
            wait_for(lambda: "serving at" in server.log())
            found.append((name, f"http://127.0.0.1:{port}"))
        again = threading.Thread(target=hand_over_again, daemon=True)
        again.start()
        self.addCleanup(again.join)
        self.addCleanup(ended.set)
        return found

    def test_report(self):
        """The report of trends: nothing but the page itself is asked for."""
        names = ["login-parcel", "bank-verify", "update-player", "free-prize", "a" * 63 + "." + "b" * 63 + "." + "c" * 63, "xn--bcher-kva", "<script>alert(1)</script>"]
        names += [f"name{i}.some-quite-long-domain-of-somebody" for i in range(20)]
        rows = lambda factor: [(f"{name}.example", int(factor * 9000 / (i + 1)), 900 / (i + 1) + 15, {"category": ("phishing", "malware", "c2<b>")[i % 3],
                                "scope": i % 2, "hour": i % 24, "grp": ("default", "schools")[i % 4 == 3]}) for i, name in enumerate(names)]
        rare = [(f"f{i}.example", 3, 2, {"category": "phishing"}) for i in range(30)]
        make_store(self.path("state"), {1: [*rows(1), *rare, ("trial.example", 70, 30, {"action": "log", "category": "trial"})], 2: [*rows(0.6)[2:], *rare], 3: rows(0.1)[5:]})
        self.publish(self.local_feeds(**{"isp-community": "".join(f"{name}.example\n" for name in names[:5]), "cert": "".join(f"{name}.example\n" for name in names[3:6])}))
        os.mkdir(self.path("report"))
        self.configure(self.local_feeds(**{"isp-community": "".join(f"{name}.example\n" for name in names[:5]), "cert": "".join(f"{name}.example\n" for name in names[3:6])}),
                       trends=f"\n  report: {self.path('report')}")
        run = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.path("report/index.html")) and "W" in open(self.path("report/index.html")).read(), seconds=30)
        run.stop()
        handler = functools.partial(QuietFiles, directory=self.path("report"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        os.makedirs(OUTPUT, exist_ok=True)
        said = subprocess.run(["node", os.path.join(SETUP, "look.js"), MODULES, OUTPUT, f"report={url}/{day_text(1)}/index.html",
                               f"reports={url}/index.html"], capture_output=True, text=True, timeout=300)
        self.assertEqual(said.returncode, 0, said.stderr)
        seen = [json.loads(line) for line in said.stdout.splitlines()]
        self.assertEqual(len(seen), 8)
        for page in seen:
            with self.subTest(name=page["name"], width=page["width"], scheme=page["colorScheme"]):
                self.assertEqual((page["status"], page["errors"], page["requests"], page["violations"], page["wide"]), (200, [], [], [], False))
                if page["keyboard"]:
                    self.assertEqual(page["keyboard"]["reached"], page["keyboard"]["wanted"])

    def test_pages(self):
        made = self.path("made")
        os.mkdir(made)
        subprocess.run([os.path.join(BIN, "../tests/test_feedsync_monitor_page")], env={**os.environ, "WEIR_PAGES": made}, check=True, capture_output=True)
        pages = {name[:-5]: open(os.path.join(made, name)).read() for name in sorted(os.listdir(made))}
        self.assertEqual(set(pages), {"alarm", "elsewhere", "hostile", "many", "no-resolver", "none"})
        self.compile(["one.example"], output=self.table)
        places = self.hand_over(pages)
        first = places[0][1]
        places += [("why", first + "/why?name=one.example"), ("why-hostile", first + "/why?name=%3Cscript%3Ealert(1)%3C/script%3E"),
                   ("runbook", first + "/runbook")]
        os.makedirs(OUTPUT, exist_ok=True)
        said = subprocess.run(["node", os.path.join(SETUP, "look.js"), MODULES, OUTPUT, *(f"{name}={url}" for name, url in places)],
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(said.returncode, 0, said.stderr)
        seen = [json.loads(line) for line in said.stdout.splitlines()]
        self.assertEqual(len(seen), 4 * len(places))
        for page in seen:
            with self.subTest(name=page["name"], width=page["width"], scheme=page["colorScheme"]):
                self.assertEqual((page["status"], page["errors"], page["violations"], page["wide"]), (200, [], [], False))
                if page["keyboard"]:
                    self.assertEqual(page["keyboard"]["reached"], page["keyboard"]["wanted"])
                    self.assertGreaterEqual(page["keyboard"]["wanted"], 4)
