#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor says of a network that works, and of each thing that can be wrong with it: two hosts on one cable, with real daemons and
rules of nftables; ufw is its files, firewalld a program that answers as it would. usage: doctor.py BUILD-DIR"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import command
import tap
from two_hosts import CLI, PROJECT, Host
from waiting import PATIENCE, until

PORT = 11204
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
UFW_RULES = "*filter\n### RULES ###\n{}### END RULES ###\nCOMMIT\n"


class Patient(command.Device):
    """A device on a host of its own, with a system bus and the usual port."""

    def __init__(self, home, name, address):
        super().__init__(CLI, home, name)
        self.host = Host(name, address, pathlib.Path(home) / name / "host")

    def start(self, verb, *arguments, before=(), mdns=False, **options):
        common = [] if mdns else ["--no-mdns"]
        argv = self.host.inside(*before, CLI, "--data-dir", self.data, *common, "--json", verb, *arguments)
        return command.Running(argv, verb, env=self.host.env, **options)

    def sh(self, script):
        subprocess.run(self.host.inside("sh", "-c", script), check=True)

    def helper(self, *argv):
        """A program on this host that says a line when it is there."""
        process = subprocess.Popen(self.host.inside(*argv), env=self.host.env, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.host.processes.append(process)
        process.stdout.readline()
        return process


def end(host, process):
    host.processes.remove(process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


def examine(patient, *arguments, **options):
    running = patient.run("doctor", *arguments, **options)
    return running, running.finish()


def expect(what, examined, kind, severity, *said, status=None, among=False):
    """There is a finding of this kind and severity in which all of @said stand; it is the only one of its kind unless @among."""
    running, ended = examined
    of_kind = [finding for finding in running.told("finding") if finding["kind"] == kind]
    fitting = [f for f in of_kind if f["severity"] == severity and
               all(word in f"{f['cause']} {f['remedy']} {f['command']}" for word in said)]
    tap.check(fitting and (among or len(of_kind) == 1) and (status is None or ended == status), what, *of_kind, *running.details())


def healthy(ada, bob, ids):
    examined = examine(bob, mdns=True)
    expect("all is well: the status is 0", examined, "port", "ok", f" {PORT}.", status=0)
    expect("its interface", examined, "interface", "ok", "cable", "192.0.2.2", "1500")
    expect("Avahi", examined, "discovery", "ok", "Avahi")
    expect("no rule is in the way", examined, "firewall", "ok", "nftables", str(PORT))
    expect("the paired device answers", examined, "device", "ok", " ms")
    examined = examine(bob, "connect", ids["ada"], mdns=True)
    expect("connect DEVICE: it answers", examined, "device", "ok", " ms", status=0)
    expect("connect DEVICE: each address", examined, "address", "ok", f"192.0.2.1:{PORT}", among=True)
    expect("connect ADDRESS", examine(bob, "connect", "192.0.2.1"), "address", "ok", f"192.0.2.1:{PORT}", status=0)
    expect("connect ADDRESS, where nobody is", examine(bob, "connect", "192.0.2.2:9"), "address", "problem", "192.0.2.2:9", status=3)
    unknown = bob.run("doctor", "connect", "[nobody")
    tap.check(unknown.finish() == 3 and "[nobody" in unknown.errors, "connect to what is nothing", *unknown.details())
    for wrong in (["connect"], ["reach", ids["ada"]]):
        usage = bob.run("doctor", *wrong)
        tap.check(usage.finish() == 2 and "doctor [connect" in usage.errors, f"doctor {wrong[0]} is not how it is asked", *usage.details())
    locked = ada.run("doctor")
    tap.check(locked.finish() == 3 and "wherry-cli" in locked.errors, "a data folder in use is told as ever", *locked.details())


def stranger(bob):
    own, bob.data = bob.data, bob.home / "stranger"
    expect("a device that is not paired is told so", examine(bob, "connect", "192.0.2.1"), "address", "problem", "not paired", status=3)
    bob.data = own


def port_is_taken(bob):
    holder = bob.helper("python3", "-c", f"import socket as s; u = s.socket(s.AF_INET, s.SOCK_DGRAM); u.bind(('', {PORT})); print(1, flush=True); "
                        "u.recv(1)")
    examined = examine(bob)
    expect("who has the port", examined, "port", "warning", "python3", str(holder.pid), str(PORT), status=0)
    firewall = [finding["cause"] for finding in examined[0].told("finding") if finding["kind"] == "firewall"]
    tap.check(firewall and str(PORT) not in firewall[0], "the firewall is asked about the port that we have", *firewall)
    end(bob.host, holder)


def nftables(bob):
    table = "nft -f - <<END\ntable inet t {{\nchain c {{\ntype filter hook input priority 0; policy drop;\nct state established,related accept\n{}\n}}\n}}\nEND"
    bob.sh(table.format("udp dport 5353 accept"))
    expect("nftables drops the port", examine(bob), "firewall", "problem", "nftables", str(PORT), "nft list ruleset", status=3)
    expect("its rules may not be read", examine(bob, before=UNPRIVILEGED), "firewall", "warning", "nftables", "nft list ruleset", status=0)
    bob.sh("nft flush ruleset;" + table.format("ip saddr 198.51.100.0/24 accept"))
    expect("it depends on who asks", examine(bob), "firewall", "warning", "nftables", "nft list ruleset", status=0)
    bob.sh("nft flush ruleset;" + table.format(f"udp dport {{ 5353, {PORT} }} accept"))
    expect("nftables lets the port in", examine(bob), "firewall", "ok", "nftables", str(PORT), status=0)
    bob.sh("nft flush ruleset")


def isolated(ada, bob, ids):
    """Both announce themselves, and the one lets nothing in."""
    ada.sh(f"nft 'add table inet t; add chain inet t c {{ type filter hook input priority 0; }}; add rule inet t c udp dport {PORT} drop'")
    examined = examine(bob, mdns=True)
    expect("a device that is seen and does not answer", examined, "isolation", "problem", "client isolation", status=3)
    examined = examine(bob, "connect", ids["ada"], mdns=True)
    expect("the same when it is asked for", examined, "isolation", "problem", status=3)
    expect("and its address", examined, "address", "warning", f"192.0.2.1:{PORT}", "does not answer", among=True)
    ada.sh("nft flush ruleset")


def ufw(home, bob):
    etc = home / "etc"
    bob.sh(f"cp -dR /etc '{etc}' && mkdir -p '{etc}/ufw' '{etc}/default' && mount --bind '{etc}' /etc")
    (etc / "ufw/ufw.conf").write_text("ENABLED=no\n")
    (etc / "default/ufw").write_text('DEFAULT_INPUT_POLICY="DROP"\n')
    rules = etc / "ufw/user.rules"
    rules.write_text(UFW_RULES.format(""))
    expect("ufw is off", examine(bob), "firewall", "ok", "nftables")
    (etc / "ufw/ufw.conf").write_text("ENABLED=yes\n")
    expect("ufw drops the port", examine(bob), "firewall", "problem", "ufw", f"sudo ufw allow {PORT}/udp", status=3)
    rules.chmod(0)
    expect("its rules may not be read", examine(bob, before=UNPRIVILEGED), "firewall", "warning", "ufw", f"sudo ufw allow {PORT}/udp", status=0)
    rules.chmod(0o640)
    rules.write_text(UFW_RULES.format(f"-A ufw-user-input -p udp -m multiport --dports {PORT},5353 -j ACCEPT -m comment --comment 'dapp_Wherry'\n"))
    expect("ufw lets the port in", examine(bob), "firewall", "ok", "ufw", str(PORT), status=0)
    bob.sh("umount /etc")


def firewalld(bob):
    command_of = f"--zone={{}} --add-port={PORT}/udp"
    for what, zones, severity, said in (
            ("firewalld: the default zone is closed", '{"public": {"services": ["ssh"]}}', "problem", command_of.format("public")),
            ("firewalld: the zone of the interface is closed", '{"trusted": {"target": "ACCEPT"}, "work": {"interfaces": ["cable"]}}', "problem",
             command_of.format("work")),
            ("firewalld: the port is open", '{"public": {"ports": ["11000-11300"]}}', "ok", "firewalld"),
            ("firewalld: its service is open", '{"public": {"services": ["ssh", "wherry"]}}', "ok", "firewalld"),
            ("firewalld: who asks is not authorised", "{}", "warning", f"--add-port={PORT}/udp")):
        daemon = bob.helper("python3", PROJECT / "tests/e2e/firewalld.py", zones)
        expect(what, examine(bob), "firewall", severity, "firewalld", said)
        end(bob.host, daemon)


def networks(bob):
    bob.sh("ip link add other type veth peer name beyond && ip addr add 198.51.100.1/24 dev other && ip link set other mtu 1279 up")
    examined = examine(bob)
    expect("several networks", examined, "networks", "ok", "cable, other")
    expect("one of them takes too little", examined, "mtu", "problem", "other", "1279", "mtu 1500", status=3)
    bob.sh("ip link del other")
    tunnel = "ip link add tunnel type wireguard || ip tuntap add tunnel mode tun"
    if subprocess.run(bob.host.inside("sh", "-c", tunnel), stderr=subprocess.DEVNULL).returncode:
        tap.skip("a tunnel", "no kind of it can be made here: neither WireGuard nor /dev/net/tun")
        return
    bob.sh("ip addr add 203.0.113.1/24 dev tunnel && ip link set tunnel up")
    examined = examine(bob)
    expect("a tunnel", examined, "vpn", "warning", "tunnel", status=0)
    tap.check(not any(f["kind"] == "networks" for f in examined[0].told("finding")), "a tunnel is not counted as one", *examined[0].details())
    bob.sh("ip link del tunnel")


def avahi_is_stopped(bob):
    session = pathlib.Path(bob.host.env["DBUS_SYSTEM_BUS_ADDRESS"].partition("path=")[2]).parent
    pid = int((session / "avahi.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    until(lambda: not pathlib.Path(f"/proc/{pid}").exists() or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2], "the end of Avahi")
    expect("Avahi does not run", examine(bob, mdns=True), "discovery", "problem", "avahi-daemon", "systemctl enable", status=3)
    bob.sh("ip link set cable down")
    expect("no network at all", examine(bob), "interface", "problem", "not connected", status=3)


def scenario(home, ada, bob):
    hosting = ada.start("pair", mdns=True)
    joining = bob.run("pair", hosting.next("code").get("words", ""), "--address", f"192.0.2.1:{PORT}")
    hosting.finish()
    tap.check(joining.told("paired"), "paired", *joining.details())
    ids = {"ada": joining.told("paired")[0]["device"]["node_id"]}
    serving = ada.start("serve", "--receive-dir", ada.inbox, mdns=True)
    serving.next("listening")
    healthy(ada, bob, ids)
    stranger(bob)
    isolated(ada, bob, ids)
    tap.check(serving.stop() == 0, "serve ends cleanly", *serving.details())
    port_is_taken(bob)
    nftables(bob)
    ufw(home, bob)
    firewalld(bob)
    networks(bob)
    avahi_is_stopped(bob)


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="doctor-"))
    patients = []
    try:
        for name, address in (("ada", "192.0.2.1"), ("bob", "192.0.2.2")):
            patients.append(Patient(home, name, address))
        ada, bob = patients
        subprocess.run(ada.host.inside("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", bob.host.holder.pid), check=True)
        for patient in patients:
            patient.host.plug()
            tap.check(patient.host.start_avahi(), f"avahi-daemon runs on {patient.host.name}")
        scenario(home, ada, bob)
        tap.check(not command.broken, "every line keeps the contract", *command.broken[:10])
    finally:
        for patient in patients:
            patient.host.close()
        shutil.rmtree(home, ignore_errors=True)
    tap.finish()


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
