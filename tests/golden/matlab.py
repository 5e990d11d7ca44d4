#!/usr/bin/env python3
"""Small MATLAB files for tests/cli/matlab.t and tests/unit/mat.c, written by SciPy:

    python3 tests/golden/matlab.py tests/golden/matlab

and, from the genuine lists in a folder, what SciPy reads in them, as the sha256 of lines `name label`:

    python3 tests/golden/matlab.py --genuine LISTS > tests/golden/matlab.txt
"""
import hashlib
import sys

import numpy as np
from scipy.io import loadmat, savemat
from scipy.sparse import eye



def cells(texts, shape):
    out = np.empty(len(texts), object)
    out[:] = texts
    return out.reshape(shape)


def structs(rows):
    out = np.zeros((1, len(rows)), dtype=[(key, "O") for key in rows[0]])
    for i, row in enumerate(rows):
        out[0, i] = tuple(row.values())
    return out


def car(i, label=None):
    row = {"bbox_x1": np.uint8(3), "bbox_y1": np.uint8(4), "bbox_x2": np.uint16(300), "bbox_y2": np.uint8(99)}
    if label is not None:
        row["class"] = np.uint8(label)
    return row | {"fname": "%05d.jpg" % i}


def write(folder):
    def save(name, values, packed=True, **more):
        savemat(f"{folder}/{name}.mat", values, do_compression=packed, **more)
        with open(f"{folder}/{name}.mat", "r+b") as f:  # no date and machine in it
            if f.read(6) == b"MATLAB":
                f.seek(0)
                f.write(b"MATLAB 5.0 MAT-file, by tests/golden/matlab.py".ljust(116))

    # 6 flowers of 3 classes; 300 needs 16 bits.
    save("imagelabels", {"labels": np.array([[2, 1, 3, 3, 2, 1]], np.uint8)})
    save("setid", {"trnid": np.array([[5, 2]], np.uint16),
                   "valid": np.array([[1]], np.uint16), "tstid": np.array([[6, 4, 3]], np.uint16)})
    # 3 cars to train and 2 to test of 2 classes, one of which holds a slash.
    save("cars_meta", {"class_names": cells(["Audi A4", "Ram C/V Van \u00e9"], (1, 2))})
    save("cars_train_annos", {"annotations": structs([car(1, 2), car(2, 1), car(3, 2)])})
    save("cars_test_annos", {"annotations": structs([car(1), car(2)])}, packed=False)
    save("cars_test_annos_withlabels", {"annotations": structs([car(1, 1), car(2, 2)])})
    # Dogs, by numbers that are no whole type.
    save("train_list", {"file_list": cells(["n2-Chow/n2_9.jpg", "n2-Chow/n2_1.jpg", "n1-Puli/n1_4.jpg"], (3, 1)),
                        "annotation_list": cells(["n2-Chow/n2_9", "n2-Chow/n2_1", "n1-Puli/n1_4"], (3, 1)),
                        "labels": np.array([[2.0], [2.0], [1.0]])})
    save("test_list", {"file_list": cells(["n1-Puli/n1_5.jpg", "n2-Chow/n2_2.jpg"], (2, 1)),
                       "labels": np.array([[1.0], [2.0]])}, packed=False)
    # What is not read, or not as asked.
    save("four", {"labels": np.array([[1, 2]])}, packed=False, format="4")
    save("odd", {"half": np.array([[1, 1.5]]), "square": np.eye(2), "text": "words", "none": np.zeros((0, 0)),
                 "mixed": cells(["a", np.float64(1)], (1, 2)),
                 "tab": cells(["a\tb"], (1, 1)),
                 "wide": np.array([[70000, -3]], np.int32), "long": np.array([[1 << 40]], np.int64),
                 "single": np.array([[2.0]], np.float32)})
    save("complex", {"labels": np.array([[1 + 2j]])})
    save("sparse", {"labels": eye(3).tocsc()})
    save("deep", {"labels": cells([cells([cells([cells([cells(["x"], (1, 1))], (1, 1))], (1, 1))], (1, 1))], (1, 1))})


def digest(name, lines):
    text = "".join(line + "\n" for line in lines)
    print(name, len(lines), hashlib.sha256(text.encode()).hexdigest(), lines[0].replace(" ", ":"), lines[-1].replace(" ", ":"))


def genuine(folder):
    labels = loadmat(f"{folder}/flowers_imagelabels.floralvision.mat")["labels"][0]
    ids = loadmat(f"{folder}/flowers_setid.floralvision.mat")
    parts = {"train": ["trnid"], "val": ["valid"], "test": ["tstid"], "trainval": ["trnid", "valid"]}
    for split, names in parts.items():
        chosen = [int(i) for name in names for i in ids[name][0]]
        digest(f"flowers102 {split}", ["image_%05d.jpg %d" % (i, labels[i - 1] - 1) for i in chosen])
    names = [str(n[0]) for n in loadmat(f"{folder}/cars_cars_meta.mat")["class_names"][0]]
    digest("cars classes", names)
    train = loadmat(f"{folder}/cars_cars_train_annos.mat")["annotations"][0]
    digest("cars trainval", ["cars_train/%s %d" % (r["fname"][0], r["class"][0, 0] - 1) for r in train])
    test = loadmat(f"{folder}/cars_cars_test_annos.mat")["annotations"][0]
    digest("cars test", ["cars_test/%s -1" % r["fname"][0] for r in test])


if sys.argv[1] == "--genuine":
    genuine(sys.argv[2])
else:
    write(sys.argv[1])
