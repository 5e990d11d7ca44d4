#!/usr/bin/env python3
"""Writes optim.txt: trajectories of PyTorch's SGD and AdamW in float64, of two tensors whose gradients do not depend on
them.

Lines: the optimizer's name; then, for each step and tensor, the values and what the optimizer keeps of them, a line each.
Values at the start are the formula u of reference.py in [-1,1) of NAME, gradients that of NAME.STEP, the ones of later
steps smaller: AdamW's two averages then differ. The second tensor is spared the decay. The learning rate of step s is
LR / s. Run from this folder; needs PyTorch."""
import torch

from reference import draw

LR, MOMENTUM, BETA2, EPS, DECAY, STEPS = 0.05, 0.9, 0.999, 1e-8, 0.1, 6
SIZES = {"a.weight": 5, "a.bias": 3}


def trajectory(name, make, keeps):
    p = {k: torch.nn.Parameter(draw(k, (n,), -1, 1)) for k, n in SIZES.items()}
    groups = [{"params": [p["a.weight"]], "weight_decay": DECAY}, {"params": [p["a.bias"]], "weight_decay": 0}]
    optimizer = make(groups)
    out = [name]
    for step in range(1, STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = LR / step
        for k in p:
            p[k].grad = draw(f"{k}.{step}", p[k].shape, -1 / step, 1 / step)
        optimizer.step()
        for k in p:
            for t in [p[k].detach()] + [optimizer.state[p[k]][s] for s in keeps]:
                out.append(" ".join(f"{v:.17g}" for v in t.tolist()))
    return out


lines = trajectory("sgd", lambda g: torch.optim.SGD(g, lr=LR, momentum=MOMENTUM), ["momentum_buffer"])
lines += trajectory("adamw", lambda g: torch.optim.AdamW(g, lr=LR, betas=(MOMENTUM, BETA2), eps=EPS),
                    ["exp_avg", "exp_avg_sq"])
with open("optim.txt", "w") as f:
    f.write("\n".join(lines) + "\n")
