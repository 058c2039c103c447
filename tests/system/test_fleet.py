"""`feedsync fleet`: what is told of resolvers elsewhere is how they are. A compiler with two channels, real Unbounds in different
states, and servers that say they are a Prometheus."""
import http.server, threading, urllib.parse, urllib.request

from fleet_lab import *


class FleetLab(ChannelLab):
    """A compiler with channels, and hosts of resolvers: each has a directory, a puller's configuration and an Unbound."""

    def setUp(self):
        super().setUp()
        self.names = self.names[:20]
        self.channels = [{"name": "canary"}, {"name": "stable"}]
        self.hosts, self.ports, self.fleet = {}, {}, {}
        self.upstream = self.internet()

    def host(self, name, channel="stable", pulls=True):
        """A resolver that pulls a channel."""
        os.makedirs(self.path(name, "run"))
        table = self.path(name, "current.weir")
        config = self.write(f"{name}/pull.yaml", f"state: {self.path(name, 'state')}\ntable: {table}\nrun: {self.path(name, 'run')}\n"
                            f"pull:\n  url: file://{self.path('srv', channel)}/\n  keys: [{self.key}]\n")
        self.fleet[name] = {"name": name, "address": "127.0.0.1", "channel": channel}
        if pulls:
            self.feedsync("-c", config, "pull", "--once", code=0)
        self.hosts[name] = self.unbound(self.upstream, threads=1, table=table,
                                        env={"WEIR_RUN": self.path(name, "run"), "WEIR_SPARE": self.path(name, "spare")})
        self.fleet[name]["port"] = self.port
        return config

    def end(self, name):
        """Ends a resolver."""
        self.hosts[name].expect_end = True
        self.hosts[name].stop()

    def watch(self, **more):
        self.apply(fleet=json.dumps({"resolvers": list(self.fleet.values()), **more}))

    def told(self, code, *words, at=None):
        """What `feedsync fleet --json` tells: all, and of each resolver its state."""
        command = ("fleet", "--json", *words)
        said = self.later(at, *command, code=code).stdout if at else self.feedsync("-c", self.config, *command, code=code).stdout
        answer = json.loads(said)
        self.assertEqual(answer["well"], code == 0)
        return answer, {r["name"]: r["state"] for r in answer["resolvers"]}

    def of(self, answer, name):
        return next(r for r in answer["resolvers"] if r["name"] == name)


class Fleet(FleetLab):
    def test_each_tells_the_truth(self):
        self.apply()
        self.publish()
        newest = self.host("newest")
        behind = self.host("behind")
        self.host("canary-1", "canary")
        self.host("empty", pulls=False)
        self.fleet["silent"] = {"name": "silent", "address": "127.0.0.1", "port": free_port(), "channel": "stable"}
        self.watch()
        answer, states = self.told(1)
        self.assertEqual(states, {"newest": "well", "behind": "well", "canary-1": "well", "empty": "unprotected", "silent": "silent"})
        self.assertTrue(answer["verdict"].startswith("NOT WELL: resolver empty: NOTHING IS BLOCKED"), answer["verdict"])
        stable = answer["channels"][1]
        self.assertEqual((stable["name"], stable["resolvers"], stable["generation"]), ("stable", 4, 1))
        self.assertEqual(stable["generations"], [{"generation": 1, "resolvers": 2, "share": 0.5}])
        # Another table comes, which one of them takes, and the canary too.
        self.publish("another.example")
        self.told(1)
        for config in newest, self.path("canary-1/pull.yaml"):
            self.feedsync("-c", config, "pull", "--once", code=0)
        answer, states = self.told(1)
        self.assertEqual(states, {"newest": "well", "behind": "coming", "canary-1": "well", "empty": "unprotected", "silent": "silent"})
        self.assertEqual(answer["channels"][1]["generations"],
                         [{"generation": 2, "resolvers": 1, "share": 0.25}, {"generation": 1, "resolvers": 1, "share": 0.25}])
        self.assertEqual(answer["channels"][0]["generations"], [{"generation": 2, "resolvers": 1, "share": 1}])
        self.assertEqual(answer["channels"][1]["slowest"], ["newest"])
        self.assertIsNotNone(self.of(answer, "newest")["lag_s"])
        self.assertIsNone(self.of(answer, "behind")["lag_s"])
        # After some minutes it is outdated, and the others are silent since they were.
        since = {r["name"]: r["since"] for r in answer["resolvers"]}
        self.end("canary-1")
        answer, states = self.told(1, at=1000)
        self.assertEqual(states, {"newest": "well", "behind": "outdated", "canary-1": "silent", "empty": "unprotected", "silent": "silent"})
        for name in "newest", "empty", "silent":
            self.assertEqual(self.of(answer, name)["since"], since[name])
        self.assertEqual(self.of(answer, "behind")["since"], answer["channels"][1]["since"])
        self.assertGreater(self.of(answer, "canary-1")["since"], since["canary-1"] + 900)
        self.assertEqual(self.of(answer, "canary-1")["generation"], 2)
        words = self.later(1000, "fleet", code=1).stdout
        self.assertRegex(words, r"channel stable: well, newest is generation 2, since 1\d min ago, serial 2; 4 resolvers\n"
                         r"  generation 2: 1, 25.0 %\n  generation 1: 1, 25.0 %\n  slowest: newest seen with it after")
        self.assertRegex(words, r"resolver behind \(127.0.0.1@\d+, channel stable\): OUTDATED TABLE since 1\d min ago, generation 1\n")
        self.assertRegex(words, r"resolver canary-1 \(127.0.0.1@\d+, channel canary\): SILENT since \d+ s ago \(.+\), by generation 2 before\n")
        # All is well once they have it.
        self.feedsync("-c", behind, "pull", "--once", code=0)
        self.feedsync("-c", self.path("empty/pull.yaml"), "pull", "--once", code=0)
        del self.fleet["silent"], self.fleet["canary-1"]
        self.watch()
        answer, states = self.told(0)
        self.assertEqual(set(states.values()), {"well"})
        self.assertEqual(answer["verdict"], "well: 3 resolvers, each with the newest table")

    def test_other_tables(self):
        """A rollback that one does not follow; one that pulls another channel; a bypass; a channel whose manifest is over."""
        self.apply()
        self.publish()
        follows = self.host("follows")
        self.publish("another.example")
        self.host("stays")
        self.feedsync("-c", follows, "pull", "--once", code=0)
        self.watch()
        self.assertEqual(self.told(0)[1], {"follows": "well", "stays": "well"})
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.feedsync("-c", follows, "pull", "--once", code=0)
        answer, states = self.told(0)
        self.assertEqual(states, {"follows": "well", "stays": "coming"})
        self.assertEqual(answer["channels"][1]["generation"], 3)
        self.feedsync("-c", follows, "bypass", "on", "--reason", "x", code=0)
        wait_for(lambda: self.told(1)[1]["follows"] == "unprotected")
        self.feedsync("-c", follows, "bypass", "off", code=0)
        wait_for(lambda: self.told(0)[1]["follows"] == "well")
        answer, states = self.told(1, at=3 * DAY)
        self.assertEqual(states["stays"], "outdated")
        self.assertEqual([c["condition"] for c in answer["channels"]], ["channel_expired"] * 2)
        self.assertTrue(answer["verdict"].startswith("NOT WELL: channel canary: EXPIRED"), answer["verdict"])

    def test_promotion(self):
        """Canaries have the table on trial, the others the promoted one: each is judged by its own channel, and a halt is told."""
        self.channels[1] = {"name": "stable", "promote-from": "canary", "promote-after": "1h"}
        self.apply()
        self.publish()
        self.feedsync("-c", self.config, "promote", "stable", code=0)
        canary = self.host("canary-1", "canary")
        self.host("stable-1")
        self.watch()
        answer, states = self.told(1)  # one canary is too few, and nobody looks at it
        self.assertEqual([c["condition"] for c in answer["channels"] if not c["well"]], ["channel_not_promoted"])
        self.assertEqual(states, {"canary-1": "well", "stable-1": "well"})
        self.publish("another.example")
        self.feedsync("-c", canary, "pull", "--once", code=0)
        answer, states = self.told(1)
        self.assertEqual(states, {"canary-1": "well", "stable-1": "well"})
        self.assertEqual([(c["generation"], c["generations"][0]["generation"]) for c in answer["channels"]], [(2, 2), (1, 1)])
        self.feedsync("-c", self.config, "halt", "stable", code=0)
        answer, states = self.told(1)
        self.assertEqual([c["condition"] for c in answer["channels"] if not c["well"]], ["channel_halted"])
        self.assertRegex(answer["verdict"], "^NOT WELL: channel stable: HALTED: ")
        self.assertEqual(states, {"canary-1": "coming", "stable-1": "well"})  # the canary goes back, too
        self.feedsync("-c", canary, "pull", "--once", code=0)
        self.assertEqual(self.told(1)[1], {"canary-1": "well", "stable-1": "well"})

    def test_run_remembers(self):
        """`run` asks by itself; what it remembers is what the command tells, and the page, and the metrics."""
        self.apply()
        self.publish()
        self.host("one")
        self.fleet["gone"] = {"name": "gone", "address": "127.0.0.1", "port": free_port(), "channel": "canary"}
        self.watch()
        self.told(1)
        pages = free_port()
        os.mkdir(self.path("pages"))
        self.apply(fleet=json.dumps({"resolvers": list(self.fleet.values()), "interval": "10s"}),
                   metrics=json.dumps({"listen": f"127.0.0.1:{pages}", "directory": self.path("pages")}))

        def remembered():
            with contextlib.suppress(OSError), open(self.path("state/fleet/resolvers.json")) as f:
                return {r["name"]: r for r in json.load(f)["resolvers"]}
        first, version = remembered(), os.stat(self.path("state/fleet/resolvers.json")).st_ino
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.stat(self.path("state/fleet/resolvers.json")).st_ino != version)
        self.assertIn("silent_since", first["gone"])
        answer, states = self.told(1)
        self.assertEqual(states, {"one": "well", "gone": "silent"})
        self.assertEqual(self.of(answer, "gone")["since"], first["gone"]["silent_since"])

        def snapshot():
            with contextlib.suppress(OSError), open(self.path("pages/snapshot.json")) as f:
                return json.load(f)
            return {"page": "", "fleet": ""}
        wait_for(lambda: "SILENT" in snapshot()["fleet"])
        shown = snapshot()
        self.assertIn('<a href="/fleet">Fleet</a>', shown["page"])
        self.assertRegex(shown["fleet"], r"NOT WELL: resolver gone: SILENT since \d+ s ago")
        self.assertIn("100.0 %", shown["fleet"])
        for line in ("weir_fleet_well 0", 'weir_fleet_resolvers{channel="stable",state="well"} 1', 'weir_fleet_newest_ratio{channel="canary"} 0',
                     'weir_fleet_resolvers{channel="canary",state="silent"} 1', 'weir_fleet_newest_ratio{channel="stable"} 1'):
            self.assertIn("\n" + line + "\n", shown["metrics"])
        said = subprocess.run(["promtool", "check", "metrics"], input=shown["metrics"], capture_output=True, text=True)
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, "", ""))
        self.assertEqual(daemon.stop(), 0)


class Telling(http.server.BaseHTTPRequestHandler):
    """Says it is a Prometheus: whatever `say` of the server is."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        status, body = self.server.say
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def vector(*series):
    return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": metric, "value": [1, str(value)]} for metric, value in series]}}).encode()


class FleetPrometheus(FleetLab):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Telling)
        self.server.asked = []
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def test_what_hosts_tell(self):
        self.apply()
        self.publish()
        self.host("one")
        os.chmod(self.write("token", "secret\n"), 0o600)
        url = f"http://127.0.0.1:{self.server.server_port}/prom/"
        self.watch(prometheus={"url": url, "token-file": self.path("token")})
        one = {"__name__": "weir_condition", "instance": "one:9953", "impact": "degraded"}
        expired = ({**one, "condition": "pull_expired"}, 1)
        for say, state, words in (
                (vector(({"__name__": "weir_well", "instance": "one:9953"}, 1)), "well", "well: 1 resolver, each"),
                (vector(expired), "troubled", "resolver one: NOT WELL THERE"),
                ((503, b"busy"), "troubled", "resolver one: NOT WELL THERE"),  # what it told counts for some minutes
                (vector(({"__name__": "weir_well", "instance": "one"}, 1)), "well", "well: 1 resolver, each"),
                ((200, b"<html>"), "well", "prometheus: NOT ASKED: an HTML or XML page, not JSON"),
                (vector(({"__name__": "weir_well", "instance": "one"}, "x")), "well",
                 "prometheus: NOT ASKED: data.result[0].value: not a time and a number of 0 or more"),
                ((200, b'{"status":"error","error":"too much"}'), "well", 'prometheus: NOT ASKED: status: not "success": too much'),
                ((302, b""), "well", "prometheus: NOT ASKED"), ((200, b" " * (65 << 20)), "well", "prometheus: NOT ASKED")):
            with self.subTest(state, words=words):
                self.server.say = say
                answer, states = self.told(0 if words.startswith("well") else 1)
                self.assertEqual(states, {"one": state})
                self.assertIn(words, answer["verdict"])
                self.assertEqual(self.of(answer, "one")["conditions"], ["pull_expired"] if state == "troubled" else [])
                self.assertFalse(os.path.exists(self.path("state/fleet/prometheus.json")))
        path, secret = self.server.asked[0]
        self.assertEqual(secret, "Bearer secret")
        self.assertTrue(path.startswith("/prom/api/v1/query?query="))
        self.assertEqual(urllib.parse.parse_qs(path.split("?")[1])["query"], ["weir_condition > 0 or weir_resolver_generation or weir_well"])
        self.server.say = vector(({**one, "condition": "bypass_on"}, 1), ({"__name__": "weir_resolver_generation", "instance": "127.0.0.1"}, 7))
        self.feedsync("-c", self.path("one/pull.yaml"), "bypass", "on", "--reason", "x", code=0)
        wait_for(lambda: self.told(1)[1]["one"] == "bypassed")
        self.end("one")
        answer, states = self.told(1)
        self.assertEqual((states["one"], self.of(answer, "one")["told_generation"]), ("silent", 7))
        self.assertRegex(self.feedsync("-c", self.config, "fleet", code=1).stdout, r"SILENT since .*; its host tells of generation 7\n")

    def test_a_real_one(self):
        """A host refuses what its channel offers; its `feedsync serve` tells a real Prometheus, and that tells the compiler."""
        self.apply()
        self.publish()
        puller = self.host("one")
        self.publish("another.example")
        with open(self.path("srv/stable/latest"), "r+b") as f:
            f.truncate(300)
        pages, port = free_port(), free_port()
        os.mkdir(self.path("one/pages"))
        with open(puller, "a") as f:
            f.write(f"metrics: {{listen: '127.0.0.1:{pages}', directory: {self.path('one/pages')}}}\n")
        self.feedsync("-c", puller, "pull", "--once", code=1)
        Process(self, "feedsync", [FEEDSYNC, "-c", puller, "run"])
        Process(self, "serve", [FEEDSYNC, "serve", "-d", self.path("one/pages")])
        config = self.write("prometheus.yml", json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [
            {"job_name": "weir", "static_configs": [{"targets": [f"127.0.0.1:{pages}"], "labels": {"host": "one"}}]}]}))
        Process(self, "prometheus", ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.path('tsdb')}",
                                     f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"])
        self.watch(prometheus={"url": f"http://localhost:{port}/", "label": "host"})

        def told():
            answer = json.loads(self.feedsync("-c", self.config, "fleet", "--json").stdout)
            return answer if answer["prometheus"]["error"] == "" and answer["resolvers"][0]["told_at"] else None
        wait_for(told, step=0.5)
        one = told()["resolvers"][0]
        self.assertEqual((one["state"], one["generation"], one["told_generation"], one["conditions"]), ("troubled", 1, 1, ["pull_refused"]))
        self.assertRegex(self.feedsync("-c", self.config, "fleet", code=1).stdout,
                         r"NOT WELL THERE since .* ago, generation 1; its host tells: pull_refused\n")
