"""Servers of threat intelligence, as far as feedsync talks to them: MISP's attributes/restSearch, and TAXII 2.1."""
import contextlib, http.server, json, threading, urllib.parse


class Request:
    def __init__(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        self.method, self.path, self.headers, self.body = handler.command, parts.path, handler.headers, body
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))


class Peer:
    """A server whose `answer`, given a request, returns a status, a document (an object, or octets), and headers. `faults` are
    functions that are asked first, each until it has returned an answer once."""

    def __init__(self):
        self.requests, self.faults = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # header and body together: else each answer waits for an acknowledgement

            def respond(self):
                request = Request(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
                outer.requests.append(request)
                answer = None
                for fault in list(outer.faults):
                    answer = answer or fault(request)
                    if answer:
                        outer.faults.remove(fault)
                status, document, headers = answer or outer.answer(request)
                body = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                with contextlib.suppress(ConnectionError):
                    self.wfile.flush()
                self.close_connection = int(headers.get("Content-Length", len(body))) != len(body)

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def take_requests(self):
        """Those since the last call."""
        taken, self.requests = self.requests, []
        return taken


class Misp(Peer):
    """A MISP instance. `attributes` are all it has; like MISP it ignores a body without its Content-Type, and parameters that
    it does not know, and takes allowed values out of a page after that is cut."""

    KEY = "misp-key-0123456789"

    def __init__(self, limit=None):
        super().__init__()
        self.attributes, self.allowed, self.tells_skipped, self.limit = [], set(), True, limit

    def answer(self, request):
        if request.headers.get("Authorization") != self.KEY:
            return 403, {"name": "Authentication failed.", "message": "Authentication failed.", "url": request.path}, {}
        if request.method != "POST" or request.path != "/attributes/restSearch":
            return 404, {"message": "Invalid attribute."}, {}
        json_told = request.headers.get("Content-Type") == "application/json"
        asked = json.loads(request.body) if json_told else {}
        found = [a for a in self.attributes if a["type"] in asked.get("type", [a["type"]])
                 and ("to_ids" not in asked or a["to_ids"] == bool(asked["to_ids"]))
                 and ("deleted" not in asked or a["deleted"] == bool(asked["deleted"]))
                 and ("published" not in asked or a["published"] == bool(asked["published"]))]
        limit = self.limit or asked.get("limit", len(found) or 1)
        page = found[(asked.get("page", 1) - 1) * limit:][:limit]
        left = [self.shown(a, asked) for a in page if a["value"] not in self.allowed]
        skipped = {"X-Skipped-Elements-Count": str(len(page) - len(left))} if self.tells_skipped else {}
        return 200, {"response": {"Attribute": left}}, {"X-Result-Count": str(len(left)), **skipped}

    @staticmethod
    def shown(attribute, asked):
        inherited = [{**tag, "inherited": 1} for tag in attribute.get("event_tags", []) if asked.get("includeEventTags")]
        shown = {key: value for key, value in attribute.items() if key not in ("event_tags", "published")}
        return {**shown, "Tag": shown.get("Tag", []) + inherited,
                "Event": {"org_id": "1", "distribution": "1", "publish_timestamp": "1700000000"}}


def misp_attribute(number, value, kind="domain", **more):
    return {"id": str(number), "uuid": f"00000000-0000-4000-8000-{number:012}", "event_id": "1", "object_id": "0",
            "object_relation": None, "category": "Network activity", "type": kind, "value": value, "to_ids": True,
            "timestamp": "1700000000", "deleted": False, "published": True, **more}
