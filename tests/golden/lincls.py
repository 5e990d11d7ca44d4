#!/usr/bin/env python3
"""Writes lincls.txt: the trajectory of a linear classifier that learns by stochastic gradient descent with momentum, as in
MoCo's main_lincls.py: cross-entropy, no penalty, a smaller last batch, the learning rate divided by ten at some epochs. In
float64.

Lines, two for each epoch: `lr loss top1`, the mean over the epoch's rows before the step of their batch; then the weights,
W row by row with the bias behind each row. Inputs are the formula u of reference.py, which lincls.c has from reference.h.
NumPy only; run from this folder."""
import numpy as np

N, D, K, BATCH, EPOCHS, LR, MOMENTUM, DROPS = 50, 6, 4, 16, 5, 3.0, 0.9, (2, 4)


def u(name, n):
    key = 2166136261
    for c in name.encode():
        key = (key ^ c) * 16777619 & 0xFFFFFFFF
    x = (np.uint64(key) + np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    for shift, mul in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(mul) & np.uint64(0xFFFFFFFF)
    return (x ^ (x >> np.uint64(16))).astype(np.float64) / 2.0**32


def draw(name, shape, lo, hi):
    return (lo + (hi - lo) * u(name, int(np.prod(shape)))).astype(np.float32).reshape(shape)


y = np.floor(K * u("lincls.y", N)).astype(int)
x = draw("lincls.x", (N, D), -1, 1)
x[np.arange(N), y] += np.float32(1)
x = x.astype(np.float64)
W = draw("lincls.w", (K, D), -0.02, 0.02).astype(np.float64)
b = np.zeros(K)
vW, vb = None, None
lines = []
for epoch in range(EPOCHS):
    lr = LR * 0.1 ** sum(epoch >= d for d in DROPS)
    loss = right = 0
    for i in range(0, N, BATCH):
        X, Y = x[i:i + BATCH], y[i:i + BATCH]
        Z = X @ W.T + b
        right += (Z.argmax(1) == Y).sum()
        P = np.exp(Z - Z.max(1, keepdims=True))
        P /= P.sum(1, keepdims=True)
        loss -= np.log(P[np.arange(len(Y)), Y]).sum()
        P[np.arange(len(Y)), Y] -= 1
        gW, gb = P.T @ X / len(Y), P.mean(0)
        vW = gW if vW is None else MOMENTUM * vW + gW
        vb = gb if vb is None else MOMENTUM * vb + gb
        W, b = W - lr * vW, b - lr * vb
    lines.append(f"{lr:.17g} {loss / N:.17g} {100 * right / N:.17g}")
    lines.append(" ".join(f"{v:.17g}" for v in np.concatenate([W, b[:, None]], 1).ravel()))
with open("lincls.txt", "w") as f:
    f.write("\n".join(lines) + "\n")
