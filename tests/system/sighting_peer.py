"""Servers that take sightings: a MISP, whose answers are made of the recorded ones of a real one (misp_peer.py), and a TAXII 2.1 server."""
import copy, uuid

from misp_peer import *
from peers import *

BULK = "/sightings/bulkSaveSightings/"


class SightingMisp(Misp):
    """It knows the attributes of `known`, by event. It keeps each new sighting once, and leaves out attributes that it does not know,
    without a word. `hidden` are events that the key may not see, `forbidden` those for which something answers 403.

    Additions to what was recorded, each told by the word `Addition`: 403 for one event alone, bodies that are too large."""

    def __init__(self):
        super().__init__()
        self.known, self.hidden, self.forbidden = {}, set(), set()
        self.sightings, self.arrived, self.most, self.may = {}, [], 1 << 30, True

    def answer_plain(self, request):
        if request.headers.get("Authorization") != self.KEY:
            return answer_of("err-403-wrong-key" if request.headers.get("Authorization") else "err-403-no-key")
        if request.path == "/servers/getVersion":
            return answer_of("servers-getVersion-sighting" if self.may else "readonly-key-getversion")
        if not request.path.startswith(BULK) or request.method != "POST":
            return super().answer_plain(request)
        event = request.path[len(BULK):]
        if not self.may or event in self.forbidden:  # Addition: for one event
            return answer_of("sightings-bulk-read-only")
        if len(request.body) > self.most:  # Addition: a web server in front
            return 413, b"<html><h1>413 Request Entity Too Large</h1></html>", {"Content-Type": "text/html"}
        if event not in self.known or event in self.hidden:
            return answer_of("sightings-bulk-unknown-event")
        return self.save(request)

    def save(self, request):
        sightings = json.loads(request.body) if request.headers.get("Content-Type") == "application/json" else []
        attributes = {a for event, of in self.known.items() if event not in self.hidden for a in of}
        added = 0
        for sighting in sightings:
            self.arrived.append(sighting["uuid"])
            if sighting["attribute_uuid"] in attributes and sighting["uuid"] not in self.sightings:
                self.sightings[sighting["uuid"]] = sighting
                added += 1
        if added == 0:
            return answer_of("sightings-bulk-again")
        status, body, headers = answer_of("sightings-bulk")
        return status, {**body, "success": body["success"].replace("3", str(added))}, headers

    def calls(self):
        """The events of the calls since the last time."""
        return [r.path[len(BULK):] for r in self.take_requests() if r.path.startswith(BULK)]


class SightingTaxii(Taxii):
    """Its collection takes objects. One of the same id and time is a success, and is not taken again, as OASIS' own server does it.
    `refuses`: the server's words by id, "" is none at all; `waits`: so many times a status says that it is still at work; `most`:
    octets of a body; `may`: the collection can be written to."""

    KEY = "token-0123456789"

    def __init__(self):
        super().__init__(authorization="Bearer " + self.KEY)
        self.taken, self.arrived, self.statuses = {}, [], {}
        self.refuses, self.waits, self.most, self.may = {}, 0, 1 << 30, True

    def answer(self, request):
        kind = {"Content-Type": "application/taxii+json;version=2.1"}
        if request.method == "POST" and request.headers.get("Content-Type") != kind["Content-Type"]:
            return 415, {"title": "unsupported media type"}, kind
        if self.authorization != request.headers.get("Authorization") or not request.path.startswith(("/api1/status/", "/api1/collections/")):
            return super().answer(request)
        if request.path.startswith("/api1/status/"):
            return 200, self.tell_status(request.path.split("/")[3]), kind
        if request.method != "POST":
            return super().answer(request)
        if not self.may:
            return 403, {"title": "the collection cannot be written to", "http_status": "403"}, kind
        if len(request.body) > self.most:
            return 413, {"title": "too large", "http_status": "413"}, kind
        return 202, self.add(json.loads(request.body)["objects"]), kind

    def add(self, objects):
        status = {"id": str(uuid.uuid4()), "status": "complete", "total_count": len(objects), "success_count": 0, "failure_count": 0,
                  "pending_count": 0, "failures": []}
        for o in objects:
            self.arrived.append(o["id"])
            if o["id"] in self.refuses:
                status["failure_count"] += 1
                if self.refuses[o["id"]]:
                    status["failures"].append({"id": o["id"], "version": o.get("modified"), "message": self.refuses[o["id"]]})
                continue
            status["success_count"] += 1
            self.taken.setdefault((o["id"], o.get("modified")), o)
        self.statuses[status["id"]] = [self.waits, status]
        return self.tell_status(status["id"])

    def tell_status(self, number):
        entry = self.statuses[number]
        if entry[0] == 0:
            return entry[1]
        entry[0] -= 1
        done = {key: 0 for key in ("success_count", "failure_count")}
        return {**entry[1], **done, "status": "pending", "pending_count": entry[1]["total_count"], "failures": []}

    def of_type(self, *types):
        return [o for o in self.taken.values() if o["type"] in types]
