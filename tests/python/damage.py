# Every stream that lacks its end, or one byte of which has another value, is refused.
import sys, augself
def fate(data):
    try:
        for _ in augself.Reader(data):
            pass
        return "whole"
    except augself.StreamError:
        return "refused"
good = open(sys.argv[1], "rb").read()
assert fate(good) == "whole"
assert fate(good + b"\0") == "refused", "a byte after the trailer"
step = max(1, len(good) // 1500) | 1
for n in list(range(0, len(good), step)) + list(range(len(good) - 60, len(good))):
    assert fate(good[:n]) == "refused", f"cut at {n}"
    bad = bytearray(good)
    bad[n] ^= 1 << n % 8
    assert fate(bytes(bad)) == "refused", f"another byte at {n}"
