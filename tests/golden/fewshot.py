#!/usr/bin/env python3
"""Writes fewshot.txt: what liblinear's L2-regularised logistic regression (solver 0,
C 1, bias 1, eps 1e-12) finds for a 5-way 5-shot and a 2-way 3-shot problem.

For each problem: `way shot d`; way x shot rows of whole numbers x*64, class by class;
then the weights, d + 1 numbers a line (bias last), one line for each class, or one
line when way is 2 (class 0 against class 1). Needs NumPy and liblinear-train; run from
this folder."""
import subprocess
import tempfile

import numpy as np

rng = np.random.default_rng(11)


def problem(way, shot, d):
    y = np.repeat(np.arange(way), shot)
    ints = np.rint((rng.normal(size=(way, d))[y] * 0.7 + rng.normal(size=(way * shot, d)) + 0.5) * 64).astype(int)
    with tempfile.TemporaryDirectory() as at:
        with open(f"{at}/data", "w") as f:
            for c, row in zip(y, ints):
                print(c, *(f"{j + 1}:{float(v) / 64!r}" for j, v in enumerate(row)), file=f)
        subprocess.run(["liblinear-train", "-q", "-s", "0", "-c", "1", "-B", "1", "-e", "1e-12",
                        f"{at}/data", f"{at}/model"], check=True)
        model = open(f"{at}/model").read().split("\nw\n")
    assert "label " + " ".join(map(str, range(way))) in model[0]
    return ints, np.array([[float(v) for v in line.split()] for line in model[1].strip().split("\n")])


with open("fewshot.txt", "w") as out:
    for way, shot, d in ((5, 5, 16), (2, 3, 6)):
        ints, w = problem(way, shot, d)
        print(way, shot, d, file=out)
        for row in ints:
            print(*row, file=out)
        for line in w.T:
            print(*(f"{v:.17g}" for v in line), file=out)
