"""A compiler, a web server, and pullers of it: each a `feedsync run` with a state directory and a table of its own."""
import os, re, signal

from lab import FEEDSYNC, Process, free_port, listening, wait_for
from test_distribute import ChannelLab


class Puller:
    """One of them."""

    def __init__(self, lab, number, url, run="none"):
        self.table = lab.path(f"puller-{number}", "current.weir")
        self.config = lab.write(f"puller-{number}/feedsync.yaml",
                                f"state: {lab.path(f'puller-{number}', 'state')}\ntable: {self.table}\nrun: {run}\n"
                                f"pull:\n  url: {url}\n  keys: [{lab.key}]\n  ca: {lab.path('ca.pem')}\n")
        self.process = Process(lab, "feedsync", [FEEDSYNC, "-c", self.config, "run"])

    def has(self, size, octets):
        """Whether its table is that one."""
        try:
            if os.stat(self.table).st_size != size:
                return False
            with open(self.table, "rb") as f:
                return f.read() == octets
        except FileNotFoundError:
            return False


class PullerFleet(ChannelLab):
    """A test case with a compiler whose channel an nginx offers, by https and as this machine's web servers are set up."""

    def setUp(self):
        super().setUp()
        self.pullers = []
        self.make_certificates()
        self.port = free_port()
        self.url = f"https://localhost:{self.port}/stable/"

    def offer_channel(self, connections=256):
        """Starts the web server. Its log has the octets of each request and its answer, with their headers."""
        server = self.nginx(f"""listen 127.0.0.1:{self.port} ssl; root {self.path('srv')}; access_log {self.path('access.log')} octets;
            ssl_certificate {self.path('server.pem')}; ssl_certificate_key {self.path('server.key')};""",
                            "log_format octets '$msec $request_uri $status $request_length $bytes_sent';", connections)
        wait_for(lambda: listening(self.port))
        return server

    def start_pullers(self, count, **how):
        self.pullers += [Puller(self, number, self.url, **how) for number in range(len(self.pullers), len(self.pullers) + count)]

    def wait_for_pullers(self, seconds=60):
        """Waits until each has the published table."""
        octets = self.table_octets()
        left = list(self.pullers)

        def all_have():
            left[:] = [puller for puller in left if not puller.has(len(octets), octets)]
            return not left
        wait_for(all_have, seconds, 0.2)

    def end_pullers(self):
        for puller in self.pullers:
            puller.process.popen.send_signal(signal.SIGTERM)
        for puller in self.pullers:
            self.assertEqual(puller.process.stop(), 0)

    def requests_of_log(self, since=0.0):
        """(time, object, status, octets asked, octets sent) of each request since then."""
        with open(self.path("access.log")) as f:
            rows = [line.split() for line in f]
        return [(float(at), re.sub("^/stable/", "", path), int(status), int(asked), int(sent))
                for at, path, status, asked, sent in rows if float(at) >= since]
