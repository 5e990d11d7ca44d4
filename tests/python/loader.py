# Views in PyTorch's DataLoader: every image once an epoch, other views in each, from forked, spawned and persistent workers;
# one by one and in batches; and a command that fails is told with its words.
import torch.utils.data, augself

command = "img-synth -q --count 7 --shard {shard} -s {epoch} | aug-sample -q -s {epoch} | aug-apply -q"


def epochs(n, loader):
    out = []
    for _ in range(n):
        rows = [(int(s), v) for views, omega, label, seq in loader for v, s in zip(views, seq)]
        out.append([v for _, v in sorted(rows, key=lambda r: r[0])])
        assert sorted(s for s, _ in rows) == list(range(7)), sorted(s for s, _ in rows)
    return out


def main():
    alone = epochs(2, torch.utils.data.DataLoader(augself.Views(command, batch=4, keys=["seq"]), batch_size=None))
    assert not torch.equal(alone[0][0], alone[1][0]), "other views in the second epoch"
    for workers, more in ((2, {}), (2, {"persistent_workers": True}), (1, {"multiprocessing_context": "spawn"})):
        views = augself.Views(command, batch=2, keys=["seq"], length=7)
        loader = torch.utils.data.DataLoader(views, batch_size=None, num_workers=workers, **more)
        assert len(loader) == 4
        both = epochs(2, loader)
        assert all(torch.equal(a, b) for x, y in zip(alone, both) for a, b in zip(x, y)), (workers, more)
        if not more:
            views.epoch = 0
            assert torch.equal(epochs(1, loader)[0][3], alone[0][3]), "begun anew"
    # Batches by the loader itself: its tensors are as of ours.
    loader = torch.utils.data.DataLoader(augself.Views(command, keys=["seq"]), batch_size=3)
    views, omega, label, seq = next(iter(loader))
    assert views.dtype == torch.uint8 and omega.dtype == torch.float32 and label.dtype == torch.int64
    assert views.shape == (3, 2, 32, 32, 3) and torch.equal(views[1], alone[0][1])
    loader = torch.utils.data.DataLoader(augself.Views("img-synth -q --count 3 --size 1 --shard {shard} | aug-sample -q | aug-apply -q"),
                                         num_workers=2)
    try:
        list(loader)
        raise SystemExit("no error")
    except augself.StreamError as e:
        assert "img-synth: --size: 1 is" in str(e) and "exit status 1" in str(e), str(e)


if __name__ == "__main__":
    main()
