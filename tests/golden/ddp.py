#!/usr/bin/env python3
"""Reference trajectories of every method by two processes of PyTorch's DistributedDataParallel, in float64.

    python3 tests/golden/ddp.py tests/golden/ddp.safetensors

Each process has half of every batch of methods.py. DistributedDataParallel averages their gradients (gloo, CPU).
PyTorch's SyncBatchNorm refuses CPUs, so batch norm is written here of the sums over both processes, through which
autograd goes; moco's keys, simclr's projections and swav's scores are gathered. methods.py says what is stored.
"""
import sys

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as between
import torch.nn as nn

import methods
import reference

PROCESSES, STEPS = 2, 4
NAMES = ("simsiam18/", "moco25/", "simclr44/", "byol51/", "swav9/", "supervised15/")


def own(t):
    return t.chunk(PROCESSES)[dist.get_rank()]


def whole(t):
    return torch.cat(between.all_gather(t)) if t.requires_grad else gathered(t)


def gathered(t):
    parts = [torch.empty_like(t) for _ in range(PROCESSES)]
    dist.all_gather(parts, t.contiguous())
    return torch.cat(parts)


def mean(loss):
    return gathered(loss.detach().reshape(1)).mean()


class SyncNorm(nn.Module):
    """Batch norm by the mean and variance of all processes' rows."""

    def __init__(self, norm):
        super().__init__()
        self.weight, self.bias, self.eps, self.momentum = norm.weight, norm.bias, norm.eps, norm.momentum
        for name, t in norm.named_buffers():
            self.register_buffer(name, t)

    def forward(self, x):
        over = [0] + list(range(2, x.dim()))
        shape = [1, -1] + [1] * (x.dim() - 2)
        n = PROCESSES * x.numel() / x.shape[1]
        centre = between.all_reduce(x.sum(over)) / n
        far = x - centre.reshape(shape)
        var = between.all_reduce((far * far).sum(over)) / n
        with torch.no_grad():
            self.running_mean.lerp_(centre, self.momentum)
            self.running_var.lerp_(var * n / (n - 1), self.momentum)
            self.num_batches_tracked += 1
        return far / (var + self.eps).sqrt().reshape(shape) * self.weight.reshape(shape) + self.bias.reshape(shape)


def synchronise(model):
    for name, child in model.named_children():
        if isinstance(child, (nn.BatchNorm1d, nn.BatchNorm2d)):
            setattr(model, name, SyncNorm(child))
        else:
            synchronise(child)


class Losses(nn.Module):
    """A step's losses as a forward, which is what DistributedDataParallel wraps."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, step):
        return methods.losses(self.net, step)


def build(case):
    net = case["method"](case)
    synchronise(net)
    return net, nn.parallel.DistributedDataParallel(Losses(net), broadcast_buffers=False)


def process(rank, path):
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:29517", rank=rank, world_size=PROCESSES)
    methods.own, methods.whole, methods.mean, methods.build = own, whole, mean, build
    out = reference.Reference("tests/golden/ddp.py")
    for name in NAMES:
        reference.set_case(name)
        methods.trajectory(out, methods.CASES[name] | dict(steps=STEPS))
    if not rank:
        out.write(path)
    dist.destroy_process_group()


if __name__ == "__main__":
    torch.multiprocessing.spawn(process, (sys.argv[1],), nprocs=PROCESSES)
