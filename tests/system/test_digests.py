"""What hosts of resolvers tell of hits reaches the compiler's trends, each hour once, by a directory and by a web server."""
from fleet_lab import *
from trends_store import *

HOUR = 3600


def hour_text(hour):
    return time.strftime("%Y-%m-%dT%H", time.gmtime(hour * HOUR))


class Digests(ChannelLab):
    """Hosts that collected yesterday, and a compiler without resolvers."""

    def setUp(self):
        super().setUp()
        self.hour = int(time.time()) // DAY * 24 - 2
        self.day = time.strftime("%Y-%m-%d", time.gmtime(self.hour * HOUR))

    def host(self, name, rows, to):
        """`feedsync run` on a host whose store has rows of (name, hits, clients) in that hour."""
        state, run = self.path(name, "state"), self.path(name, "run")
        os.makedirs(run)
        make_store(state, {0: [(rule, hits, clients, {"hour": self.hour % 24}) for rule, hits, clients in rows]}, today=self.hour // 24)
        with contextlib.closing(sqlite3.connect(os.path.join(state, "trends.sqlite"))) as db:
            db.execute("CREATE TABLE digest_next(one INTEGER PRIMARY KEY, hour INTEGER NOT NULL)")
            db.execute("INSERT INTO digest_next VALUES(1, ?)", (self.hour,))
            db.commit()
        config = self.write(f"{name}/feedsync.yaml", json.dumps({"state": state, "table": self.path(name, "t"), "run": run, "feeds": [],
                                                                 "trends": {"digest": {"name": name, **to}}}))
        return Process(self, "feedsync", [FEEDSYNC, "-c", config, "run"])

    def collect(self, fro, *names):
        """`feedsync run` on the compiler."""
        self.apply(trends="{rules: no}", fleet=json.dumps({"resolvers": [{"name": n, "address": f"192.0.2.{i}"} for i, n in enumerate(names)],
                                                           "interval": "1h", "digests": fro}))
        return Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])

    def taken(self):
        with contextlib.suppress(sqlite3.Error):
            return {resolver: (count, refused) for resolver, count, refused in ask_store(
                self.path("state"), "SELECT resolver, count(*), sum(refused) FROM digest_taken GROUP BY resolver")}
        return {}

    def sent(self, name):
        """The hours that a host has sent to the directory."""
        with contextlib.suppress(FileNotFoundError):
            return sorted(f for f in os.listdir(self.path("hits/digests", name)) if len(f) == 13)
        return []

    def last(self):
        return self.hour + len(self.sent("one")) - 1

    def trends(self):
        return json.loads(self.feedsync("-c", self.config, "trends", "--json", "--day", self.day, code=0).stdout)

    def test_by_a_directory(self):
        store = self.path("hits")
        hosts = [self.host("one", [("many.example", 500, 40), ("few.example", 7, 3)], {"to": store}),
                 self.host("two", [("many.example", 300, 60), ("other.example", 20, 20)], {"to": store})]
        wait_for(lambda: all(len(self.sent(name)) > 1 for name in ("one", "two")))
        wait_for(lambda: not os.listdir(self.path("one/state/digests")) and not os.listdir(self.path("two/state/digests")))
        for host in hosts:
            self.assertEqual(host.stop(), 0)
        told = read(self.path("hits/digests/one", hour_text(self.hour))).decode()
        self.assertIn("many.example", told)
        self.assertNotIn("few.example", told)
        self.assertEqual(json.loads(told.splitlines()[0])["unattributed"], 7)
        self.assertEqual(os.stat(self.path("hits")).st_mode & 0o777, 0o750)
        os.makedirs(self.path("hits/digests/bad"), exist_ok=True)
        for hour, change in ((self.hour, ("500", "501")), (self.last(), ("", ""))):
            text = read(self.path("hits/digests/one", hour_text(hour))).decode()
            self.write(f"hits/digests/bad/{hour_text(hour)}", text.replace('"one"', '"bad"').replace(*change))
        os.makedirs(self.path("hits/digests/odd"))
        os.mkfifo(self.path("hits/digests/odd", hour_text(self.last())))
        compiler = self.collect({"from": store}, "odd", "one", "absent", "two", "bad")
        wait_for(lambda: self.taken() == {"one": (len(self.sent("one")), 0), "two": (len(self.sent("two")), 0), "bad": (2, 1), "odd": (1, 1)})
        wait_for(lambda: "it is refused, and nothing of it counts" in compiler.log())
        self.assertRegex(compiler.log(), rf"digest of resolver bad, {hour_text(self.hour)}: what was blocked and logged is not the hits")
        trends = self.trends()
        self.assertEqual([(r["name"], r["hits"]) for r in trends["rules"]], [("many.example", 800), ("other.example", 20)])
        self.assertEqual((trends["rules"][0]["clients"], trends["rules"][0]["clients_most"]), (60, 100))
        self.assertEqual((trends["now"]["blocked"], trends["now"]["unattributed"]), (830, 7))
        fleet = json.loads(self.feedsync("-c", self.config, "fleet", "--json", code=1).stdout)
        until = (self.last() + 1) * HOUR
        self.assertEqual({r["name"]: r["digest_until"] for r in fleet["resolvers"]},
                         {"one": until, "two": until, "bad": until, "odd": until, "absent": None})
        # Once more: nothing is added twice.
        self.assertEqual(compiler.stop(), 0)
        rows = ask_store(self.path("state"), "SELECT name, hits, low, high FROM rule_day ORDER BY name")
        self.assertEqual(rows, [("many.example", 800, 60, 100), ("other.example", 20, 20, 20)])
        again = self.collect({"from": store}, "two", "one")
        wait_for(lambda: self.feedsync("-c", self.config, "fleet", "--json").returncode == 1)
        self.assertEqual(again.stop(), 0)
        self.assertEqual(ask_store(self.path("state"), "SELECT name, hits, low, high FROM rule_day ORDER BY name"), rows)

    def test_by_a_web_server(self):
        """Only who has a certificate may put there; what cannot be sent waits, and is sent later."""
        self.serve(tls=True)
        for name in "one", "compiler":
            self.certificate(name, name)
            os.chmod(self.path(name + ".key"), 0o600)
        port = free_port()
        os.makedirs(self.path("put"))
        access = {"ca": self.path("ca.pem"), "client-certificate": self.path("one.pem"), "client-key": self.path("one.key")}
        host = self.host("one", [("many.example", 500, 40)], {"to": f"https://localhost:{port}/", **access})
        wait_for(lambda: "trends: digests: " in host.log())
        waiting = os.listdir(self.path("one/state/digests"))
        self.assertEqual(sorted(waiting)[0], hour_text(self.hour))
        self.assertEqual(host.stop(), 0)
        self.nginx(f"""listen 127.0.0.1:{port} ssl; ssl_certificate {self.path('server.pem')}; root {self.path('put')};
            ssl_certificate_key {self.path('server.key')}; ssl_client_certificate {self.path('ca.pem')}; ssl_verify_client on;
            client_max_body_size 100m; dav_methods PUT DELETE; create_full_put_path on;""")
        wait_for(lambda: listening(port))
        Process(self, "feedsync", [FEEDSYNC, "-c", self.path("one/feedsync.yaml"), "run"])
        wait_for(lambda: not os.listdir(self.path("one/state/digests")))
        self.collect({"from": f"https://localhost:{port}", "ca": self.path("ca.pem"), "client-certificate": self.path("compiler.pem"),
                      "client-key": self.path("compiler.key")}, "one")
        wait_for(lambda: self.taken() == {"one": (len(waiting), 0)})
        self.assertEqual([(r["name"], r["hits"]) for r in self.trends()["rules"]], [("many.example", 500)])
