# SPDX-License-Identifier: GPL-3.0-or-later
"""A private desktop for one running Wherry: its own X display, session bus, home and data directory.

    with Desktop("Ada", "/tmp/ada") as desktop:
        app = desktop.start(["build/devel/app/wherry", ...])
        app.click("button", "Add Device")
        desktop.screenshot("dialog.png")
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.parse

from Xlib import X, display

from waiting import PATIENCE, Failure, until

HERE = pathlib.Path(__file__).resolve().parent


class Desktop:
    def __init__(self, name, home, size=(1000, 760), dark=False):
        self.name, self.home, self.size = name, pathlib.Path(home), size
        self.processes = []
        (self.home / ".config/gtk-4.0").mkdir(parents=True, exist_ok=True)
        (self.home / "Downloads").mkdir(exist_ok=True)
        (self.home / ".config/user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/Downloads"\n')
        (self.home / ".config/gtk-4.0/settings.ini").write_text(
            "[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=0\ngtk-icon-theme-name=Adwaita\n")
        runtime = self.home / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.env = dict(
            os.environ, HOME=str(self.home), XDG_RUNTIME_DIR=str(runtime), XDG_CONFIG_HOME=str(self.home / ".config"),
            XDG_DATA_HOME=str(self.home / ".local/share"), XDG_CACHE_HOME=str(self.home / ".cache"),
            GSETTINGS_BACKEND="memory", GDK_BACKEND="x11", GSK_RENDERER="cairo", GDK_DEBUG="no-portals",
            LANG="C.UTF-8", G_DEBUG="fatal-criticals")
        self.env.pop("GTK_A11Y", None)
        if dark:
            self.env["ADW_DEBUG_COLOR_SCHEME"] = "prefer-dark"
        else:
            self.env["ADW_DISABLE_PORTAL"] = "1"

    def __enter__(self):
        try:
            self.start_display()
            self.start_bus()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def spawn(self, argv, log=None, **options):
        out = open(self.home / log, "ab") if log else subprocess.DEVNULL
        options.setdefault("stdout", out)
        process = subprocess.Popen(argv, env=self.env, stderr=out, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def start_display(self):
        read, write = os.pipe()
        self.spawn(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{self.size[0]}x{self.size[1]}x24",
                    "-nolisten", "tcp", "-noreset"], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise Failure("Xvfb did not start")
        self.env["DISPLAY"] = f":{number}"
        # Without a compositor a client-side-decorated window has no shadow and the wrong size.
        self.spawn(["xcompmgr"])
        until(self.compositing, "xcompmgr")

    def compositing(self):
        connection = display.Display(self.env["DISPLAY"])
        owner = connection.get_selection_owner(connection.intern_atom("_NET_WM_CM_S0"))
        connection.close()
        return bool(owner)

    def start_bus(self):
        services = self.home / "services"
        services.mkdir(exist_ok=True)
        launcher = "/usr/share/dbus-1/services/org.a11y.Bus.service"
        (services / "org.a11y.Bus.service").write_text(pathlib.Path(launcher).read_text())
        config = self.home / "session.conf"
        config.write_text((HERE / "session.conf").read_text().replace("@SERVICES@", str(services)))
        bus = self.spawn(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
                         stdout=subprocess.PIPE, text=True)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()

    def start(self, argv, log="wherry.log", seen_as=None):
        return App(self, self.spawn(argv, log=log), seen_as)

    def window_geometry(self, title):
        """x, y, width, height of the window proper, in root coordinates."""
        found = subprocess.run(["xwininfo", "-name", title], env=self.env, capture_output=True, text=True).stdout
        values = {}
        for line in found.splitlines():
            key, _, value = line.strip().partition(":")
            values[key] = value.strip()
        return tuple(int(values[key]) for key in
                     ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height"))

    def tap(self, title, x, y):
        """A real press of the pointer's first button at x, y of the window called title."""
        left, top, _, _ = self.window_geometry(title)
        subprocess.run(["xdotool", "mousemove", str(left + x), str(top + y), "click", "1"], env=self.env, check=True, timeout=PATIENCE)

    def drop(self, title, x, y, paths, others=(), key=None):
        """Drops files, and other URIs, on the window called title, at x, y of that window; key: of the portal's transfer of them."""
        left, top, _, _ = self.window_geometry(title)
        uris = ["file://" + urllib.parse.quote(str(path)) for path in paths]
        result = subprocess.run([sys.executable, HERE / "xdnd.py", *([f"--key={key}"] if key else []), title, str(left + x), str(top + y), *uris, *others],
                                env=self.env, capture_output=True, text=True, timeout=3 * PATIENCE)
        if result.returncode != 0:
            raise Failure(result.stderr.strip())

    def keys(self, *keys):
        subprocess.run(["xdotool", "key", *keys], env=self.env, check=True, timeout=PATIENCE)

    def take_focus(self):
        """As if another window were used: an active one tells of an offer itself."""
        connection = display.Display(self.env["DISPLAY"])
        subprocess.run(["xdotool", "mousemove", str(self.size[0] - 10), str(self.size[1] - 10)], env=self.env, check=True, timeout=PATIENCE)
        connection.set_input_focus(connection.screen().root, X.RevertToPointerRoot, X.CurrentTime)
        connection.sync()
        connection.close()

    def screenshot(self, path):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", "root", str(path)], env=self.env, check=True, timeout=PATIENCE)

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class App:
    """A running program on a Desktop, seen through the accessibility tree: by its process id, or by the name seen_as."""

    def __init__(self, desktop, process, seen_as=None):
        self.desktop, self.process = desktop, process
        self.seen_as = seen_as or process.pid
        self.driver = desktop.spawn([sys.executable, HERE / "accessible.py"], log="accessible.log",
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, do, **command):
        self.driver.stdin.write(json.dumps({"do": do, "pid": self.seen_as, **command}) + "\n")
        self.driver.stdin.flush()
        answer = json.loads(self.driver.stdout.readline() or '{"error": "the accessibility driver died"}')
        if "error" in answer:
            if self.process.poll() is not None:
                answer["error"] += f" (the program ended with status {self.process.returncode})"
            raise Failure(f"{self.desktop.name}: {answer['error']}\n{answer.get('tree', '')}")
        return answer

    def see(self, role, name=None, **options):
        """Waits until something of this role and name shows; returns its description."""
        return self.ask("see", role=role, name=name, **options)

    def gone(self, role, name=None, **options):
        return self.ask("gone", role=role, name=name, **options)

    def hear(self, part):
        """Waits until a screen reader was told a sentence with this part, as with each toast, at any time since the start; returns it.
        A toast is gone after five seconds, which a busy machine needs to look through a window once."""
        return self.ask("hear", value=part)["heard"]

    def click(self, role, name, **options):
        return self.ask("click", role=role, name=name, **options)

    def type(self, role, name, value, **options):
        return self.ask("type", role=role, name=name, value=value, **options)

    def middle(self, role, name, **options):
        """Where the middle of something is in its window."""
        left, top, width, height = self.see(role, name, **options)["box"]
        return left + width // 2, top + height // 2

    def tree(self):
        return self.ask("tree")["tree"]

    def quit(self):
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.desktop.name}: the program did not end in {PATIENCE} s after SIGTERM") from None
