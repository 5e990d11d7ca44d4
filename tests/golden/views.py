#!/usr/bin/env python3
"""Reference figures for whole pipelines and for resizing; the arithmetic is aug.py's
(the formulas of aug-sample(1) in float64, held there against Pillow, PyTorch, SciPy and colorsys).

    python3 views.py views.safetensors              # whole policies, and Pillow's pixels
    python3 views.py flowers FOLDER > flowers.txt   # FOLDER: where flowers12.tar was unpacked

A view of n values is kept as 16 figures: D_k = sum_i s_ki x_i, each s_ki +1 or -1 by a
hash of i. For a view that differs by e from the reference the D_k differ by numbers
whose mean square is |e|^2, so they bound the worst pixel: project.h says how."""
import io, itertools, subprocess, sys
import numpy as np
import aug

FIGURES, SEED = 16, 7  # the seed of what the flowers' views are drawn by


def signs(n):
    """(FIGURES, n): bit k of splitmix64(i) as +-1."""
    z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    bits = (z[None] >> np.arange(FIGURES, dtype=np.uint64)[:, None]) & np.uint64(1)
    return 1.0 - 2.0 * bits


def project(x):
    return signs(x.size) @ x.reshape(-1)


WIDTH = {"crop": 4, "flip": 1, "color": 6, "solarize": 2, "gray": 1, "blur": 1, "rotation": 1}


def gap(x, near):
    """The middle of the widest gap between values near the threshold asked for."""
    v = np.sort(x[np.abs(x - near) < .05])
    if v.size < 2:
        return near
    k = np.argmax(np.diff(v))
    return (v[k] + v[k + 1]) / 2


def render(im, S, ops, param, keep=False):
    """The view, and the least distance of a value from a threshold on the way. Unless
    `keep`, thresholds are moved into a gap (param is changed), so that nothing jumps."""
    x, at, margin = None, 0, 1.0
    for op in ops:
        p = param[at:at + WIDTH[op]]
        if op == "crop":
            x = aug.crop(im, p, S, "bilinear")
        elif op == "solarize":
            if p[0]:
                if not keep:
                    p[1] = np.float32(gap(x, p[1]))
                margin = min(margin, np.abs(x - float(p[1])).min())
                x = np.where(x < float(p[1]), x, 1 - x)
        else:
            x = aug.OPS[op][1](x, [float(v) for v in p])
        at += WIDTH[op]
    return np.ascontiguousarray(x), margin


# ---- whole policies ----
def draw(rng, ops, k, H, W):
    """One view's parameters by the laws of aug-sample(1) at strength k, but any box."""
    h, w = int(rng.integers((H + 1) // 2, H + 1)), int(rng.integers((W + 1) // 2, W + 1))
    on, son = float(rng.random() < .8), float(rng.random() < .5)
    sides = [.4 * k, .4 * k, .4 * k, .1 * k]
    change = [float(i < 3) + on * rng.uniform(-s, s) for i, s in enumerate(sides)]
    p = {"crop": [rng.integers(0, H - h + 1), rng.integers(0, W - w + 1), h, w], "flip": [rng.random() < .5],
         "color": [on, *change, on * rng.integers(24)], "solarize": [son, rng.uniform(.1, .9) if son else 1],
         "gray": [rng.random() < .2 * k], "blur": [rng.uniform(.1, 2) if rng.random() < .5 else 0],
         "rotation": [rng.integers(4)]}
    return np.array([float(v) for op in ops for v in p[op]], np.float32)


def pipes(tensors, meta):
    rng = np.random.default_rng(2111)
    images = dict(aug.images)
    images["n64x1"] = images["n1x64"].transpose(1, 0, 2).copy()
    images["r64x1"] = rng.integers(0, 256, size=(64, 1, 3)).astype(np.uint8)
    images["r1x1"] = rng.integers(0, 256, size=(1, 1, 3)).astype(np.uint8)
    for name in ("n64x1", "r64x1", "r1x1"):
        tensors["image." + name] = images[name]
    names = sorted(images)
    presets = {"cifar": (32, ["crop", "flip", "color", "solarize", "gray", "rotation"]),
               "stl10": (96, ["crop", "flip", "color", "solarize", "gray", "blur", "rotation"])}
    meta["images"] = " ".join(names)
    n = 0
    for (preset, (S, ops)), (strength, k) in itertools.product(presets.items(), (("weak", .5), ("default", 1), ("strong", 2))):
        params, sums = [], []
        for v in range(2 * len(names)):
            im = images[names[v % len(names)]]
            while True:
                p = draw(rng, ops, k, *im.shape[:2])
                x, margin = render(im, S, ops, p)
                if margin > 1e-5:
                    break
            params.append(p)
            sums.append(project(x))
        meta[f"preset.{n}"] = f"{preset}:{strength}+rotation+solarize"
        tensors[f"param.{n}"] = np.array(params, np.float32)
        tensors[f"sum.{n}"] = np.array(sums)
        n += 1


# ---- Pillow ----
def pillow(tensors, meta):
    """Image.resize((S, S), filter, box) as Pillow gives it, 8 bits. Between its passes it
    clips, so that images for the cubic stay away from the ends of the range."""
    from PIL import Image
    rng = np.random.default_rng(1974)
    images = {"n75x56": aug.images["n75x56"], "n40x130": aug.images["n40x130"], "n17x9": aug.images["n17x9"],
              "r75x56": aug.images["r75x56"], "r1x64": aug.images["r1x64"], "n1x1": aug.images["n1x1"]}
    inner = {k: (64 + v / 255 * 127).round().astype(np.uint8) for k, v in images.items()}
    n = 0
    for name in images:
        H, W = images[name].shape[:2]
        for S, box in ((1, None), (2, None), (5, None), (9, None), (16, None), (31, None), (75, None),
                       (7, "some"), (12, "some"), (20, "some"), (40, "some")):
            for filter, source, pil in (("bilinear", images, Image.BILINEAR), ("bicubic", inner, Image.BICUBIC)):
                b = (0.0, 0.0, float(W), float(H))
                if box:
                    x, y = np.sort(rng.random((2, 2)) * [[W], [H]], axis=1) \
                        if min(H, W) > 1 else np.array([[.125, W - .25], [.25, H - .125]])
                    b = tuple(float(np.float32(v)) for v in (x[0], y[0], max(x[1], x[0] + .5), max(y[1], y[0] + .5)))
                    if b[2] > W or b[3] > H:
                        b = (.25, .125, W - .25, H - .25)
                im = Image.fromarray(source[name])
                out = np.asarray(im.resize((S, S), pil, box=b))
                step = 1 if S < 20 else 3 if S < 50 else 7
                meta[f"resize.{n}"] = f"image={name} inner={int(source is inner)} S={S} step={step} filter={filter}"
                tensors[f"box.{n}"] = np.array([b[1], b[0], b[3] - b[1], b[2] - b[0]], np.float32)
                tensors[f"out.{n}"] = out[::step, ::step].copy()
                n += 1


# ---- flowers ----
FLOWERS = ["flowers12/test/" + name for name in (
    "bluebell/image_0243.jpg", "iris/image_0406.jpg", "lily-valley/image_0162.jpg", "sunflower/image_0723.jpg",
    "tigerlily/image_0481.jpg")]


def figures(samples):
    """A line for the policy of a stream of samples, and one for each view of each record: the
    image, the view, the sum of the decoded pixels, that of the drawn parameters times 1, 2, 3
    ..., and FIGURES figures."""
    import msgpack
    from PIL import Image
    unpack = msgpack.Unpacker(samples, max_buffer_size=1 << 30)
    for _ in unpack:
        r = unpack.unpack()
        if "policy" in r:
            lines = r["policy"].splitlines()
            print("policy", "; ".join(lines))
            lines = [line.partition(" = ") for line in lines]
            ops = [value.split()[0] for key, _, value in lines if key == "op"]
            S = next(int(value) for key, _, value in lines if key == "size")
        if "param" not in r:
            continue
        im = np.asarray(Image.open(io.BytesIO(r["image"]["jpeg"])).convert("RGB"))
        param = np.frombuffer(r["param"]["data"], "<f4").reshape(r["param"]["shape"])
        for v, p in enumerate(param):
            x, margin = render(im, S, ops, p.copy(), keep=True)
            # A value this close to a threshold may fall on either side of it in float32.
            assert margin > 2e-6, "choose another seed"
            drawn = np.arange(1, p.size + 1) @ p.astype(float)
            print(r["name"], v, im.sum(dtype=int), f"{drawn:.6f}", *(f"{d:.6f}" for d in project(x)))


def flowers(folder):
    """With img-read and aug-sample in PATH: their drawn parameters, our arithmetic."""
    alone = ["", "op = flip p=1", "op = color p=1", "op = gray p=1", "op = solarize p=1", "op = blur p=1", "op = rotation p=1"]
    policies = [f"printf 'name = {op.split()[2] if op else 'crop'}\\nsize = 96\\nop = crop\\n{op}\\n' > policy.tmp"
                for op in alone]
    policies += [f"aug-sample --preset {p}:{k}+rotation+solarize --dump-policy > policy.tmp"
                 for p in ("cifar", "stl10") for k in ("weak", "default", "strong")]
    print("seed", SEED, *FLOWERS, flush=True)
    for make in policies:
        pipe = f"{make}; img-read -q files {' '.join(FLOWERS)} | aug-sample -q --seed {SEED} --policy policy.tmp; rm policy.tmp"
        with subprocess.Popen(pipe, shell=True, cwd=folder, stdout=subprocess.PIPE) as run:
            figures(run.stdout)


if __name__ == "__main__":
    if sys.argv[1] == "flowers":
        flowers(sys.argv[2])
    else:
        pipes(aug.tensors, aug.meta)
        pillow(aug.tensors, aug.meta)
        aug.write(sys.argv[1])
