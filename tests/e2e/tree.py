# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder tree with everything that goes wrong in practice, and an exact comparison of two trees."""
import os
import pathlib
import random
import stat

NAMES = ["plain", "with space", "Ümläute äöüß", "日本語の名前", "emoji 🚣", "quote's \"double\"", "semi;colon&amp", "-dash", "tail."]


def make(top, files=300, big=100_000_000, seed=1):
    """Writes the tree; the same seed gives the same bytes."""
    noise = random.Random(seed)
    top = pathlib.Path(top)
    top.mkdir(parents=True)
    folders = [top]
    for i, name in enumerate(NAMES):
        folder = folders[i // 2] / name
        folder.mkdir()
        folders.append(folder)
    (top / "empty folder").mkdir()
    (top / "empty file").touch()
    for i in range(files):
        path = folders[i % len(folders)] / f"{NAMES[i % len(NAMES)]} {i}.bin"
        path.write_bytes(noise.randbytes(noise.choice([0, 1, 100, 4096, 65536])))
        path.chmod(noise.choice([0o644, 0o600, 0o755, 0o444]))
        os.utime(path, ns=(1_600_000_000_000_000_000 + i, 1_500_000_000_123_456_789 + i * 1_000_003))
    if big:
        with open(top / "big.bin", "wb") as out:
            for offset in range(0, big, 1 << 20):
                out.write(noise.randbytes(min(1 << 20, big - offset)))
    for folder in reversed(folders):
        os.utime(folder, (1_400_000_000, 1_400_000_000))
    return top


def entries(top):
    top = pathlib.Path(top)
    found = {}
    for folder, names, files in os.walk(top):
        for name in names + files:
            path = pathlib.Path(folder) / name
            found[str(path.relative_to(top))] = path
    return found


def differences(sent, arrived, times=True):
    """Every way in which two trees differ, as sentences; empty when they are the same."""
    a, b = entries(sent), entries(arrived)
    found = [f"missing: {name}" for name in sorted(a.keys() - b.keys())]
    found += [f"extra: {name}" for name in sorted(b.keys() - a.keys())]
    for name in sorted(a.keys() & b.keys()):
        x, y = a[name].lstat(), b[name].lstat()
        if stat.S_IFMT(x.st_mode) != stat.S_IFMT(y.st_mode):
            found.append(f"kind: {name}")
            continue
        own = 0o700 if stat.S_ISDIR(x.st_mode) else 0o600  # the owner may always write, others never
        if stat.S_IMODE(x.st_mode) & ~0o022 | own != stat.S_IMODE(y.st_mode):
            found.append(f"mode: {name} {x.st_mode:o} {y.st_mode:o}")
        if times and x.st_mtime_ns != y.st_mtime_ns:
            found.append(f"time: {name} {x.st_mtime_ns} {y.st_mtime_ns}")
        if stat.S_ISREG(x.st_mode) and a[name].read_bytes() != b[name].read_bytes():
            found.append(f"content: {name}")
    return found


def summary(top):
    paths = entries(top).values()
    files = [p for p in paths if p.is_file()]
    return len(files), len(paths) - len(files), sum(p.stat().st_size for p in files)
