# SPDX-License-Identifier: GPL-3.0-or-later
"""A Desktop for a sandboxed program, with what a real desktop answers it with: the document portal, file chooser and notifications of
xdg-desktop-portal, the Secret portal of gnome-keyring, a server of notifications and a file manager.

The document portal is mounted below /run/user, at the same path for every desktop and in every sandbox; so each desktop has a mount
namespace, with a /run/user of its own."""
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys

from desktop import Desktop
from waiting import PATIENCE, Failure

HERE = pathlib.Path(__file__).resolve().parent
SERVICES = ("org.freedesktop.portal.Desktop", "org.freedesktop.portal.Documents", "org.freedesktop.impl.portal.PermissionStore",
            "org.freedesktop.impl.portal.desktop.gtk")
PORTALS = "[preferred]\ndefault=gtk\norg.freedesktop.impl.portal.Secret=gnome-keyring\n"


class SandboxedDesktop(Desktop):
    def __init__(self, name, home, **options):
        super().__init__(name, home, **options)
        runtime = f"/run/user/{os.getuid()}"
        self.namespace = subprocess.Popen(["unshare", "--mount", "sh", "-euc", f"""
            mkdir -p {runtime}
            mount -t tmpfs -o mode=0700 tmpfs {runtime}
            echo ready
            exec sleep infinity"""], stdout=subprocess.PIPE, text=True)
        if self.namespace.stdout.readline() != "ready\n":
            raise Failure("there is no mount namespace for the desktop")
        self.env.update(XDG_RUNTIME_DIR=runtime, XDG_CURRENT_DESKTOP="test")
        del self.env["GDK_DEBUG"]
        services = self.home / "services"
        services.mkdir()
        for name in SERVICES:
            shutil.copy(f"/usr/share/dbus-1/services/{name}.service", services)
        (self.home / ".config/xdg-desktop-portal").mkdir(parents=True)
        (self.home / ".config/xdg-desktop-portal/portals.conf").write_text(PORTALS)

    def spawn(self, argv, log=None, **options):
        return super().spawn(["nsenter", f"--mount=/proc/{self.namespace.pid}/ns/mnt", f"--wd={os.getcwd()}", "--", *map(str, argv)], log, **options)

    def start_bus(self):
        super().start_bus()
        keyring = self.spawn(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], log="keyring.log",
                             stdin=subprocess.PIPE, text=True)
        keyring.stdin.write("password of the test")
        keyring.stdin.close()
        self.notifications = self.serve(HERE.parent / "e2e/notifications.py")
        self.file_manager = self.serve(HERE / "file_manager.py")

    def serve(self, script):
        server = self.spawn([sys.executable, script], log=f"{script.stem}.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if server.stdout.readline() != "ready\n":
            raise Failure(f"{script.name} did not start")
        return server

    def shown(self):
        """The URIs that the file manager is to show next."""
        return self.told(self.file_manager)

    def told(self, server):
        if not select.select([server.stdout], [], [], PATIENCE)[0]:
            raise Failure(f"{self.name}: nothing came to {server.args[-1]}")
        return json.loads(server.stdout.readline())

    def notified(self):
        """The next notification: summary, body, and its actions as {label: key}."""
        summary, body, actions = self.told(self.notifications)
        return summary, body, dict(zip(actions[1::2], actions[::2]))

    def choose_action(self, key):
        self.notifications.stdin.write(key + "\n")
        self.notifications.stdin.flush()

    def close(self):
        super().close()
        self.namespace.kill()
        self.namespace.wait()
