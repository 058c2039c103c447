"""What tests of feedsync share: configurations, servers, MISP feeds."""
import glob, http.server, json, os, re, subprocess, time

from lab import *

SELF_TEST = ("exact", "self-test.weir.example")
UUID = "5f0e1e6c-0000-4000-8000-00000000000{}"


def event(number, names, timestamp=1700000000, **extra):
    """An event with an attribute for each name; `names` may be a dictionary of what more the attributes have."""
    attributes = names if isinstance(names, dict) else dict.fromkeys(names, {})
    return {"Event": {"uuid": UUID.format(number), "info": "test", "timestamp": str(timestamp), "date": "2026-01-01",
                      "Attribute": [{"uuid": UUID.format(number)[:-2] + f"{i:02x}", "type": "domain", "value": name,
                                     "category": "Network activity", "to_ids": True, **more}
                                    for i, (name, more) in enumerate(attributes.items())],
                      **extra}}


def manifest_of(*events):
    return {e["Event"]["uuid"]: {"info": "test", "timestamp": int(e["Event"]["timestamp"]), "Orgc": {"name": "x"}}
            for e in events}


class FeedLab(Lab):
    """A test case with feedsync, its configuration, and servers of feeds."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("www"))

    def write(self, name, text):
        """Each version of a document is a second newer: that is how nginx tells them apart."""
        path = super().write(name, text)
        if name.startswith("www/"):
            self.clock = getattr(self, "clock", int(time.time()) - 100000) + 1
            os.utime(path, (self.clock, self.clock))
        return path

    def serve(self, tls=False, more=""):
        """nginx over the directory www. Sets self.url."""
        self.server_port = free_port()
        tls_lines = ""
        if tls:
            if not os.path.exists(self.path("ca.pem")):
                self.make_certificates()
            tls_lines = f"ssl_certificate {self.path('server.pem')}; ssl_certificate_key {self.path('server.key')};"
        self.url = f"http{'s' if tls else ''}://localhost:{self.server_port}"
        process = self.nginx(f"listen 127.0.0.1:{self.server_port}{' ssl' if tls else ''}; {tls_lines} root {self.path('www')}; {more}")
        wait_for(lambda: listening(self.server_port))
        return process

    def openssl(self, *words, stdin=None):
        return subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.directory, input=stdin).stdout

    def certificate_request(self, name, subject, *words):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={subject}",
                     "-keyout", f"{name}.key", *words)

    def certificate(self, name, subject="localhost", days="2"):
        """Makes a certificate for a host, signed by the authority of make_certificates."""
        self.certificate_request(name, subject, "-addext", f"subjectAltName=DNS:{subject}", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", days,
                     "-copy_extensions", "copy", "-out", f"{name}.pem")

    def make_certificates(self):
        self.certificate_request("ca", "test authority", "-x509", "-days", "2", "-out", "ca.pem")
        self.certificate("server")

    def configure(self, feeds, **settings):
        settings = {"state": self.path("state"), "table": self.table, "run": self.run_directory, **settings}
        lines = [f"{key}: {value}" for key, value in settings.items()] + ["feeds:"]
        for feed in feeds:
            lines += [("  - " if i == 0 else "    ") + f"{key}: {value}" for i, (key, value) in enumerate(feed.items())]
        self.config = self.write("feedsync.yaml", "\n".join(lines) + "\n")

    def local_feeds(self, **lists):
        """A feed for each list, a file of this machine: its content, or a dictionary of that and more settings."""
        feeds = []
        for name, content in lists.items():
            settings = dict(content) if isinstance(content, dict) else {"content": content}
            self.write(name, settings.pop("content"))
            feeds.append({"name": name, "url": "file://" + self.path(name), "format": "domains", **settings})
        return feeds

    def publish(self, feeds, code=0, **settings):
        """A sync of these feeds, where there are no resolvers."""
        self.configure(feeds, run="none", **settings)
        return self.sync(code=code)

    def sync(self, code=0):
        return self.feedsync("-c", self.config, "sync", code=code).stderr

    def sync_with_fault(self, path, call, error):
        """A sync for which this system call on a file fails. Returns the process that has ended."""
        return subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-P", self.path(path), "-e", "trace=" + call, "-e",
                               f"inject={call}:error={error}", FEEDSYNC, "-c", self.config, "sync"],
                              capture_output=True, text=True, timeout=120)

    def status(self):
        return json.loads(self.feedsync("-c", self.config, "status", "--json").stdout)

    def dump(self):
        """The rules of the table, but for that of the self-test, which each has that was published."""
        rules = [tuple(line.split("\t")[:2]) for line in self.feedsync("dump", self.table, code=0).stdout.splitlines()]
        self.assertEqual(rules.count(SELF_TEST), 1)
        return set(rules) - {SELF_TEST}

    def requests(self):
        """(document, status) of each request since the last call."""
        with open(self.path("access.log")) as f:
            lines = f.readlines()
        new, self.seen = lines[getattr(self, "seen", 0):], len(lines)
        return [(m.group(1), int(m.group(2))) for m in (re.search(r'"GET /(\S*) .*?" (\d+)', line) for line in new) if m]

    def misp(self, events, listed=()):
        """Writes a MISP feed with these events; `listed` ones have no file."""
        for old in glob.glob(self.path("www", "*.json")):
            os.remove(old)
        for e in events:
            self.write(f"www/{e['Event']['uuid']}.json", json.dumps(e))
        self.write("www/manifest.json", json.dumps(manifest_of(*events, *(event(n, []) for n in listed))))


class FaultServer(WebServer):
    """An HTTP server that misbehaves: to each request it sends the octets that the test wrote, and hangs up. A callable is
    given the request's headers and returns them, or what yields them piece by piece for as long as the client takes them."""

    def __init__(self):
        self.responses, self.asked = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                response = outer.responses.get(self.path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                response = response(self.headers) if callable(response) else response
                with contextlib.suppress(ConnectionError):
                    for piece in [response] if isinstance(response, bytes) else response:
                        self.wfile.write(piece)
                self.close_connection = True

            def log_message(self, *_):
                pass

        super().__init__(Handler)


def response(body, status="200 OK", length=True, **headers):
    """A plain response; length may be a number that lies."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}"] + [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is True else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
