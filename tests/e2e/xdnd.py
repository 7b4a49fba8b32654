#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""xdnd.py [--key=KEY] WINDOW-TITLE X Y URI...: drops URIs on a window at X, Y, as a file manager does; with the KEY of a transfer that was
begun at the document portal, as one that knows sandboxes.

Speaks version 5 of the XDND protocol as the drag source, so it needs neither a pointer nor a window manager.
"""
import sys

from Xlib import X, Xatom, display
from Xlib.protocol import event

import waiting

XDND_VERSION = 5


class Drag:
    def __init__(self, title, x, y, uris, key=None):
        self.display = display.Display()
        self.root = self.display.screen().root
        self.atom = self.display.intern_atom
        offered = {"application/vnd.portal.filetransfer": key.encode() + b"\0"} if key else {}
        offered["text/uri-list"] = "".join(f"{uri}\r\n" for uri in uris).encode()
        self.offered = {self.atom(name): payload for name, payload in offered.items()}
        self.target = self.find_target(title)
        origin = self.target.translate_coords(self.root, 0, 0)
        self.position = ((x - origin.x) << 16) | (y - origin.y)
        self.source = self.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)
        self.source.set_selection_owner(self.atom("XdndSelection"), X.CurrentTime)
        self.dropped = False
        self.asked = False  # a position, and its XdndStatus is still to come

    def find_target(self, title):
        return waiting.until(lambda: self.search(self.root, title.encode()), f"a window called {title!r} that accepts drops")

    def search(self, window, title):
        name = window.get_full_property(self.atom("_NET_WM_NAME"), X.AnyPropertyType)
        # GTK's hidden leader window has the name of the application, and takes messages that nobody reads.
        if name and name.value == title and window.get_full_property(self.atom("XdndAware"), X.AnyPropertyType) \
                and window.get_attributes().map_state == X.IsViewable:
            return window
        for child in window.query_tree().children:
            found = self.search(child, title)
            if found:
                return found
        return None

    def tell(self, message, *data):
        fields = [self.source.id, *data] + [0] * (4 - len(data))
        self.target.send_event(
            event.ClientMessage(window=self.target, client_type=self.atom(message), data=(32, fields)), propagate=False)
        self.display.flush()

    def move(self):
        self.asked = True
        self.tell("XdndPosition", 0, self.position, X.CurrentTime, self.atom("XdndActionCopy"))

    def serve(self, request):
        answer = request.property
        if request.target in self.offered:
            request.requestor.change_property(answer, request.target, 8, self.offered[request.target])
        elif request.target == self.atom("TARGETS"):
            request.requestor.change_property(answer, Xatom.ATOM, 32, list(self.offered))
        else:
            answer = X.NONE
        request.requestor.send_event(event.SelectionNotify(
            time=request.time, requestor=request.requestor, selection=request.selection, target=request.target, property=answer))
        self.display.flush()

    def run(self):
        self.tell("XdndEnter", XDND_VERSION << 24, *self.offered)
        return waiting.until(self.turn, "the window to finish the drop") == "taken"

    def turn(self):
        # One position at a time: those that a busy window has not yet read would pile up before the drop.
        if not self.dropped and not self.asked:
            self.move()
        while self.display.pending_events():
            happened = self.display.next_event()
            if happened.type == X.SelectionRequest:
                self.serve(happened)
            elif happened.type == X.ClientMessage:
                if happened.client_type == self.atom("XdndFinished"):
                    return "taken" if happened.data[1][1] & 1 else "refused"
                if happened.client_type == self.atom("XdndStatus"):
                    self.asked = False
                    if happened.data[1][1] & 1 and not self.dropped:
                        self.dropped = True
                        self.tell("XdndDrop", 0, X.CurrentTime)
        return None


if __name__ == "__main__":
    words = sys.argv[1:]
    key = words.pop(0).removeprefix("--key=") if words[0].startswith("--key=") else None
    title, x, y, *uris = words
    sys.exit(0 if Drag(title, int(x), int(y), uris, key).run() else "xdnd: the window did not take the drop")
