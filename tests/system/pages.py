"""What tests of the pages share: feedsync run, feedsync serve, and a client that may say anything."""
import hashlib, http.client

from feeds import *

TOP = os.path.abspath(os.path.join(HERE, "../.."))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "weir")
with open(os.path.join(TOP, "tests/browser/package-lock.json"), "rb") as lock:
    MODULES = os.path.join(CACHE, f"browser-{hashlib.sha256(lock.read()).hexdigest()[:12]}", "node_modules")  # of tests/browser/setup.sh


class PagesLab(FeedLab):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("pages"))

    def start(self, feeds, listen=None, **settings):
        """feedsync run and feedsync serve, up to the first page."""
        self.pages_port = free_port()
        self.listen = listen or f"127.0.0.1:{self.pages_port}"
        self.configure(feeds, metrics={"listen": self.listen, "directory": self.path("pages")}, **settings)
        self.daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        return self.serve_pages()

    def serve_pages(self):
        self.server = Process(self, "serve", [FEEDSYNC, "serve", "-d", self.path("pages")])
        wait_for(lambda: "serving at" in self.server.log())
        return self.server

    def snapshot(self, port, **more):
        """What `run` hands over, as if it did."""
        return {"at": int(time.time()), "listen": f"127.0.0.1:{port}", "table": self.table, "feeds": [], "metrics": "weir_well 1\n", "page": "", "fleet": "",
                "status": "{}", **more}

    def get(self, path, method="GET", host=None, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.pages_port, timeout=20)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host if host is not None else f"127.0.0.1:{self.pages_port}")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer
