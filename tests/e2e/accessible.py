#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives one desktop's windows through AT-SPI, as a screen reader sees them.

Reads one JSON command a line on standard input and answers one JSON object a line. It is a process of its own because an
AT-SPI client belongs to one session bus, and a test has two desktops. desktop.py is its only caller.
"""
import json
import re
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

import waiting  # noqa: E402

# What the desktop's programs told a screen reader to say, in order.
announced = []


def children(node):
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield child


def walk(node, depth=0):
    yield node, depth
    for child in children(node):
        yield from walk(child, depth + 1)


def application(pid):
    """By its process id; by its name where the bus sees another process, the proxy of a sandbox."""
    for app in children(Atspi.get_desktop(0)):
        if pid in (app.get_process_id(), app.get_name()):
            app.clear_cache()
            return app
    return None


def showing(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def text_of(node):
    text = node.get_text_iface()
    return Atspi.Text.get_text(text, 0, -1) if text else ""


def matches(node, role, name, how):
    """how: the whole name ("exact"), a part of it ("part"), or a regular expression for all of it ("pattern")."""
    if role and node.get_role_name() != role:
        return False
    if name is None:
        return True
    have = node.get_name() or text_of(node)
    if how == "pattern":
        return re.fullmatch(name, have) is not None
    return have == name if how == "exact" else name in have


def find(pid, role=None, name=None, how="exact", within=None, hidden=False):
    app = application(pid)
    if app is None:
        return None
    roots = [app]
    if within:
        roots = [n for n, _ in walk(app) if matches(n, within[0], within[1], "part") and showing(n)]
    for root in roots:
        for node, _ in walk(root):
            if matches(node, role, name, how) and (hidden or showing(node)):
                return node
    return None


def describe(node):
    extents = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW) if node.get_component_iface() else None
    states = node.get_state_set()
    return {
        "role": node.get_role_name(),
        "name": node.get_name(),
        "text": text_of(node),
        "description": node.get_description(),
        "sensitive": states.contains(Atspi.StateType.SENSITIVE),
        "box": [extents.x, extents.y, extents.width, extents.height] if extents else None,
    }


def press(node):
    """GTK puts the action on the row's or button's own node or on its parent."""
    while node is not None:
        action = node.get_action_iface()
        if action and action.get_n_actions() > 0:
            return action.do_action(0)
        node = node.get_parent()
    return False


def tree(pid):
    app = application(pid)
    if app is None:
        return ""
    lines = []
    for node, depth in walk(app):
        mark = "" if showing(node) else " (hidden)"
        lines.append(f"{'  ' * depth}{node.get_role_name()} {node.get_name() or text_of(node)!r}{mark}")
    return "\n".join(lines)


def tree_now(pid):
    """The tree for a message: whatever is there, of a program that may be ending."""
    try:
        return tree(pid)
    except GLib.Error as error:
        return f"(no tree: {error.message})"


def hear(part):
    """Waits until a sentence with this part was announced. What a toast says is also said aloud, and stays in announced when the toast
    has gone."""
    def once():
        while GLib.MainContext.default().iteration(False):
            pass
        return next((sentence for sentence in announced if part in sentence), None)
    try:
        return {"heard": waiting.until(once, f"an announcement with {part!r}")}
    except waiting.Failure as failure:
        return {"error": str(failure), "tree": "\n".join(announced)}


def obey(command):
    verb, pid = command.pop("do"), command.pop("pid")
    if verb == "tree":
        return {"tree": tree(pid)}
    value = command.pop("value", None)
    if verb == "hear":
        return hear(value)

    def once():
        try:
            node = find(pid, **command)
            if verb == "gone" or node is None:
                return {"gone": True} if verb == "gone" and node is None else None
            description = describe(node)  # before a click, which may close its window
            if verb == "click" and not press(node):
                return {"error": f"{command} has no action"}
            if verb == "type":
                node.get_editable_text_iface().set_text_contents(value)
            return description
        except GLib.Error:
            return None  # the tree changed under us: look again

    try:
        return waiting.until(once, f"{verb} {command}")
    except waiting.Failure as failure:
        return {"error": str(failure), "tree": tree_now(pid)}


def main():
    # The 0.8 s of the library are too short for a busy machine: an action that timed out is done all the same, a moment later, and
    # whoever looks for its button again finds that it has gone.
    Atspi.set_timeout(1000 * waiting.PATIENCE, 1000 * waiting.PATIENCE)
    Atspi.init()
    listener = Atspi.EventListener.new(lambda event: announced.append(event.any_data))
    listener.register("object:announcement")
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
