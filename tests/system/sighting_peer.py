"""A MISP that takes sightings. What it says is made of the recorded answers of a real one (misp_peer.py)."""
import copy

from misp_peer import *

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
