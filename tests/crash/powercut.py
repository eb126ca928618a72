"""What a disk may hold whose power went: made from a copy of the folder as it was at the start of a
process and the log of powercut.cpp. A write that no sync covered is kept, dropped, torn at a sector
or overtaken by a later one; a name that was made, moved or removed since its folder was synced may
have stayed as it was. The same dice give the same wreck."""
import collections
import pathlib
import shutil
import struct

HEAD = struct.Struct("<cIQQ")
SECTOR = 512
FOLDER = 0xFFFFFFFF


class File:
    def __init__(self, durable=b"", named=False):
        self.durable, self.named = bytearray(durable), named
        self.pending = []  # (at, bytes), or (size, None) for a truncation

    def sync(self):
        for at, data in self.pending:
            apply(self.durable, at, data)
        self.pending.clear()
        self.named = True  # as ext4 and xfs do it: a synced file has its name


def apply(content, at, data):
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    if len(content) < at + len(data):
        content.extend(bytes(at + len(data) - len(content)))
    content[at:at + len(data)] = data


def wreck(file, dice, did):
    """The bytes on the platter."""
    out = bytearray(file.durable)
    if not file.pending:
        return out
    mode = dice.choice(("dropped", "in order", "some", "reordered"))
    kept = {"dropped": lambda: [],
            "in order": lambda: file.pending[:dice.randrange(len(file.pending) + 1)],
            "some": lambda: [p for p in file.pending if dice.random() < 0.5],
            "reordered": lambda: [p for p in file.pending if dice.random() < 0.5]}[mode]()
    if mode == "reordered":
        dice.shuffle(kept)
    did[mode] += 1
    did["writes not synced"] += len(file.pending)
    did["of them lost"] += len(file.pending) - len(kept)
    for i, (at, data) in enumerate(kept):
        if data is not None and len(data) > SECTOR and (i + 1 == len(kept) or dice.random() < 0.12):
            data = data[:dice.randrange(len(data) // SECTOR) * SECTOR]
            did["torn"] += 1
        apply(out, at, data)
    return out


def records(log):
    data = log.read_bytes()
    at = 0
    while at + HEAD.size <= len(data):
        kind, file, where, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        if at + size > len(data):
            return  # killed in the midst of it: the change was not made
        yield kind, file, where, data[at:at + size]
        at += size


class Disk:
    """Follows the log: which files there are, by name, and what is surely on the platter."""

    def __init__(self, folder, base):
        self.names, self.by_id, self.unsure = {}, {}, []
        self.folder = folder
        for path in base.rglob("*"):
            if path.is_file():
                self.names[str(path.relative_to(base))] = File(path.read_bytes(), named=True)

    def name(self, path):
        return str(pathlib.Path(path.decode()).relative_to(self.folder))

    def follow(self, kind, file, where, data):
        if kind == b"O":
            name = self.name(data)
            self.by_id[file] = self.names.setdefault(name, File())
        elif kind == b"W":
            self.by_id[file].pending.append((where, data))
        elif kind == b"T":
            self.by_id[file].pending.append((where, None))
        elif kind == b"S" and file == FOLDER:
            self.unsure.clear()
            for each in self.names.values():
                each.named = True
        elif kind == b"S":
            self.by_id[file].sync()
        elif kind == b"U":
            gone = self.names.pop(name := self.name(data), None)
            if gone and gone.named:
                self.unsure.append({name: gone})
        elif kind == b"R":
            old, new = self.name(data[:where]), self.name(data[where:])
            before = {n: self.names[n] for n in (old, new) if n in self.names}
            if old in self.names:
                self.names[new] = self.names.pop(old)
                self.unsure.append(before)

    def cut(self, dice, did):
        names = {n: f for n, f in self.names.items() if f.named or dice.random() < 0.5}
        for before in reversed(self.unsure):
            if dice.random() < 0.5:
                did["names as they were"] += 1
                names = {n: f for n, f in names.items() if f not in before.values()} | before
        return {n: bytes(wreck(f, dice, did)) for n, f in sorted(names.items())}


class Power:
    """The folder of one service, process after process."""

    def __init__(self, folder, beside, shim, lies=False):
        self.folder, self.base = pathlib.Path(folder), pathlib.Path(beside) / "before"
        self.log, self.shim, self.lies = pathlib.Path(beside) / "changes", shim, lies
        self.did = collections.Counter()

    def environment(self):
        env = {"LD_PRELOAD": str(self.shim), "MOODLINE_POWERCUT_DIR": str(self.folder),
               "MOODLINE_POWERCUT_LOG": str(self.log),
               # The shim stands before the sanitizer's own library, and needs nothing of it.
               "ASAN_OPTIONS": "verify_asan_link_order=0"}
        if self.lies:
            env["MOODLINE_POWERCUT_LIES"] = "1"
        return env

    def on(self):
        """Before a process starts. Without a cut before it, all that is there counts as durable."""
        self.log.unlink(missing_ok=True)
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.copytree(self.folder, self.base)

    def cut(self, dice):
        """After it ended, however it did."""
        if not self.log.exists():
            return
        disk = Disk(self.folder, self.base)
        for record in records(self.log):
            disk.follow(*record)
        left = disk.cut(dice, self.did)
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        for name, data in left.items():
            if not name.endswith("-shm"):
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_bytes(data)
                (self.folder / name).chmod(0o600)
        self.log.unlink()
        self.did["cuts"] += 1
