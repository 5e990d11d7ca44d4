"""Weights between augself and PyTorch, in both directions: features of the same views by both.

    weights.py views32 views64

Runs ssl-train and feat-extract, which are in the path. Prints the largest difference of each case, relative to the
largest feature; with torchvision its own networks are asked too."""

import os
import subprocess
import sys

import numpy as np
import torch

import augself
import augself_torch

try:
    import torchvision
except ImportError:
    torchvision = None

torch.set_num_threads(1)
CASES = [  # arch, stem, width, views
    ("resnet18", "cifar", 0.125, 0),
    ("resnet18", "imagenet", 1, 1),
    ("resnet18", "cifar", 1, 0),
    ("resnet34", "imagenet", 0.25, 1),
    ("resnet50", "imagenet", 0.25, 1),
    ("resnet50", "cifar", 0.0625, 0),
]
failed = []


def views_of(path):
    """(N,2,S,S,3) bytes as (2N,3,S,S) floats in [0,1]."""
    x = np.stack([r["views"] for r in augself.Reader(path, "view")])
    return torch.from_numpy(x.reshape(-1, *x.shape[2:])).permute(0, 3, 1, 2).float() / 255


def features_of(model, views, *options):
    with open(views, "rb") as f:
        done = subprocess.run(["feat-extract", "-q", "-j", "1", "-m", model, *options], stdin=f, stdout=subprocess.PIPE, check=True)
    return np.concatenate([r["feature"] for r in augself.Reader(done.stdout)])


def check(what, got, want):
    worst = float(np.abs(got - want).max() / np.abs(want).max())
    print(f"{what}: {worst:.2g}")
    if not worst < 1e-4:
        failed.append(what)


def lively(net, x):
    """Weights and statistics as after some training: every batch norm has the statistics of its own inputs."""
    torch.manual_seed(0)
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.momentum = 1
            torch.nn.init.uniform_(m.weight, 0.5, 1)
            torch.nn.init.uniform_(m.bias, -0.1, 0.1)
    for name, t in net.named_parameters():  # blocks at full strength would make deep networks chaotic
        if name.endswith("bn3.weight" if hasattr(net.layer1[0], "conv3") else "bn2.weight"):
            torch.nn.init.uniform_(t, 0.1, 0.3)
    with torch.no_grad():
        net.train()(x)
    return net.eval()


def foreign(arch, stem):
    """torchvision's network at width 1, with the two lines that make its stem CIFAR's."""
    net = getattr(torchvision.models, arch)()
    if stem == "cifar":
        net.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        net.maxpool = torch.nn.Identity()
    return net


def from_ours(arch, stem, width, views):
    """ssl-train -> torch."""
    x = views_of(views)
    size = x.shape[-1]
    line = ["ssl-train", "-q", "-j", "1", "-m", "supervised", "-b", "8", "--arch", arch, "--stem", stem, "--width", str(width)]
    with open(views, "rb") as f:
        subprocess.run([*line, "-o", "ours.model"], stdin=f, check=True)
    want = features_of("ours.model", views)
    net = augself_torch.load("ours.model")
    assert net.size == size and not net.training and net.fc.out_features == 8
    with torch.no_grad():
        check(f"ours to torch: {arch} {stem} x{width}", net.features(net.normalise(x)).numpy(), want)
        if torchvision and width == 1:
            theirs = foreign(arch, stem)
            theirs.fc = torch.nn.Linear(net.width, 8)
            augself_torch.load_into(theirs, "ours.model")
            fc, theirs.fc = theirs.fc, torch.nn.Identity()
            y = theirs.eval()(net.normalise(x))
            check(f"ours to torchvision: {arch} {stem} x{width}", y.numpy(), want)
            check("... its classifier", fc(y).numpy(), net(net.normalise(x)).numpy())


def to_ours(arch, stem, width, views):
    """torch -> feat-extract, which is told nothing: size, mean, std and stem are in the file."""
    x = views_of(views)
    nets = [("torch", augself_torch.ResNet(arch, stem, width, classes=3))]
    if torchvision and width == 1:
        nets.append(("torchvision", foreign(arch, stem)))
    for name, net in nets:
        mean, std = (0.3, 0.4, 0.5), (0.2, 0.25, 0.3)
        size = x.shape[-1]
        normal = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
        lively(net, normal)
        augself_torch.save(net, "theirs.safetensors", mean, std, size)
        net.fc = torch.nn.Identity()
        with torch.no_grad():
            want = net(normal).numpy()
        check(f"{name} to ours: {arch} {stem} x{width}", features_of("theirs.safetensors", views), want)
        back = augself_torch.load("theirs.safetensors")
        same = all(torch.equal(a, b) for a, b in zip(back.state_dict().values(), net.state_dict().values()))
        assert same and back.mean == mean and back.std == std and back.size == size, "what was saved is loaded"


def refusals():
    net = augself_torch.ResNet(width=0.125)
    net.maxpool = torch.nn.Identity()
    for do, why in (
        (lambda: augself_torch.save(net, "no"), "stride 2, no pooling is not known"),
        (lambda: augself_torch.load_into(augself_torch.ResNet("resnet50", "cifar", 0.125), "ours.model"),
         "(8, 3, 3, 3) is expected: another stem"),
        (lambda: augself_torch.load("ours.model", prefix="momentum."), "momentum."),
        (lambda: augself_torch.ResNet(stem="mnist"), "neither imagenet nor cifar"),
    ):
        try:
            do()
            failed.append(why)
        except (ValueError, RuntimeError) as e:
            if why not in str(e):
                failed.append(f"{why}: {e}")
    assert not os.path.exists("no") and not os.path.exists("no.part")


print("torch", torch.__version__, "torchvision", torchvision and torchvision.__version__)
for arch, stem, width, which in CASES:
    from_ours(arch, stem, width, sys.argv[1 + which])
    to_ours(arch, stem, width, sys.argv[1 + which])
refusals()
for f in failed:
    print("failed:", f)
sys.exit(bool(failed))
