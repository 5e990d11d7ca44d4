# What cannot be a record is refused; the hash; the limits that the pages in schemas/ say.
import os, re, sys, numpy as np, augself
def raises(kind, do):
    try: do()
    except kind as e: return str(e)
    raise SystemExit(f"no {kind.__name__}")
w = lambda: augself.Writer("new", {"kind": "feature"})
raises(augself.StreamError, lambda: w().put(label=1))
raises(augself.StreamError, lambda: w().put(feature=np.zeros((1, 4))))  # float64
raises(augself.StreamError, lambda: w().put(feature=np.zeros(4, "f4")))
raises(augself.StreamError, lambda: w().put(feature=np.zeros((1, 4), "f4"), seq=-1))
raises(ValueError, lambda: augself.Writer("new", {"kind": "cat"}))
os.unlink("new.part")
def fails():
    with w() as out:
        out.put(feature=np.zeros((1, 4), "f4"))
        raise KeyError
raises(KeyError, fails)
assert not os.path.exists("new") and not os.path.exists("new.part"), "an error leaves no file"
# Of XXH64 both ways, over all lengths around its steps; the empty one is published.
assert augself.xxh64(b"") == 0xEF46DB3751D8E999
data = bytes(i * 7 & 255 for i in range(200))
for n in range(200):
    for cut in (0, 1, 31, 32, 33):
        h = augself._PlainHash()
        h.update(data[:min(cut, n)]); h.update(data[min(cut, n):n])
        assert h.digest() == augself.xxh64(data[:n]), n
# The limits are those of the pages.
for kind, (most, _) in augself.KINDS.items():
    page = open(f"{sys.argv[1]}/schemas/{kind}.md").read()
    assert int(re.search(r"record\s+has at most (\d+) bytes", page)[1]) == most, kind
    need = re.findall(r"^\| `([a-z]+)` \|[^|]*\| yes \|", page, re.M)
    assert need == ["seq", "id", "epoch"] + augself.KINDS[kind][1], (kind, need)
