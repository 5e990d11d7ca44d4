# A stream to Python and back: the same seal. With "plain", hashed without libxxhash.
import sys, augself
if sys.argv[3:] == ["plain"]:
    augself._xxhash = None
with augself.Reader(sys.argv[1]) as r, augself.Writer(sys.argv[2], r.header) as w:
    for d in r:
        w.put(d)
    w.skipped = r.skipped
assert w.seal == r.seal or r.header["version"] == 1, (w.seal, r.seal)
