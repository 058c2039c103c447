"""What tests of the pages share: feedsync run, feedsync serve, and a client that may say anything."""
import http.client

from feeds import *


class PagesLab(FeedLab):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("pages"))
        self.port = free_port()

    def start(self, feeds, listen=None, **settings):
        """feedsync run and feedsync serve, up to the first page."""
        self.listen = listen or f"127.0.0.1:{self.port}"
        self.configure(feeds, metrics={"listen": self.listen, "directory": self.path("pages")}, **settings)
        self.daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        return self.serve_pages()

    def serve_pages(self):
        self.server = Process(self, "serve", [FEEDSYNC, "serve", "-d", self.path("pages")])
        wait_for(lambda: "serving at" in self.server.log())
        return self.server

    def get(self, path, method="GET", host=None, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host if host is not None else f"127.0.0.1:{self.port}")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer
