# Views one by one, in batches, in parts, by a command, and as PyTorch's loader asks for them.
import pickle, sys, types, numpy as np, augself
view = sys.argv[1]
records = list(augself.Reader(view))
items = list(augself.Views(view))
assert len(items) == 6 and all((v == r["views"]).all() and (o == r["omega"]).all() and l == r["label"]
                               for (v, o, l), r in zip(items, records))
items[0][0][:] = 0  # ours to write to
rows = list(augself.Views(view, batch=4, keys=["seq", "param"]))
assert [len(r[0]) for r in rows] == [4, 2] and list(rows[1][3]) == [4, 5] and rows[0][4].shape[:2] == (4, 2)
assert (rows[1][0][1] == records[5]["views"]).all() and rows[0][2].dtype == np.int64
assert [len(r[0]) for r in augself.Views(view, batch=4, drop_last=True)] == [4]
command = "img-synth -q --count 7 --shard {shard} -s {epoch} | aug-sample -q | aug-apply -q"
of = lambda v: [r[3] for r in v]
small = list(augself.Views(sys.argv[2], role=1))
assert small[0][0].shape == (1, 16, 16, 3) and (small[5][0] == list(augself.Reader(sys.argv[2]))[5]["views.1"]).all()
try: list(augself.Views(view, role=1)); sys.exit("a role that is not there")
except ValueError as e: assert "no role 1" in str(e)
whole = augself.Views(command, keys=["seq"])
first, second = list(whole), list(whole)
assert of(first) == list(range(7)) and (first[0][0] != second[0][0]).any(), "a new seed in each epoch"
assert of(augself.Views(command, part=(1, 3), keys=["seq"])) == [1, 4]
next(iter(augself.Views(command)))  # a reader that leaves
again = augself.Views(command, keys=["seq"])
again.epoch = 1
assert (list(again)[0][0] == second[0][0]).all() and again.epoch == 2, "an epoch can be begun anew"
assert [len(augself.Views(command, length=7, **k)) for k in (
    {}, {"batch": 3}, {"batch": 3, "drop_last": True}, {"part": (1, 3)}, {"part": (0, 3), "batch": 2})] == [7, 3, 2, 2, 2]
try: len(whole); sys.exit("a len() of nothing")
except TypeError as e: assert "length=" in str(e)
# A pipe that dies: which status, and what was said. The stream may be whole all the same.
for bad, want in (("img-synth -q --count 3 --size 1 | aug-sample -q | aug-apply -q", "img-synth: --size: 1 is"),
                  ("false | cat " + view, "exit status 1"), ("cat " + view + "; echo gone >&2; kill -9 $$", "signal 9\n  gone"),
                  ("nowhere.rec", "exit status 127")):
    try: list(augself.Views(bad)); sys.exit("no error: " + bad)
    except augself.StreamError as e: assert want in str(e) and "in: " in str(e), str(e)
for bad in ("img-synth -q --count 3 | aug-sample -q", "false", "cat nowhere"):
    try: list(augself.Views(bad)); sys.exit("no error: " + bad)
    except augself.StreamError: pass
try: list(augself.Views("cat " + view, part=(0, 2))); sys.exit("two processes read the same")
except ValueError as e: assert "{shard}" in str(e)
# As torch's loader sees it, in worker 1 of 2.
data = types.ModuleType("torch.utils.data")
data.IterableDataset = type("IterableDataset", (), {})
data.get_worker_info = lambda: types.SimpleNamespace(id=1, num_workers=2)
sys.modules["torch.utils.data"] = data
loaded = augself.Views(command, keys=["seq"])
loaded = pickle.loads(pickle.dumps(loaded))
assert isinstance(loaded, data.IterableDataset) and of(loaded) == [1, 3, 5]
assert of(augself.Views(command, keys=["seq"], part=(1, 2))) == [3]
