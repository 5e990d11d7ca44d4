"""loader.py INPUTS SIDE KIND WORKERS: batches of two views of each image, as a training in PyTorch takes them.

SIDE is 32 (pixels in memory, batches of 256), 96 or 224 (JPEG files, batches of 64). KIND is augself (augself.Views on
img-read | aug-sample | aug-apply, or on a stream for 32), torchvision (v2; files read and decoded by it) or
albumentations (with OpenCV). All give uint8; workers stay. A unit is an image, a round one epoch of the loader.
"""
import os
import pathlib
import sys

import numpy as np
import torch
import torch.utils.data

import policy
from serve import serve

inputs, side, kind, workers = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
batch = 256 if side == 32 else 64
files = sorted(str(p) for p in inputs.glob("photo-*.jpg"))
times = (512 if side == 96 else 256) // len(files)  # how often a file is in an epoch
if side == 32:
    pixels = np.fromfile(inputs / "pixels-32.u1", np.uint8).reshape(-1, 32, 32, 3)
    times = 4096 // len(pixels)
torch.set_num_threads(1)
options = {"num_workers": workers, "persistent_workers": workers > 0}


def ours():
    sys.path.insert(0, "schemas")
    import augself
    preset = {32: "cifar", 96: "stl10", 224: "imagenet"}[side]
    if side == 32:
        store = inputs / "pixels-32.npy"
        np.save(store, np.concatenate([pixels] * times))
        images = inputs / "loader-32.img"
        if os.system(f"rec-import -q {store} > {images}"):
            raise SystemExit("rec-import failed")
        # A stream has no parts: one worker reads it, whatever was asked for.
        options["num_workers"] = min(workers, 1)
        command = f"aug-sample -q --preset {preset} -s {{epoch}} < {images}"
    else:
        command = (f"img-read -q files {' '.join(files)} --epochs {times} --shuffle -s {{epoch}} --shard {{shard}} | "
                   f"aug-sample -q --preset {preset} -s {{epoch}}")
    return torch.utils.data.DataLoader(augself.Views(command + " | aug-apply -q", batch=batch), batch_size=None, **options)


def torchvision():
    from torchvision.io import ImageReadMode, read_image
    change = policy.torchvision(side)
    if side == 32:
        memory = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
        return change, lambda i: memory[i % len(memory)]
    return change, lambda i: read_image(files[i % len(files)], ImageReadMode.RGB)


def albumentations():
    import cv2
    change = policy.albumentations(side)
    if side == 32:
        return lambda x: change(image=x)["image"], lambda i: pixels[i % len(pixels)]
    return lambda x: change(image=x)["image"], lambda i: cv2.imread(files[i % len(files)], cv2.IMREAD_COLOR_RGB)


class Two(torch.utils.data.Dataset):
    """Each image read once, and changed twice."""

    def __init__(self, change, load, count):
        self.change, self.load, self.count = change, load, count

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        x = self.load(i)
        return self.change(x), self.change(x), -1


if kind == "augself":
    loader = ours()
else:
    change, load = torchvision() if kind == "torchvision" else albumentations()
    count = times * (len(pixels) if side == 32 else len(files))
    loader = torch.utils.data.DataLoader(Two(change, load, count), batch_size=batch, shuffle=True, **options)


def run():
    return sum(len(b[-1]) for b in loader)


serve(run)
