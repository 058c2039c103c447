"""A client that notices when nobody answers."""
import os, socket, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from lab import make_query


class Asker:
    """A client in a thread of its own that asks every 10 ms, whatever became of the question before. Keeps the longest time
    between two answers and how many questions had none."""

    def __init__(self, port, names):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.names, self.sent, self.answered, self.longest_s, self.stopping = names, 0, 0, 0.0, False
        self.threads = [threading.Thread(target=work) for work in (self.send, self.receive)]

    def send(self):
        next_at = time.monotonic()
        while not self.stopping:
            self.socket.send(make_query(self.names[self.sent % len(self.names)], qid=self.sent % 65536).to_wire())
            self.sent += 1
            next_at += 0.01
            time.sleep(max(0, next_at - time.monotonic()))

    def receive(self):
        last = time.monotonic()
        self.socket.settimeout(0.5)
        while not self.stopping or self.answered < self.sent:
            try:
                if self.socket.recv(4096)[3] & 15:
                    continue  # an error: no answer
                self.answered += 1
            except TimeoutError:
                if self.stopping:
                    break
                continue
            except ConnectionRefusedError:
                continue
            now = time.monotonic()
            self.longest_s, last = max(self.longest_s, now - last), now
        if self.answered < self.sent:
            self.longest_s = max(self.longest_s, time.monotonic() - last)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        self.socket.close()

    def result(self):
        return dict(longest_silence_ms=self.longest_s * 1000, asked=self.sent, lost=self.sent - self.answered)
