"""Servers of threat intelligence, as far as feedsync talks to them: MISP's attributes/restSearch, and TAXII 2.1."""
import contextlib, datetime, http.server, json, threading, urllib.parse


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
                    answer = fault(request)
                    if answer:
                        outer.faults.remove(fault)
                        break
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
        self.server.handle_error = lambda *_: None  # clients that hang up are none
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


class Taxii(Peer):
    """A TAXII 2.1 server with one API root. Objects have the time in seconds at which they were added. `paging` is how it
    tells that there is more: "next"; "same next", one word for the whole session, as OASIS' own server does it; or "date",
    by the header alone."""

    COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
    OTHER = "52892447-4d7e-4f70-b94d-d7f22742ff63"

    def __init__(self, paging="next", limit=10, authorization=None):
        super().__init__()
        self.paging, self.limit, self.authorization = paging, limit, authorization
        self.objects, self.session, self.tells_last, self.prefix = [], [], True, ""
        self.collections = [{"id": self.OTHER, "title": "Other", "can_read": False},
                            {"id": self.COLLECTION, "title": "Domains", "alias": "high-confidence", "can_read": True}]

    @property
    def objects_url(self):
        return f"{self.url}/api1/collections/{self.COLLECTION}/objects/"

    @staticmethod
    def time(seconds):
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def answer(self, request):
        kind = {"Content-Type": "application/taxii+json;version=2.1"}
        if request.headers.get("Accept") != "application/taxii+json;version=2.1":
            return 406, {"title": "not acceptable"}, kind
        if self.authorization and request.headers.get("Authorization") != self.authorization:
            return 401, {"title": "unauthorized"}, {"WWW-Authenticate": "Basic", **kind}
        documents = {"/taxii2/": {"title": "x", "default": "/api1/", "api_roots": [self.prefix + "/api0/", "/api1/"]},
                     "/api0/": {"title": "empty", "versions": ["application/taxii+json;version=2.1"]},
                     "/api0/collections/": {},
                     "/api1/": {"title": "root", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 1},
                     "/api1/collections/": {"collections": self.collections}}
        if request.path in documents:
            return 200, documents[request.path], kind
        if request.path != f"/api1/collections/{self.COLLECTION}/objects/":
            return 404, {"title": "not found"}, kind
        page, more = self.page(request.query)
        envelope = {"objects": [o for _, o in page]} if page else {}
        if more:
            envelope["more"] = True
        if more and self.paging != "date":
            envelope["next"] = more
        if page and self.tells_last:
            kind["X-TAXII-Date-Added-Last"] = self.time(page[-1][0])
        return 200, envelope, kind

    def page(self, query):
        added_after = query.get("added_after", "")
        found = sorted((added, o) for added, o in ((a, json.dumps(o)) for a, o in self.objects)
                       if self.time(added) > added_after)
        found = [(a, json.loads(o)) for a, o in found]
        found = [(a, o) for a, o in found if o["type"] in query.get("match[type]", o["type"]).split(",")]
        if self.paging == "same next":
            if "next" in query:
                found, self.session = self.session[:self.limit], self.session[self.limit:]
                return found, "token" if self.session else None
            self.session = found[self.limit:]
            return found[:self.limit], "token" if self.session else None
        start = int(query.get("next", "a/b&c=0").rpartition("=")[2]) if self.paging == "next" else 0
        end = start + min(self.limit, int(query.get("limit", self.limit)))
        return found[start:end], f"a/b&c={end}" if end < len(found) else None


def indicator(number, name, modified=1700000000, **more):
    return {"type": "indicator", "spec_version": "2.1", "id": f"indicator--00000000-0000-4000-8000-{number:012}",
            "created": Taxii.time(1600000000), "modified": Taxii.time(modified), "valid_from": Taxii.time(1600000000),
            "pattern_type": "stix", "pattern": f"[domain-name:value = '{name}']", **more}
