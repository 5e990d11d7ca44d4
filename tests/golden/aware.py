#!/usr/bin/env python3
"""What an AugSelf head on frozen features learns in its first steps, and effective ranks, in float64 by NumPy.

    python3 tests/golden/aware.py > tests/golden/aware.txt

Numbers are u(name, i), as in reference.h. For each of three losses: the losses of STEPS steps of AdamW, then of each
tensor the gradient of the first step and the value after the last, and the outputs with running statistics. Then matrices'
effective ranks, from NumPy's singular values."""
import numpy as np

D, HIDDEN, N, STEPS, RATE = 3, 5, 8, 6, 0.01
B1, B2, EPS, DECAY = 0.9, 0.999, 1e-8, 0.01
BN_EPS, BN_MOMENTUM = 1e-5, 0.1


def u(name, n):
    key = 2166136261
    for c in name.encode():
        key = (key ^ c) * 16777619 & 0xFFFFFFFF
    x = (key + np.arange(n, dtype=np.uint64) * 0x9E3779B9) & 0xFFFFFFFF
    x = (x ^ x >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    x = (x ^ x >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return (x ^ x >> 16).astype(np.float64) / 2**32


def draw(name, shape, lo, hi):
    """As C draws floats: rounded to float32."""
    return (lo + (hi - lo) * u(name, int(np.prod(shape)))).astype(np.float32).astype(np.float64).reshape(shape)


def start(name, out):
    p = {}
    for layer, (rows, columns) in {0: (HIDDEN, 2 * D), 3: (HIDDEN, HIDDEN), 6: (out, HIDDEN)}.items():
        p[f"{name}.{layer}.weight"] = draw(f"{name}.{layer}.weight", (rows, columns), -0.5, 0.5)
        if layer < 6:
            p[f"{name}.{layer + 1}.weight"] = draw(f"{name}.{layer + 1}.weight", (HIDDEN,), 0.5, 1.5)
            p[f"{name}.{layer + 1}.bias"] = draw(f"{name}.{layer + 1}.bias", (HIDDEN,), -0.5, 0.5)
    p[f"{name}.6.bias"] = draw(f"{name}.6.bias", (out,), -0.5, 0.5)
    return p


def norm_forward(x, gamma, beta, running, train):
    if train:
        mean, var = x.mean(0), x.var(0)
        running[0] += BN_MOMENTUM * (mean - running[0])
        running[1] += BN_MOMENTUM * (x.var(0, ddof=1) - running[1])
    else:
        mean, var = running
    invstd = 1 / np.sqrt(var + BN_EPS)
    hat = (x - mean) * invstd
    return gamma * hat + beta, (hat, invstd, gamma)


def norm_backward(dy, kept):
    hat, invstd, gamma = kept
    dgamma, dbeta = (dy * hat).sum(0), dy.sum(0)
    n = len(dy)
    return gamma * invstd / n * (n * dy - dbeta - hat * dgamma), dgamma, dbeta


def forward(p, name, x, running, train):
    kept = [x]
    for layer in (0, 3):
        z = kept[-1] @ p[f"{name}.{layer}.weight"].T
        a, norm = norm_forward(z, p[f"{name}.{layer + 1}.weight"], p[f"{name}.{layer + 1}.bias"], running[layer], train)
        kept += [norm, np.maximum(a, 0)]
    return kept[-1] @ p[f"{name}.6.weight"].T + p[f"{name}.6.bias"], kept


def loss_of(name, out, target):
    rows = len(out)
    if name == "crop":
        t = np.tanh(out)
        return ((t - target) ** 2).mean(), 2 * (t - target) * (1 - t * t) / out.size
    if name == "flip":
        z = out[:, 0]
        loss = (np.maximum(z, 0) - z * target + np.log1p(np.exp(-abs(z)))).mean()
        return loss, ((1 / (1 + np.exp(-z)) - target) / rows)[:, None]
    e = np.exp(out - out.max(1, keepdims=True))
    q = e / e.sum(1, keepdims=True)
    right = np.arange(rows), target.astype(int)
    dout = q.copy()
    dout[right] -= 1
    return -np.log(q[right]).mean(), dout / rows


def gradients(p, name, x, target, running):
    out, kept = forward(p, name, x, running, True)
    loss, d = loss_of(name, out, target)
    g = {f"{name}.6.weight": d.T @ kept[-1], f"{name}.6.bias": d.sum(0)}
    d = d @ p[f"{name}.6.weight"]
    for layer, after, norm, before in (3, 4, 3, 2), (0, 2, 1, 0):
        d = d * (kept[after] > 0)
        d, g[f"{name}.{layer + 1}.weight"], g[f"{name}.{layer + 1}.bias"] = norm_backward(d, kept[norm])
        g[f"{name}.{layer}.weight"] = d.T @ kept[before]
        d = d @ p[f"{name}.{layer}.weight"]
    return loss, g


def check_gradients(p, name, x, target):
    """The gradients above against differences of the loss."""
    fresh = lambda: {0: [np.zeros(HIDDEN), np.ones(HIDDEN)], 3: [np.zeros(HIDDEN), np.ones(HIDDEN)]}
    _, g = gradients(p, name, x, target, fresh())
    for k in p:
        for i in np.ndindex(p[k].shape):
            was = p[k][i]
            at = []
            for step in (-1e-5, 1e-5):
                p[k][i] = was + step
                at.append(gradients(p, name, x, target, fresh())[0])
            p[k][i] = was
            assert abs((at[1] - at[0]) / 2e-5 - g[k][i]) < 1e-7, (k, i)


def numbers(values):
    flat = np.asarray(values).ravel()
    for i in range(0, len(flat), 7):
        print(" ".join(f"{v:.9e}" for v in flat[i : i + 7]))


def head(name, out):
    y = [draw(f"{name}.y{v}", (N, D), -1, 1) for v in range(2)]
    x = np.concatenate([np.concatenate([y[0], y[1]], 1), np.concatenate([y[1], y[0]], 1)])
    target = {"crop": lambda: draw("crop.target", (2 * N, 4), -1, 1), "flip": lambda: np.floor(2 * u("flip.target", 2 * N)),
              "rotation": lambda: np.floor(4 * u("rotation.target", 2 * N))}[name]()
    p = start(name, out)
    check_gradients(p, name, x, target)
    running = {layer: [np.zeros(HIDDEN), np.ones(HIDDEN)] for layer in (0, 3)}
    m, v = ({k: np.zeros_like(p[k]) for k in p} for _ in range(2))
    losses, first = [], None
    for step in range(1, STEPS + 1):
        loss, g = gradients(p, name, x, target, running)
        losses.append(loss)
        first = first or {k: g[k].copy() for k in g}
        for k in p:
            p[k] -= RATE * DECAY * p[k]
            m[k] += (1 - B1) * (g[k] - m[k])
            v[k] = B2 * v[k] + (1 - B2) * g[k] ** 2
            p[k] -= RATE / (1 - B1**step) * m[k] / (np.sqrt(v[k]) / np.sqrt(1 - B2**step) + EPS)
    print(name)
    numbers(losses)
    for k in sorted(p):
        numbers(first[k])
        numbers(p[k])
    numbers(forward(p, name, x, running, False)[0])


def ranks():
    for rows, columns, fall in (40, 12, 1), (40, 12, 0.5), (12, 40, 0.8), (30, 30, 0.9):
        a = draw(f"rank.{rows}.{columns}", (rows, columns), -1, 1) * fall ** np.arange(columns)
        a = a.astype(np.float32).astype(np.float64)
        s = np.linalg.svd(a, compute_uv=False)
        p = s / s.sum() + 1e-7
        numbers([np.exp(-(p * np.log(p)).sum())])


for which, width in ("crop", 4), ("flip", 1), ("rotation", 4):
    head(which, width)
ranks()
