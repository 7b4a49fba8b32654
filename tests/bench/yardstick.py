# SPDX-License-Identifier: GPL-3.0-or-later
"""scp over loopback as the yardstick: a private sshd run by a plain user of a user namespace.

sshd started as root wants to change its groups, which a user namespace forbids; a user of its own needs no privilege at all.
"""
import os
import pathlib
import shlex
import socket
import subprocess
import sys
import time

import waiting

PORT = 2222
USER = "bench"


def listens():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


class Ssh:
    """with Ssh(folder) as ssh: ssh.copy(source, target) copies one file by scp and returns the seconds it took."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server = None

    def __enter__(self):
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        passwd = pathlib.Path("/etc/passwd").read_text() + f"{USER}:x:1000:1000::{self.folder}:/bin/sh\n"
        (self.folder / "passwd").write_text(passwd)
        (self.folder / "sshd_config").write_text(
            f"Port {PORT}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host_key\n"
            f"AuthorizedKeysFile {self.folder}/user_key.pub\nStrictModes no\nUsePAM no\nSubsystem sftp internal-sftp\nPidFile none\n")
        self.server = subprocess.Popen(self.as_user(["/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd_config"]),
                                       stderr=subprocess.DEVNULL)
        waiting.until(listens, "sshd to start")
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()

    def as_user(self, argv):
        command = " ".join(shlex.quote(str(word)) for word in argv)
        mounts = f"mount --bind {shlex.quote(str(self.folder))}/passwd /etc/passwd"
        return ["unshare", "--mount", "sh", "-c",
                f"{mounts} && exec unshare --user --map-user=1000 --map-group=1000 {command}"]

    def copy(self, source, target):
        options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        start = time.monotonic()
        subprocess.run(self.as_user(["scp", "-q", "-P", PORT, "-i", self.folder / "user_key", *options,
                                     source, f"{USER}@127.0.0.1:{target}"]), check=True, env=dict(os.environ, HOME=str(self.folder)))
        return time.monotonic() - start
