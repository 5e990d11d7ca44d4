"""arrays.py write | read: .npz files for tests/cli/rec-import.t, and what rec-export wrote of drawn."""
import sys

import numpy as np

if sys.argv[1] == "write":
    x = np.arange(6.0).reshape(2, 3)
    for save in (np.savez, np.savez_compressed):
        save(save.__name__, features=x, labels=np.array([4, 5]), names=["a/é.png", "b"])
    np.savez("two", train_x=x[:1], test_x=x[1:], test_y=np.array([5], "u1"))
else:
    z = np.load("one.npz")
    n = len(z["seq"])
    assert n == 3 and z["feature"].shape[:2] == (n, 2) and z["feature"].dtype == "<f4"
    assert z["omega"].shape[:2] == z["param"].shape[:2] == (n, 2)
    assert list(z["class_names"]) == ["a", "b"] and sorted(z["label"]) == [0, 0, 1]
    assert sorted(z["name"]) == ["a/1.png", "a/é\udcff.png", "b/1.png"], z["name"]
    assert z["id"].dtype == "<u8" and z["policy"][0].startswith("name =") and len(z["chain"]) == 4
