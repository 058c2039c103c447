"""A site's cache between pullers and the origin: nginx by conf/fleet/site-cache.conf, and an origin that asks for its certificate."""
import http.client, ssl

from fleet_lab import *

READERS = 20


class SiteCache(PullLab):
    def setUp(self):
        super().setUp()
        self.make_certificates()
        self.certificate("site", "site")
        self.origin_port, self.cache_port = free_port(), free_port()
        self.start_origin()
        self.start_cache("cache", self.origin_port, self.cache_port)
        self.pull_from(f"https://localhost:{self.cache_port}/stable/")
        self.names = [f"name{i}.example" for i in range(3000)]

    def put(self, name, octets):
        super().put("stable/" + name, octets)

    def start_origin(self, more=""):
        os.makedirs(self.path("www/stable"), exist_ok=True)
        self.origin = self.start_nginx("origin", f"""access_log {self.path("origin.log")};
  server {{
    listen 127.0.0.1:{self.origin_port} ssl;
    ssl_certificate {self.path("server.pem")}; ssl_certificate_key {self.path("server.key")};
    ssl_client_certificate {self.path("ca.pem")}; ssl_verify_client on;
    root {self.path("www")}; {more}
  }}""")
        wait_for(lambda: listening(self.origin_port))

    def start_cache(self, name, origin_port, port):
        self.start_nginx(name, site_cache({
            "server 192.0.2.10:443": f"server 127.0.0.1:{origin_port}", "weir.isp.example": "localhost",
            "listen 443": f"listen 127.0.0.1:{port}", "/etc/weir/fleet/origin-ca.pem": self.path("ca.pem"),
            "/etc/weir/fleet": self.directory, "/var/cache/nginx": self.path(name), "/var/log/nginx": self.path(name)}))
        wait_for(lambda: listening(port))

    def ask(self, path, method="GET", port=None, **headers):
        """(status, what the cache did, octets)."""
        connection = http.client.HTTPSConnection("localhost", port or self.cache_port, timeout=60,
                                                 context=ssl.create_default_context(cafile=self.path("ca.pem")))
        with contextlib.closing(connection):
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers["X-Cache-Status"], answer.read()

    def fetched(self):
        """How often the origin was asked for each object."""
        with open(self.path("origin.log")) as f:
            return collections.Counter(re.findall(r'"GET /stable/(\S+) ', f.read()))

    def assert_fetched(self, name, times):
        """nginx writes a line to its log when the client has the last octet already."""
        wait_for(lambda: self.fetched()[name] >= times)
        self.assertEqual(self.fetched()[name], times)

    def object_of(self, manifest):
        return "tables/" + json.loads(manifest.split(b"\n", 4)[4])["table"]["sha256"] + ".weir.zst"

    def pull_as(self, number, *words):
        """A pull of another host of the site."""
        with open(self.config) as f:
            text = f.read()
        config = self.write(f"host{number}.yaml", text.replace(f"state: {self.state}", f"state: {self.path('hosts', str(number))}")
                            .replace(f"table: {self.table}", f"table: {self.path(f'host{number}.weir')}"))
        return self.feedsync("-c", config, "pull", "--once").stderr

    def pull_all(self, serial, table):
        said = all_at_once(self.pull_as, [(i,) for i in range(READERS)])
        self.assertEqual([s for s in said if f"serial {serial} is in force" not in s], [])
        for i in range(READERS):
            self.assertEqual(read(self.path(f"host{i}.weir")), read(table))

    def test_each_object_once(self):
        """Twenty hosts come at the same time, before the cache has anything: the origin gives each object out once, however slowly."""
        self.origin.stop()
        self.start_origin("location ~ /(tables|deltas)/ { limit_rate 50k; }")
        first, second = self.make_table(*self.names), self.make_table(*self.names, "new.example")
        manifest = self.offer(first)
        self.pull_all(1, first)
        self.assert_fetched(self.object_of(manifest), 1)
        manifest = self.offer(second, first)
        wait_for(lambda: self.ask("/stable/latest")[2] == manifest)  # what the site has may be two seconds old
        self.pull_all(2, second)
        delta = f"deltas/{sha256(read(first))[:16]}-{sha256(read(second))[:16]}.zst"
        self.assert_fetched(delta, 1)
        self.assert_fetched(self.object_of(manifest), 0)
        # Who hangs up before it has come, and who has its beginning already.
        third = self.make_table(*self.names, *(f"other{i}.example" for i in range(3000)))
        manifest = self.offer(third)
        name = self.object_of(manifest)
        with socket.create_connection(("localhost", self.cache_port)) as plain, \
                ssl.create_default_context(cafile=self.path("ca.pem")).wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(f"GET /stable/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            tls.recv(1)
        wait_for(lambda: self.ask("/stable/latest")[2] == manifest)
        whole = read(self.path("www/stable", name))
        path = self.path("hosts/0/pull", json.loads(manifest.split(b"\n", 4)[4])["table"]["zsha256"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(whole[:len(whole) // 2])
        self.assertIn("serial 3 is in force", self.pull_as(0))
        self.assertEqual(read(self.path("host0.weir")), read(third))
        wait_for(lambda: f"GET /stable/{name} 206 {len(whole) - len(whole) // 2} HIT".encode() in read(self.path("cache/weir-cache.log")))
        self.assert_fetched(name, 1)

    def test_caches_of_a_cache(self):
        """A cache may be the origin of others: what they all want crosses the line to the first one's origin once."""
        manifest = self.offer(self.make_table(*self.names))
        ports = [free_port() for _ in range(3)]
        for i, port in enumerate(ports):
            self.start_cache(f"cache{i}", self.cache_port, port)
        name = self.object_of(manifest)
        answers = all_at_once(lambda port, path: self.ask(path, port=port)[::2], [(port, "/stable/" + path) for port in ports for path in (name, "latest")])
        self.assertEqual(answers, [(200, read(self.path("www/stable", name))), (200, manifest)] * 3)
        self.assert_fetched(name, 1)

    def test_origin_is_down(self):
        """The site goes on: for who has nothing yet, too. When the origin is back, so is what is new."""
        first, second = self.make_table(*self.names), self.make_table("two.example")
        self.offer(first)
        self.pull_as(0)
        table = "/stable/" + self.object_of(read(self.path("www/stable/latest")))
        for fault in ("down", "return 503;", "return 403;"):
            with self.subTest(fault=fault):
                self.origin.stop()
                if fault != "down":
                    self.start_origin(fault)
                wait_for(lambda: self.ask("/stable/latest")[1] == "STALE")
                self.assertEqual(self.ask("/stable/latest")[::2], (200, read(self.path("www/stable/latest"))))
                self.assertEqual(self.ask(table)[:2], (200, "HIT"))
                self.assertIn("serial 1 is in force", self.pull_as(fault))
        self.origin.stop()
        self.start_origin()
        manifest = self.offer(second)
        wait_for(lambda: self.ask("/stable/latest")[2] == manifest)
        self.assertIn("serial 2 is in force", self.pull_as(0))

    def test_what_is_asked(self):
        """Only what a channel has, only reading; nothing in a request leads round the cache or to the origin."""
        manifest = self.offer(self.make_table(*self.names))
        name = self.object_of(manifest)
        octets = read(self.path("www/stable", name))
        self.write("www/stable/secret.txt", "secret")
        self.assertEqual(self.ask("/stable/" + name, "HEAD")[:2], (200, "MISS"))
        for method, path, headers, status, body in (
                ("GET", "/stable/" + name, {}, 200, octets), ("GET", "/stable/" + name + "?again=1", {"Cache_Control": "no-cache"}, 200, octets),
                ("GET", "/stable/" + name, {"Range": "bytes=7-"}, 206, octets[7:]), ("GET", "/stable/" + name, {"Range": "bytes=3-5"}, 206, octets[3:6]),
                ("GET", "/stable/" + name, {"Range": f"bytes={len(octets)}-"}, 416, None),
                ("GET", "/stable/" + name, {"Authorization": "Basic eDp4", "Cookie": "a=b"}, 200, octets),
                ("GET", "/stable/secret.txt", {}, 404, None), ("GET", "/stable/", {}, 404, None), ("GET", "/", {}, 404, None),
                ("GET", "/stable/tables/../secret.txt", {}, 404, None), ("GET", "/stable/tables/%2e%2e/secret.txt", {}, 404, None),
                ("PUT", "/stable/latest", {}, 403, None), ("DELETE", "/stable/" + name, {}, 403, None), ("POST", "/stable/latest", {}, 403, None)):
            with self.subTest(method=method, path=path, headers=headers):
                answer = self.ask(path, method, **headers)
                self.assertEqual((answer[0], body is None or answer[2] == body), (status, True))
        self.assert_fetched(name, 1)
        self.assertEqual(list(self.fetched()), [name])
        # An object that does not exist yet is asked for again, and so is the wake-up of a compiler that has none.
        self.assertEqual(self.ask("/stable/wake")[0], 404)
        self.put("wake", b"1\n")
        wait_for(lambda: self.ask("/stable/wake")[::2] == (200, b"1\n"))
        # Nobody but the cache gets anything from the origin; and the cache takes nothing from another server.
        self.assertEqual(self.ask("/stable/latest", port=self.origin_port)[0], 400)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-days", "2",
                     "-keyout", "server.key", "-out", "server.pem")
        self.origin.stop()
        self.start_origin()
        self.assertEqual(self.ask("/stable/latest")[0], 502)
