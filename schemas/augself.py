"""augself: the streams of augself in Python, with numpy and msgpack and nothing else.

    Reader(source)       reads any stream: its header, its records, and checks its trailer
    Writer(target, ...)  writes a stream, whole with hash and trailer, or not at all
    Views(source)        an iterable of views, omega and labels, which feeds PyTorch's DataLoader

A record is a dict with the keys that the pages in schemas/ list; a tensor is a numpy array. augself-python(7) has
examples, augself-stream(5) the format.
"""

import ctypes
import io
import itertools
import os
import shutil
import subprocess
import sys
import tempfile

import msgpack
import numpy as np

__all__ = ["Reader", "Writer", "Views", "StreamError", "xxh64"]

VERSION = 2  # of the format: written; OLDEST is still read
OLDEST = 1
MAX_HEADER = 4194304  # bytes
MIB = 1 << 20

# Of each kind the most bytes of a record, and the keys that it must have besides seq, id and epoch. Where the
# header lists several roles, DRAWN keys are needed for each: views, views.1 and so on.
KINDS = {
    "image": (256 * MIB, ["image"]),
    "sample": (256 * MIB, ["image", "param", "omega"]),
    "view": (64 * MIB, ["height", "width", "param", "omega", "views"]),
    "feature": (64 * MIB, ["feature"]),
    "score": (16 * MIB, ["metric", "value", "n", "probe"]),
}
DRAWN = ("param", "omega", "views")
# The types and the number of sides of the tensors that we know.
TENSORS = {"param": (["<f4"], 2), "omega": (["<f4"], 2), "feature": (["<f4"], 2), "views": (["|u1", "<f4"], 4)}
DTYPES = ("|u1", "<f4", "<i4", "<i8", "<f8")
# The order in which our programs write the header.
HEADER = ("magic", "version", "kind", "records", "epochs", "shard", "classes", "policy", "roles", "chain")
MAX_SEQ = (1 << 63) - 1


class StreamError(ValueError):
    """The stream is truncated, damaged, or not what was expected."""


# ---- XXH64 ----

M = (1 << 64) - 1
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _rotate(x, n):
    return (x << n | x >> 64 - n) & M


def _round(acc, word):
    return _rotate(acc + word * P2 & M, 31) * P1 & M


class _PlainHash:
    """XXH64, seed 0, of bytes that come in parts. About 25 MB/s: _FastHash is used where it can be."""

    def __init__(self):
        self.lane = [P1 + P2 & M, P2, 0, -P1 & M]
        self.rest = b""
        self.bytes = 0

    def update(self, data):
        self.bytes += len(data)
        data = self.rest + bytes(data)
        whole = len(data) & ~31
        self.rest = data[whole:]
        # Four independent chains; the products are made by numpy, which wraps as XXH64 does.
        words = (np.frombuffer(data, "<u8", whole // 8).reshape(-1, 4) * np.uint64(P2)).T if whole else []
        for i, column in enumerate(words):
            acc = self.lane[i]
            for word in column.tolist():
                acc = acc + word & M
                acc = ((acc << 31 | acc >> 33) & M) * P1 & M
            self.lane[i] = acc

    def digest(self):
        acc = P5
        if self.bytes >= 32:
            acc = sum(_rotate(v, n) for v, n in zip(self.lane, (1, 7, 12, 18))) & M
            for v in self.lane:
                acc = ((acc ^ _round(0, v)) * P1 + P4) & M
        acc = acc + self.bytes & M
        rest = self.rest
        while len(rest) >= 8:
            acc = (_rotate(acc ^ _round(0, int.from_bytes(rest[:8], "little")), 27) * P1 + P4) & M
            rest = rest[8:]
        if len(rest) >= 4:
            acc = (_rotate(acc ^ int.from_bytes(rest[:4], "little") * P1 & M, 23) * P2 + P3) & M
            rest = rest[4:]
        for byte in rest:
            acc = _rotate(acc ^ byte * P5 & M, 11) * P1 & M
        acc = (acc ^ acc >> 33) * P2 & M
        acc = (acc ^ acc >> 29) * P3 & M
        return acc ^ acc >> 32


def _library():
    """libxxhash, which is there where augself's programs are; None: it is not."""
    try:
        lib = ctypes.CDLL("libxxhash.so.0")
    except OSError:
        return None
    lib.XXH64_createState.restype = ctypes.c_void_p
    lib.XXH64_reset.argtypes = [ctypes.c_void_p, ctypes.c_ulonglong]
    lib.XXH64_update.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    lib.XXH64_digest.argtypes = lib.XXH64_freeState.argtypes = [ctypes.c_void_p]
    lib.XXH64_digest.restype = ctypes.c_ulonglong
    return lib


_xxhash = _library()


class _FastHash:
    """The same by libxxhash."""

    def __init__(self):
        self.state = _xxhash.XXH64_createState()
        _xxhash.XXH64_reset(self.state, 0)

    def update(self, data):
        if len(data):
            _xxhash.XXH64_update(self.state, np.frombuffer(data, np.uint8).ctypes.data, len(data))

    def digest(self):
        return _xxhash.XXH64_digest(self.state)

    def __del__(self):
        _xxhash.XXH64_freeState(self.state)


def _new_hash():
    return _FastHash() if _xxhash else _PlainHash()


def xxh64(data):
    """XXH64 of bytes, with seed 0: the id of an image is that of its name."""
    h = _new_hash()
    h.update(data)
    return h.digest()


# ---- maps and tensors ----


def _from_pairs(pairs):
    """A msgpack map as a dict, or as an array if it is a tensor. The array borrows the map's bytes: it is
    read-only."""
    d = dict(pairs)
    if len(d) != len(pairs):
        raise StreamError("a map has a key twice")
    if len(d) != 3 or not ("dtype" in d and "shape" in d and "data" in d):
        return d
    dtype, shape, data = d["dtype"], d["shape"], d["data"]
    if dtype not in DTYPES:
        raise StreamError(f"a tensor's dtype is {dtype!r}, not one of {' '.join(DTYPES)}")
    if not isinstance(shape, list) or not 1 <= len(shape) <= 4 or not all(type(n) is int and n >= 0 for n in shape):
        raise StreamError(f"a tensor's shape is {shape!r}, not one to four whole numbers")
    count = 1
    for n in shape:
        count *= n
    if not isinstance(data, bytes) or count * np.dtype(dtype).itemsize != len(data):
        raise StreamError(f"a tensor {dtype} of shape {shape} does not have the bytes that these say")
    if not data:
        return np.empty(shape, dtype)
    return np.frombuffer(data, dtype).reshape(shape)


def _to_map(x):
    """What msgpack does not know by itself: an array becomes a tensor, numpy's numbers plain ones."""
    if isinstance(x, np.generic):
        return x.item()
    if not isinstance(x, np.ndarray):
        raise TypeError(f"a record cannot hold a {type(x).__name__}")
    name = "|u1" if x.dtype == np.uint8 else "<" + x.dtype.str[1:]
    if name not in DTYPES:
        raise ValueError(f"a tensor cannot be {x.dtype}: only {' '.join(DTYPES)}")
    return {"dtype": name, "shape": list(x.shape), "data": x.astype(name, copy=False).tobytes()}


def _pack(d):
    return msgpack.packb(d, default=_to_map, use_bin_type=True, unicode_errors="surrogateescape")


def _unpack(body):
    try:
        d = msgpack.unpackb(body, object_pairs_hook=_from_pairs, raw=False, unicode_errors="surrogateescape")
    except StreamError:
        raise
    except Exception as e:
        raise StreamError(f"not a map in msgpack: {e}") from e
    if not isinstance(d, dict) or not all(isinstance(k, str) for k in d):
        raise StreamError("not a map with texts as keys")
    return d


def _is_whole(x, most):
    return type(x) is int and 0 <= x <= most


def _needed(header):
    """The keys that each record of this stream has."""
    more = range(1, len(header.get("roles") or [1]))
    _, keys = KINDS[header["kind"]]
    return keys + [f"{k}.{i}" for i in more for k in keys if k in DRAWN]


def _check_record(d, kind, needed):
    for key, most in (("seq", MAX_SEQ), ("id", M), ("epoch", (1 << 32) - 1)):
        if not _is_whole(d.get(key), most):
            raise StreamError(f"{key} is {d.get(key)!r}, not a whole number from 0 to {most}")
    for key in needed:
        if key not in d:
            raise StreamError(f"no {key}, which every record of kind {kind} has")
    for key in d:
        want = TENSORS.get(key.partition(".")[0]) if key in needed or kind == "feature" else None
        if want and not (isinstance(d[key], np.ndarray) and d[key].dtype.str in want[0] and d[key].ndim == want[1]):
            raise StreamError(f"{key} is not a tensor {' or '.join(want[0])} of {want[1]} dimensions")
    image = d.get("image")
    if "image" not in needed or (isinstance(image, dict) and isinstance(image.get("jpeg"), bytes)):
        return
    if not (isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3):
        raise StreamError("image is neither a JPEG nor a tensor |u1 of shape (height, width, 3)")


# ---- reading ----


class Reader:
    """Reads a stream from a path, an open binary file or bytes. `header` is there at once; iterating gives the
    records. At the end the trailer is checked, and `count`, `skipped` and `seal` say what it said. StreamError if
    the stream is truncated or damaged. `kinds`: those that are accepted, "image" or ["image", "sample"]."""

    def __init__(self, source, kinds=None):
        self.name = "(stream)"
        if isinstance(source, (str, os.PathLike)):
            self.name = os.fspath(source)
            source = open(source, "rb", buffering=MIB)
        elif isinstance(source, (bytes, bytearray, memoryview)):
            source = io.BytesIO(source)
        self._file = source
        self._hash = _new_hash()
        self.count = 0
        self.skipped = self.seal = self.header = None
        self._begun = False  # whether a byte came
        self.header = self._guard(self._read_header, kinds)
        self._needed = _needed(self.header)

    def _guard(self, do, *args):
        try:
            return do(*args)
        except StreamError as e:
            raise StreamError(f"{self.name}: record {self.count}: {e}") from None

    def _early(self):
        if self.header is None and not self._begun:
            return "empty: a stream begins with a header; see what its writer said"
        return "truncated: the input ends without a trailer; see what its writer said"

    def _bytes(self, n):
        data = self._file.read(n)
        while data is not None and len(data) < n:  # an unbuffered file gives what is there
            more = self._file.read(n - len(data))
            if not more:
                raise StreamError(self._early())
            data += more
        return data

    def _frame(self, most):
        """The bytes of the next frame's length, and of its map."""
        first = self._file.read(1)
        if not first:
            raise StreamError(self._early())
        if first == b"\xc0" and not self._file.read(1):
            raise StreamError("its writer has failed, as its message says")
        self._begun = True
        code = first[0]
        if code < 0x80:
            length = code
        elif 0xCC <= code <= 0xD3:
            first += self._bytes(1 << (code & 3))
            length = int.from_bytes(first[1:], "big", signed=code >= 0xD0)
        else:
            raise StreamError("no length before the record" if self.count else "not an augself stream")
        if not 0 <= length <= most:
            raise StreamError(f"a length of {length} bytes, not 0 to {most}")
        return first, self._bytes(length)

    def _read_header(self, kinds):
        prefix, body = self._frame(MAX_HEADER)
        try:
            h = _unpack(body)
        except StreamError:
            raise StreamError("not an augself stream") from None
        if list(h)[:3] != ["magic", "version", "kind"] or h["magic"] != "augself":
            raise StreamError("not an augself stream")
        if not _is_whole(h["version"], VERSION) or h["version"] < OLDEST:
            raise StreamError(f"a stream of version {h['version']}; {OLDEST} to {VERSION} are read")
        if h["kind"] not in KINDS:
            raise StreamError(f"a stream of kind {h['kind']!r}, which is not known here")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and h["kind"] not in kinds:
            raise StreamError(f"a stream of kind '{h['kind']}', not '{' or '.join(kinds)}'")
        self._version = h["version"]
        self._hash.update(prefix)
        self._hash.update(body)
        return h

    def _end(self, prefix, body, d):
        if list(d)[-1] != "xxh64" or not all(_is_whole(d.get(k), M) for k in ("count", "skipped", "xxh64")):
            raise StreamError("trailer: not count, skipped and, last, xxh64")
        if d["trailer"] != self._version:
            raise StreamError(f"trailer: of version {d['trailer']} in a stream of version {self._version}")
        if d["count"] != self.count:
            raise StreamError(f"trailer: says {d['count']} records, {self.count} came")
        if self._version > 1:
            if body[-9] != 0xCF:
                raise StreamError("trailer: its last eight bytes are not the hash")
            self._hash.update(prefix)
            self._hash.update(body[:-8])
        if self._hash.digest() != d["xxh64"]:
            raise StreamError("trailer: the hash differs: bytes have changed since they were written")
        if self._file.read(1):
            raise StreamError("more bytes after the trailer: join streams by rec-cat")
        self.skipped, self.seal = d["skipped"], f"{d['xxh64']:016x}"

    def _next(self):
        prefix, body = self._frame(KINDS[self.header["kind"]][0])
        d = _unpack(body)
        first = next(iter(d), None)
        if first == "trailer":
            return self._end(prefix, body, d)
        if first == "magic":
            raise StreamError("a second header: join streams by rec-cat")
        _check_record(d, self.header["kind"], self._needed)
        self._hash.update(prefix)
        self._hash.update(body)
        self.count += 1
        return d

    def __iter__(self):
        return self

    def __next__(self):
        d = None if self.seal else self._guard(self._next)
        if d is None:
            raise StopIteration
        return d

    def close(self):
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- writing ----


class Writer:
    """Writes a stream to a path or an open binary file. `header` is another stream's, or a dict with at least
    `kind`. `line` is added to the chain: what made this stream. Use it in a `with`: an error in there leaves no
    file, and no trailer. A path appears when it is whole."""

    def __init__(self, target, header, line=None):
        header = dict(header)
        if header.get("kind") not in KINDS:
            raise ValueError(f"kind is {header.get('kind')!r}, not one of {' '.join(KINDS)}")
        if "magic" not in header:  # made by hand: one epoch
            header.setdefault("epochs", 1)
        header.update(magic="augself", version=VERSION)
        if line:
            header["chain"] = list(header.get("chain", [])) + [line]
        header.setdefault("records", 0)
        header.setdefault("epochs", 0)
        known = [k for k in HEADER if k in header and (k in HEADER[:5] or header[k])]
        header = {k: header[k] for k in known + [k for k in header if k not in HEADER]}
        self.header = header
        self._needed = _needed(header)
        self._path = os.path.realpath(os.fspath(target)) if isinstance(target, (str, os.PathLike)) else None
        self._file = open(self._path + ".part", "wb", buffering=MIB) if self._path else target
        self._hash = _new_hash()
        self.count = self.skipped = 0
        self.seal = None
        self._emit(_pack(header), MAX_HEADER)

    def _emit(self, body, most):
        if len(body) > most:
            raise ValueError(f"{len(body)} bytes, more than the {most} of a {self.header['kind']}")
        prefix = msgpack.packb(len(body))
        for part in (prefix, body):
            self._hash.update(part)
            self._file.write(part)

    def put(self, record=None, **keys):
        """Writes a record: a dict, or its keys. Left out, `seq` counts, `epoch` is 0, and `id` is the hash of
        `name`, or `seq`."""
        d = dict(record or {}, **keys)
        seq = d.get("seq", self.count)
        name = d.get("name")
        d = {"seq": seq, "id": seq if name is None else xxh64(os.fsencode(name)), "epoch": 0, **d}
        d = {k: v.item() if isinstance(v, np.generic) else v for k, v in d.items()}
        if d.get("label") in (None, -1):
            d.pop("label", None)
        _check_record(d, self.header["kind"], self._needed)
        self._emit(_pack(d), KINDS[self.header["kind"]][0])
        self.count += 1

    def close(self):
        """Writes the trailer; `seal` is the hash, as our programs say it."""
        body = _pack({"trailer": VERSION, "count": self.count, "skipped": self.skipped, "xxh64": M})
        data = msgpack.packb(len(body)) + body[:-8]
        self._hash.update(data)
        hashed = self._hash.digest()
        self._file.write(data + hashed.to_bytes(8, "big"))
        self._file.flush()
        self.seal = f"{hashed:016x}"
        if self._path:
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self._path + ".part", self._path)

    def abandon(self):
        """Ends without a trailer, so that whoever reads the stream sees that it is truncated."""
        if self._path:
            self._file.close()
            os.unlink(self._path + ".part")

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed:
            self.abandon()
        else:
            self.close()


# ---- views ----


class Views:
    """An iterable of (views, omega, label) from a command for the shell that writes a stream of views, a path, or
    an open file. views: uint8 or float32 (V,S,S,3); omega: float32 (V,W); label: -1 if there is none. With `batch`
    they are (B,V,S,S,3), (B,V,W) and (B,), a last batch being smaller unless `drop_last`.

    Each iteration starts the command again; `{epoch}` in it becomes the number of the iteration, from 0, in each
    worker of a DataLoader too; set `epoch` to begin elsewhere. `{shard}` becomes I/N for --shard of img-read: N is the
    number of the DataLoader's workers, times that of the processes if `part` is (rank, processes). `role` chooses among
    several roles; `keys` names further keys of the records, whose values follow in each item. `length`: how many images
    an iteration has, of all parts and workers together, for len().

    A command that fails, any program of its pipe, raises StreamError with its exit status and its last messages, which
    are also printed on sys.stderr."""

    def __init__(self, source, batch=0, drop_last=False, role=0, part=(0, 1), keys=(), length=None):
        self.source, self.batch, self.drop_last = source, batch, drop_last
        self.role, self.part, self.keys, self.length = role, part, tuple(keys), length
        self._next = _counters()

    @property
    def epoch(self):
        """The number of the next iteration."""
        return int(self._next[0])

    @epoch.setter
    def epoch(self, number):
        self._next[:] = number

    def __len__(self):
        """Items of an iteration by at most one worker: several may end in a smaller batch each."""
        if self.length is None:
            raise TypeError("Views without length=, the images of an iteration, has no len()")
        rank, count = self.part
        images = self.length // count + (self.length % count > rank)
        if not self.batch:
            return images
        return images // self.batch if self.drop_last else -(-images // self.batch)

    def __new__(cls, *_, **__):
        # With torch loaded also an IterableDataset: DataLoader would ask anything else for items by number.
        data = sys.modules.get("torch.utils.data")
        if data and not issubclass(cls, data.IterableDataset):
            cls = type(cls.__name__, (cls, data.IterableDataset), {"__reduce__": _reduce_views})
        return object.__new__(cls)

    def _worker(self):
        """(index from 0, count) of this process among the DataLoader's workers."""
        data = sys.modules.get("torch.utils.data")
        info = data.get_worker_info() if data else None
        return (info.id, info.num_workers) if info else (0, 1)

    def _open(self, epoch):
        """The stream, and the command that writes it or None."""
        worker, workers = self._worker()
        index, count = self.part[0] * workers + worker + 1, self.part[1] * workers
        source = self.source
        command = isinstance(source, str) and not os.path.exists(source)
        if count > 1 and not (command and "{shard}" in source):
            raise ValueError(f"{count} workers would all read the same: give a command with --shard {{shard}}")
        if not command:
            return Reader(source, "view"), None
        command = _Command(source.replace("{shard}", f"{index}/{count}").replace("{epoch}", str(epoch)))
        try:
            return Reader(command.process.stdout, "view"), command
        except BaseException as e:
            command.failed(e)
            raise

    def _items(self, reader):
        suffix = f".{self.role}" if self.role else ""
        views, omega = "views" + suffix, "omega" + suffix
        if views not in reader._needed:
            raise ValueError(f"no role {self.role}: the stream has {len(reader.header.get('roles') or [1])}")
        for r in reader:
            yield (r[views], r[omega], r.get("label", -1), *(r[k] for k in self.keys))

    def _batches(self, items):
        while True:
            rows = list(itertools.islice(items, self.batch))
            if not rows or (self.drop_last and len(rows) < self.batch):
                return
            views, omega, label, *more = zip(*rows)
            yield (np.stack(views), np.stack(omega), np.array(label, np.int64), *(_column(m) for m in more))

    def __iter__(self):
        worker, workers = self._worker()
        epoch = int(self._next[worker])
        if workers == 1:
            self._next[:] = epoch + 1
        else:
            self._next[worker] = epoch + 1
        reader, command = self._open(epoch)
        try:
            items = self._items(reader)
            if self.batch:
                yield from self._batches(items)
            else:  # arrays of their own, which may be written to
                yield from ((v.copy(), o.copy(), *more) for v, o, *more in items)
            if command:
                command.ended()
        except StreamError as e:
            if command:
                command.failed(e)
            raise
        finally:
            if reader is not None and (command or isinstance(self.source, (str, os.PathLike))):
                reader.close()  # a command whose reader leaves ends by itself
            if command:
                command.forward()


class _Command:
    """A line for the shell that writes a stream. Its messages are kept in a file, for in a notebook nobody sees the
    standard error of a process."""

    def __init__(self, line):
        bash = shutil.which("bash")  # for pipefail: otherwise only the last program of a pipe can fail
        if bash:
            line = "set -o pipefail; " + line
        self.line, self.said = line, tempfile.TemporaryFile()
        self.process = subprocess.Popen(line, shell=True, executable=bash, stdout=subprocess.PIPE, stderr=self.said, bufsize=MIB)

    def forward(self):
        """Waits for the end and prints what the programs said; returns its last lines. Once."""
        if self.said is None:
            return []
        self.process.stdout.close()
        self.process.wait()
        self.said.seek(0)
        text, self.said = self.said.read().decode(errors="replace"), self.said.close()
        if text:
            print(text, end="", file=sys.stderr, flush=True)
        return text.splitlines()[-3:]

    def _why(self):
        lines, status = self.forward(), self.process.returncode
        how = f"exit status {status}" if status >= 0 else f"killed by signal {-status}"
        return f"the command ended with {how}" + "".join(f"\n  {s}" for s in lines)

    def failed(self, error):
        """Raises again an error of the stream, with what the command said of it."""
        why = self._why()
        if isinstance(error, StreamError):
            raise StreamError(f"{error}\n{why}\n  in: {self.line}") from None

    def ended(self):
        """After a whole stream: a program may have failed all the same."""
        if self.process.wait():
            raise StreamError(f"(stream): {self._why()}\n  in: {self.line}")


def _counters():
    """The number of the next iteration, of each worker. A DataLoader gives every epoch new workers, with the object as
    the main process has it: so the numbers are in memory that these share."""
    torch = sys.modules.get("torch")
    zeros = getattr(torch, "zeros", None)
    return zeros(1024, dtype=torch.int64).share_memory_() if zeros else np.zeros(1024, np.int64)


def _reduce_views(self):
    """For workers that are spawned: the class was made at run time, and is made there again."""
    args = self.source, self.batch, self.drop_last, self.role, self.part, self.keys, self.length
    return type(self).__mro__[1], args, {"_next": self._next}


def _column(values):
    """Values of one key: an array of numbers or of tensors of one shape, otherwise a list."""
    if isinstance(values[0], (int, float, np.ndarray)):
        return np.array(values)
    return list(values)
