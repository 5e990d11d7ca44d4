#!/usr/bin/env python3
"""Reference trajectories of every method, in float64 PyTorch, importing nothing of augself.

    python3 tests/golden/methods.py tests/golden/methods.safetensors

Each case of CASES is a thin ResNet-18 (channels 4 8 16 32, 8 x 8 images, cifar stem) with AugSelf heads, trained
for a few steps on views of its own. Stored are every loss part of every step, features and gradients of the first
step, and after the last one how far every parameter moved, its velocity, all buffers (batch norm's, moco's queue)
and the same of the momentum network. ssl-train(1) says what is computed,
aug-sample(1) of which omega and targets. reference.py says how it is stored.
"""
import copy
import math
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

import reference
from reference import FIRST, LAST, WIDTHS, cosine, draw, head_loss, mlp, normalise, normalised, omegas, ours, target

B, SIZE, WIDTH, HEAD, KEEP = 32, 8, 4, 24, 64
MEAN, STD = (0.43, 0.42, 0.39), (0.27, 0.26, 0.27)
EPOCHS = (0, 0, 1, 1, 2)  # of the steps; the schedules are four epochs long
LENGTH, LR, MOMENTUM, DECAY = 4, 0.03, 0.9, 5e-3
MARGIN = 1e-6


# --- one process, which has all rows of a batch; ddp.py has two in the place of these

def own(t):
    """This process's rows, of everybody's."""
    return t


def whole(t):
    """Everybody's rows, of this process's; gradients go back to who has the rows."""
    return t


def mean(loss):
    """Everybody's mean."""
    return loss


def build(case):
    """The case's network, and what losses() returns of it at a step."""
    net = case["method"](case)
    return net, lambda step: losses(net, step)


# --- the methods, ssl-train(1)

class Net(nn.Module):
    """The backbone, what the method builds on it, and the heads. `names`: what a momentum network copies."""
    names = ()

    def __init__(self, case):
        super().__init__()
        self.backbone = reference.ResNet("resnet18", "cifar", WIDTH)
        self.case, self.only = case, case.get("augself_only")
        if not self.only:
            self.build(self.backbone.d, **case["settings"])
        self.augself = nn.ModuleDict({k: mlp(2 * self.backbone.d, HEAD, HEAD, WIDTHS[k]) for k in case["heads"]})

    def copy_ema(self):
        """In a list, for its parameters are not this module's."""
        names = () if self.only else self.names
        self.ema = [nn.ModuleDict({n: copy.deepcopy(getattr(self, n)) for n in names})] if names else []

    def views(self, x):
        return [self.backbone(t) for t in x]

    def average(self, epoch):
        """The momentum network's parameters follow; its buffers are its own."""
        for ema in self.ema:
            m = self.momentum(epoch)
            for k, t in ema.named_parameters():
                t.data.mul_(m).add_(self.get_parameter(k).data, alpha=1 - m)

    def frozen(self, step, epoch):
        return ()

    def rate(self, name, scheduled, constant):
        return scheduled


class SimSiam(Net):
    def build(self, d, hidden, bottleneck, layers=2, stop=1):
        self.stop = stop
        self.projector = mlp(d, *(layers * [hidden]), last_bn=True)
        self.predictor = mlp(hidden, bottleneck, hidden)

    def loss(self, x, y, labels):
        z = [self.projector(t) for t in y]
        p = [self.predictor(t) for t in z]
        z = [t.detach() for t in z] if self.stop else z
        return -(cosine(p[0], z[1]) + cosine(p[1], z[0])) / 2

    def rate(self, name, scheduled, constant):
        return constant if name.startswith("predictor.") else scheduled


class MoCo(Net):
    names = ("backbone", "projector")

    def build(self, d, queue, temperature, momentum, hidden=0, out=128):
        self.projector = mlp(d, hidden or d, out)
        self.register_buffer("queue", torch.zeros(queue, out))
        self.register_buffer("queue_position", torch.zeros((), dtype=torch.int64))
        self.temperature, self.m = temperature, momentum

    def views(self, x):
        if self.only:
            return super().views(x)
        with torch.no_grad():
            second = self.ema[0]["backbone"](x[1])
        return [self.backbone(x[0]), second]

    def loss(self, x, y, labels):
        q = normalise(self.projector(y[0]))
        with torch.no_grad():
            k = normalise(self.ema[0]["projector"](y[1]))
        logits = torch.cat([(q * k).sum(1, keepdim=True), q @ self.queue.clone().T], 1) / self.temperature
        self.enqueue(whole(q.detach() if "moco-enqueue-query" in self.case.get("compat", ()) else k))
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.int64))

    def enqueue(self, rows):
        at = (self.queue_position.item() + torch.arange(B)) % len(self.queue)
        self.queue[at] = rows
        self.queue_position.fill_((self.queue_position.item() + B) % len(self.queue))

    def momentum(self, epoch):
        return self.m


class SimCLR(Net):
    def build(self, d, hidden, out, temperature):
        self.projector = mlp(d, hidden or d, out)
        self.temperature = temperature

    def loss(self, x, y, labels):
        z = normalise(torch.cat([whole(self.projector(t)) for t in y]))
        s = z @ z.T / self.temperature
        s = s.masked_fill(torch.eye(2 * B, dtype=torch.bool), -math.inf)
        return F.cross_entropy(s, (torch.arange(2 * B) + B) % (2 * B))


class BYOL(Net):
    names = ("backbone", "projector")

    def build(self, d, hidden, out, momentum):
        self.projector = mlp(d, hidden, out)
        self.predictor = mlp(out, hidden, out)
        self.m = momentum

    def loss(self, x, y, labels):
        p = [self.predictor(self.projector(t)) for t in y]
        with torch.no_grad():
            t = [self.ema[0]["projector"](self.ema[0]["backbone"](v)) for v in x]
        return 2 * (-cosine(p[0], t[1]) - cosine(p[1], t[0]))

    def momentum(self, epoch):
        return 1 - (1 - self.m) * (math.cos(math.pi * epoch / LENGTH) + 1) / 2  # epoch from 0: the papers' e - 1


class SwAV(Net):
    def build(self, d, hidden, out, prototypes, temperature, epsilon, freeze=-1):
        self.projector = mlp(d, hidden, out)
        self.prototypes = nn.Linear(out, prototypes, bias=False)
        self.temperature, self.epsilon, self.freeze = temperature, epsilon, freeze

    def sinkhorn(self, scores):
        q = (scores.T / self.epsilon).exp()
        k, b = q.shape
        q = q / q.sum()
        for _ in range(3):
            q = q / q.sum(1, keepdim=True) / k
            q = q / q.sum(0, keepdim=True) / b
        return (q / q.sum(0, keepdim=True)).T

    def loss(self, x, y, labels):
        self.prototypes.weight.data.copy_(normalise(self.prototypes.weight.data))
        scores = [self.prototypes(normalise(self.projector(t))) for t in y]
        q = [own(self.sinkhorn(whole(s.detach()))) for s in scores]
        log_p = [F.log_softmax(s / self.temperature, 1) for s in scores]
        return -((q[0] * log_p[1]).sum(1) + (q[1] * log_p[0]).sum(1)).mean()

    def frozen(self, step, epoch):
        return ("prototypes.weight",) if (epoch == 0 if self.freeze < 0 else step < self.freeze) else ()


class Supervised(Net):
    def build(self, d, classes):
        self.fc = nn.Linear(d, classes)

    def loss(self, x, y, labels):
        return (F.cross_entropy(self.fc(y[0]), labels) + F.cross_entropy(self.fc(y[1]), labels)) / 2


# --- a step, heads and method

def pixels(step, view):
    return normalised(reference.images("step%d.view%d" % (step, view), B, SIZE), MEAN, STD)


def losses(net, step):
    """The backbone's features of both views, and every loss part."""
    case, heads = net.case, net.case["heads"]
    compat = case.get("compat", ())
    x = [own(pixels(step, v)) for v in (1, 2)]
    w = [{op: own(t) for op, t in omegas(step, v, B).items()} for v in (1, 2)]
    labels = own(draw("step%d.label" % step, (B,), 0, 5).long())
    y = net.views(x)
    parts = {} if net.only else {"method": net.loss(x, y, labels)}
    rows = torch.cat([torch.cat([y[0], y[1]], 1), torch.cat([y[1], y[0]], 1)])
    for k, head in net.augself.items():
        d = torch.cat([target(k, w[0], w[1], compat), target(k, w[1], w[0], compat)])
        parts[k] = head_loss(k, head(rows), d, compat)
    parts["total"] = sum(heads.get(k, 1) * v for k, v in parts.items())
    return y, parts


def update(net, sgd, step):
    """SGD of what is not frozen, at this epoch's rate; then the momentum network."""
    epoch, case = EPOCHS[step], net.case
    constant = case.get("lr", LR)
    scheduled = constant * (1 + math.cos(math.pi * epoch / LENGTH)) / 2
    for g in sgd.param_groups:
        p, name = g["params"][0], g["name"]
        g["lr"] = net.rate(name, scheduled, constant)
        if name in net.frozen(step, epoch):
            p.grad = None  # PyTorch leaves such a parameter and its velocity alone
        elif case.get("trust") and p.dim() > 1:
            lars(p, case["trust"])
    sgd.step()
    net.average(epoch)


def lars(p, trust):
    """You, Gitman and Ginsburg 2017: decay and trust ratio, for weights alone."""
    g = p.grad + DECAY * p.data
    norms = p.data.norm(), g.norm()
    p.grad = g * (trust * norms[0] / norms[1] if min(norms) > 0 else 1)


def optimizer(net):
    trust, spare = net.case.get("trust"), net.case.get("spare_norm")
    return torch.optim.SGD([dict(params=[p], name=ours(k), weight_decay=0 if trust or spare and p.dim() < 2 else DECAY)
                            for k, p in net.named_parameters()], lr=1, momentum=MOMENTUM)


def named(model):
    return {ours(k): p for k, p in model.named_parameters()}


def velocities(net, sgd):
    return {k: sgd.state[p].get("momentum_buffer", torch.zeros_like(p)) for k, p in named(net).items()}


def moved(model, first):
    return {k: p.data - first[k] for k, p in named(model).items()}


def trajectory(out, case):
    net, forward = build(case)
    steps, keep, share = case.get("steps", 5), case.get("keep", KEEP), case.get("share", FIRST)
    first = reference.start(net)
    net.copy_ema()
    sgd = optimizer(net)
    parts, shares = {}, []
    for step in range(steps):
        y, now = forward(step)
        sgd.zero_grad()
        now["total"].backward()
        parts.update({"step%d.%s" % (step, k): mean(v) for k, v in now.items()})
        shares += len(now) * [LAST if step else share]
        if step == 0:
            out.group("y", {"y1": whole(y[0]), "y2": whole(y[1])}, share=share, keep=128)
            if not case.get("trust"):
                out.network("grad", {k: p.grad.clone() for k, p in named(net).items()}, share=share, keep=keep)
        update(net, sgd, step)
    out.group("loss", parts, share=shares)
    how = dict(share=LAST, keep=keep)
    out.network("moved", moved(net, first), first=first, steps=steps, **how)
    out.network("velocity", velocities(net, sgd), **how)
    out.network("buffer", dict(net.named_buffers()), **how)
    for ema in net.ema:
        out.network("ema.moved", moved(ema, first), first=first, steps=steps, **how)
        out.network("ema.buffer", dict(ema.named_buffers()), **how)


SIX = dict(crop=1, color=0.5, flip=0.25, blur=0.75, rotation=0.125, solarize=2)
TWO = dict(crop=1, color=2)


def simsiam(**settings):
    return dict(method=SimSiam, settings=dict(hidden=32, bottleneck=8, **settings), heads=TWO)


MOCO = dict(method=MoCo, settings=dict(out=16, queue=36, temperature=0.2, momentum=0.9), heads=TWO)
SIMCLR = dict(method=SimCLR, settings=dict(hidden=24, out=16, temperature=0.2), heads=TWO)


def swav(**settings):
    return dict(method=SwAV, settings=dict(hidden=32, out=16, prototypes=12, **settings), heads=TWO)


SHORT = dict(steps=2, keep=8, share=3 * FIRST)  # for what is different in it
CASES = {
    "simsiam18/": dict(simsiam(), heads=SIX),
    "moco25/": MOCO,
    "simclr44/": dict(SIMCLR, spare_norm=True),
    "byol51/": dict(method=BYOL, settings=dict(hidden=32, out=16, momentum=0.8), heads=TWO),
    "swav9/": swav(temperature=0.2, epsilon=0.1, freeze=3),
    "supervised15/": dict(method=Supervised, settings=dict(classes=5), heads=TWO),
    "lars24/": dict(SIMCLR, lr=0.2, trust=0.02, steps=3),
    "query45/": dict(MOCO | SHORT, compat=("moco-enqueue-query",)),
    "broadcast26/": dict(simsiam() | SHORT, heads=dict(solarize=8), compat=("solarize-broadcast",)),
    "raw16/": dict(simsiam() | SHORT, heads=dict(blur=1), compat=("blur-raw",)),
    "epoch45/": dict(swav(temperature=0.1, epsilon=0.05, freeze=-1) | SHORT, steps=4),
    "only47/": dict(MOCO | SHORT, heads=SIX, augself_only=True),
    "through39/": simsiam(stop=0) | SHORT,
    "deep30/": dict(simsiam(layers=3) | SHORT, heads=dict(crop=8, color=8)),
}


def main():
    out, good = reference.Reference("tests/golden/methods.py"), True
    for name, case in CASES.items():
        reference.set_case(name)
        trajectory(out, case)
        nearest = min(reference.closest)
        print("%-14s the nearest kink is %.2g away" % (name, nearest))
        good = good and nearest >= MARGIN
    out.write(sys.argv[1])
    return 0 if good else "a kink lies too near: choose another number in CASES"


if __name__ == "__main__":
    sys.exit(main())
