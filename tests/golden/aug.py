#!/usr/bin/env python3
"""Reference vectors of the augmentations: the formulas of aug-sample(1) written out in NumPy,
float64, one formula after the other and nothing of ours imported. What Pillow, PyTorch,
SciPy and colorsys can compute is held against them first.

    python3 aug.py aug.safetensors

The file has images, and cases: "policy.N" (text), "case.N" ("image=NAME step=K") in the
metadata, "param.N" and "out.N" = the view [::K, ::K] as floats. Pairs, for omega and
the targets: "pair.N.*"."""
import colorsys, itertools, json, struct, sys
import numpy as np

rng = np.random.default_rng(20211206)
clamp = lambda x: np.clip(x, 0.0, 1.0)


# ---- images ----
def natural(h, w):
    """Slow shades, a few discs with hard edges, and fine texture."""
    y, x = np.mgrid[0:h, 0:w] / max(h, w)
    im = np.zeros((h, w, 3))
    for c in range(3):
        for f in (1, 2, 5, 13):
            a, b, p = rng.normal(size=3)
            im[..., c] += np.sin(6.28 * f * (a * x + b * y) + 3 * p) / f
    im = .5 + .22 * im
    for _ in range(6):
        cy, cx, r = rng.random(3)
        im[(y - cy) ** 2 + (x - cx) ** 2 < (r / 4) ** 2] = .1 + .8 * rng.random(3)
    im += .03 * rng.normal(size=im.shape)
    return np.round(255 * np.clip(im, 0.02, .98)).astype(np.uint8)


def noise(h, w):
    return rng.integers(0, 256, size=(h, w, 3)).astype(np.uint8)


images = {
    "n75x56": natural(75, 56), "n17x9": natural(17, 9), "n1x64": natural(1, 64), "n1x1": natural(1, 1),
    "r75x56": noise(75, 56), "r17x9": noise(17, 9), "r1x64": noise(1, 64), "n40x130": natural(40, 130),
}
grey = natural(16, 16)
grey[:] = grey[..., :1]
images["g16x16"] = grey


# ---- the cut ----
def kernel(name, x):
    x = abs(x)
    if name == "bilinear":
        return max(0.0, 1 - x)
    a = -.5
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def matrix(n, out, name):
    """(out, n): the rows of resizing by in/out."""
    s = n / out
    F = max(s, 1)
    R = F * (2 if name == "bicubic" else 1)
    m = np.zeros((out, n))
    for i in range(out):
        c = (i + .5) * s
        lo, hi = max(0, int(c - R + .5)), min(n, int(c + R + .5))
        for x in range(lo, hi):
            m[i, x] = kernel(name, (x - c + .5) / F)
        m[i] /= m[i].sum()
    return m


def resize(x, h, w, name):
    return np.einsum("ih,hwc,jw->ijc", matrix(x.shape[0], h, name), x, matrix(x.shape[1], w, name))


def half(x, w, name):
    return np.einsum("hwc,jw->hjc", x, matrix(x.shape[1], w, name))


def crop(im, p, S, name):
    t, l, h, w = (int(v) for v in p)
    return clamp(resize(im[t:t + h, l:l + w] / 255, S, S, name))


def evaluation(im, S, name, R=0, half_up=False):
    """Resize whole, then keep the middle: the two steps that ours makes in one. The middle is torchvision's
    int(round((hh - S) / 2.0)), with Python's round, or what 0.8.2's own arithmetic gave."""
    H, W = im.shape[:2]
    m = min(H, W)
    hh, ww = (R or S) * H // m, (R or S) * W // m
    t, l = ((n - S + 1) // 2 if half_up else int(round((n - S) / 2.0)) for n in (hh, ww))
    return clamp(resize(im / 255, hh, ww, name))[t:t + S, l:l + S], (t * H / hh, l * W / ww, S * H / hh, S * W / ww)


# ---- the rest ----
def to_hsv(x):
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape[:2]):
        R, G, B = x[i]
        V = max(R, G, B)
        D = V - min(R, G, B)
        S = D / V if V else 0.0
        H6 = 0.0
        if D:
            H6 = (G - B) / D if R == V else 2 + (B - R) / D if G == V else 4 + (R - G) / D
        out[i] = (H6 / 6) % 1.0, S, V
    return out


def from_hsv(x):
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape[:2]):
        H, S, V = x[i]
        k = int(np.floor(6 * H))
        f = 6 * H - k
        p, q, t = V * (1 - S), V * (1 - f * S), V * (1 - (1 - f) * S)
        out[i] = [(V, t, p), (q, V, p), (p, V, t), (p, q, V), (t, p, V), (V, p, q)][k % 6]
    return out


def change(x, what, v):
    if what == 0:
        return clamp(v * x)
    if what == 1:
        return clamp(v * x + (1 - v) * (x @ [.2989, .587, .114]).mean())
    hsv = to_hsv(x)
    if what == 2:
        hsv[..., 1] = clamp(v * hsv[..., 1])
    else:
        hsv[..., 0] = (hsv[..., 0] + v) % 1.0
    return from_hsv(hsv)


def color(x, p):
    on, factors, order = p[0], p[1:5], int(p[5])
    if on:
        for k in list(itertools.permutations(range(4)))[order]:
            x = change(x, k, factors[k])
    return x


def gray(x, p):
    return np.repeat((x @ [.299, .587, .114])[..., None], 3, 2) if p[0] else x


def solarize(x, p):
    if not p[0]:
        return x
    assert np.abs(x - p[1]).min() > 1e-5, "a value at the threshold: choose another"
    return np.where(x < p[1], x, 1 - x)


def blur(x, p):
    r = x.shape[0] // 20
    if not p[0]:
        return x
    taps = np.exp(-np.arange(-r, r + 1.0) ** 2 / (2 * p[0] ** 2))
    taps /= taps.sum()
    for axis in (0, 1):
        pad = np.pad(x, [(r, r) if a == axis else (0, 0) for a in range(3)], mode="reflect")
        n = x.shape[axis]
        x = sum(t * np.take(pad, range(k, k + n), axis) for k, t in enumerate(taps))
    return x


OPS = {
    "flip": (1, lambda x, p: x[:, ::-1] if p[0] else x), "color": (6, color), "gray": (1, gray),
    "solarize": (2, solarize), "blur": (1, blur), "rotation": (1, lambda x, p: np.rot90(x, int(p[0]))),
}
f32 = lambda p: [float(np.float32(v)) for v in p]


# ---- others' word for it ----
def check_against_others():
    import torch, torch.nn.functional as tf
    from PIL import Image
    import scipy.ndimage
    for name in ("n75x56", "r75x56", "r17x9", "r1x64"):
        im = images[name]
        for S in (11, 32, 100):
            for k, pil in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
                x = im / 255
                mine = resize(x, S, S, k)
                eight = np.asarray(Image.fromarray(im).resize((S, S), pil)).astype(int)
                # Between its passes Pillow rounds to 8 bits, and clips there what a cubic overshoots.
                far = np.abs(eight - np.round(255 * clamp(mine)))
                inside = clamp(half(x, S, k)) == half(x, S, k)
                assert far.max() <= 1 or (k == "bicubic" and not inside.all()), (name, S, k, far.max())
                for c in range(3):
                    F = Image.fromarray(x[..., c].astype(np.float32)).resize((S, S), pil)
                    assert np.abs(np.asarray(F) - mine[..., c]).max() < 1e-5
                t = tf.interpolate(torch.tensor(x).permute(2, 0, 1)[None], (S, S), mode=k, antialias=True,
                                   align_corners=False)[0].permute(1, 2, 0).numpy()
                assert np.abs(t - mine).max() < 1e-6, (name, S, k, np.abs(t - mine).max())
    x = images["r17x9"] / 255
    for i in np.ndindex(17, 9):
        assert np.allclose(to_hsv(x)[i], colorsys.rgb_to_hsv(*x[i]), atol=1e-12)
        assert np.allclose(from_hsv(to_hsv(x))[i], x[i], atol=1e-12)
    x = images["n75x56"] / 255
    r = 75 // 20
    taps = np.exp(-np.arange(-r, r + 1.0) ** 2 / (2 * 1.3 ** 2))
    y = scipy.ndimage.correlate1d(x, taps / taps.sum(), axis=0, mode="mirror")
    y = scipy.ndimage.correlate1d(y, taps / taps.sum(), axis=1, mode="mirror")
    assert np.abs(blur(x, [1.3]) - y).max() < 1e-12
    for v in (.4, 1.7):  # torchvision's rgb -> hsv -> rgb by blending agrees for saturation that does not clip
        assert np.allclose(change(x, 1, v), clamp(v * x + (1 - v) * (x @ [.2989, .587, .114]).mean()))


# ---- cases ----
tensors, meta, cases = {}, {}, 0


def case(image, S, ops, params, cut=None, name="bilinear", step=1, R=0, half_up=False):
    """ops: names after the cut; params: one list each; cut: a box, or None for the evaluation (then R and half_up)."""
    global cases
    im = images[image]
    if cut is None:
        x, box = evaluation(im, S, name, R, half_up)
        param = list(box)
    else:
        x, param = crop(im, cut, S, name), list(cut)
    for op, p in zip(ops, params):
        if op == "solarize" and p[0]:  # a threshold in the widest gap between values near the one asked for
            v = np.sort(x[np.abs(x - p[1]) < .03])
            gap = np.argmax(np.diff(v)) if v.size > 1 else 0
            p = [1, (v[gap] + v[gap + 1]) / 2] if v.size > 1 else p
        p = f32(p)
        x = OPS[op][1](x, p)
        param += p
    x = np.ascontiguousarray(x[::step, ::step])
    small = (x > 0) & (x < 4e-5)
    x[small] = 0  # float32 cannot be held to 1 % there
    meta[f"policy.{cases}"] = f"size = {S}\nfilter = {name}\n" + "".join(
        f"op = {o}\n" for o in ([f"eval resize={R} half_up={half_up:d}" if cut is None else "crop"] + ops))
    meta[f"case.{cases}"] = f"image={image} step={step}"
    tensors[f"param.{cases}"] = np.array(param, np.float32)
    tensors[f"out.{cases}"] = x.astype(np.float32)
    cases += 1


def make_cases():
    whole = lambda n: (0, 0) + images[n].shape[:2]
    for n, box in (("n75x56", (10, 5, 50, 33)), ("r75x56", (0, 0, 75, 56)), ("n17x9", (3, 2, 7, 5)), ("r17x9", (0, 0, 17, 9)),
                   ("r1x64", (0, 10, 1, 40)), ("n1x64", (0, 0, 1, 64)), ("n1x1", (0, 0, 1, 1)), ("n75x56", (74, 55, 1, 1)),
                   ("n75x56", (5, 3, 20, 20))):
        case(n, 20, [], [], box)
        case(n, 20, [], [], box, name="bicubic")
    for n in ("n75x56", "r17x9", "n1x64", "n40x130", "n1x1"):
        case(n, 24, [], [], None, "bicubic", step=1 if n in ("n75x56", "n40x130") else 2)
        case(n, 9, [], [], None, "bilinear")
    case("n75x56", 224, [], [], None, "bicubic", step=11)
    # What is cut off, here 1, 5, 9 and 13 pixels, is odd and its half not: to the even, or up.
    for half_up in (False, True):
        for n, S, R in (("n75x56", 3, 0), ("r17x9", 6, 0), ("n75x56", 27, 0), ("n75x56", 20, 29), ("g16x16", 11, 24)):
            case(n, S, [], [], None, "bicubic", R=R, half_up=half_up)
    for n in ("n75x56", "r75x56", "g16x16"):
        one = lambda k, v: [1] + [v if i == k else (0 if i == 3 else 1) for i in range(4)] + [0]
        for k, v in ((0, .63), (0, 1.7), (1, .3), (1, 1.8), (2, .25), (2, 1.75), (3, .17), (3, -.2), (3, .5)):
            case(n, 16, ["color"], [one(k, v)], whole(n), step=1 if n == "n75x56" else 3)
        for order in (0, 4, 7, 13, 18, 23):
            case(n, 16, ["color"], [[1, 1.31, .62, 1.55, -.13, order]], whole(n), step=1 if n == "n75x56" else 3)
        case(n, 16, ["flip"], [[1]], whole(n), step=3)
        case(n, 16, ["gray"], [[1]], whole(n), step=3)
        case(n, 16, ["solarize"], [[1, .43217]], whole(n), step=3)
        for q in (1, 2, 3):
            case(n, 16, ["rotation"], [[q]], whole(n), step=3)
    for S, sigma, step in ((20, .8, 1), (40, .1, 3), (40, 2, 3), (96, 1.1, 7), (96, .35, 7), (224, .73, 13), (224, 2, 13)):
        case("r75x56", S, ["blur"], [[sigma]], (4, 3, 60, 48), step=step)
    order = ["flip", "color", "gray", "blur"]
    for n, S, step in (("n75x56", 96, 5), ("r17x9", 32, 2), ("n1x64", 32, 2), ("n40x130", 224, 13), ("r75x56", 224, 13)):
        H, W = images[n].shape[:2]
        for k in range(3):
            h, w = max(1, H * (k + 2) // 5), max(1, W * (4 - k) // 5)
            p = [[k & 1], [k != 2, 1.25 - .2 * k, .7 + .4 * k, 1.4 - .5 * k, .08 - .1 * k, 5 + 7 * k], [k == 2], [[.9, 0, 1.6][k]]]
            if not p[1][0]:
                p[1] = [0, 1, 1, 1, 0, 0]
            case(n, S, order, p, ((H - h) // 2, W - w, h, w), step=step)
            if S < 224:
                case(n, S, ["flip", "color", "solarize", "gray", "blur", "rotation"],
                     p[:2] + [[1, .51237]] + p[2:] + [[k + 1]], (H - h, 0, h, w), step=step)
    # Unapplied, every op leaves the view alone.
    case("r17x9", 24, ["flip", "color", "solarize", "gray", "blur", "rotation"],
         [[0], [0, 1, 1, 1, 0, 0], [0, 1], [0], [0], [0]], (2, 1, 13, 7))


def make_pairs():
    """Omega and targets for two views of an H x W image, strength k = 1."""
    ranges = [.8, .8, .8, .2]

    def omega(p, H, W):
        t, l, h, w, flip, on, b, c, s, hue, _, son, thr, g, sigma, q = p
        return [t / H, l / W, h / H, w / W, flip, (b - 1) / .8, (c - 1) / .8, (s - 1) / .8, hue / .2, thr if son else 1, g,
                sigma / 2, q]

    for n in range(24):
        H, W = (int(v) for v in rng.integers(1, 500, 2))
        views = []
        for v in range(2):
            h, w = int(rng.integers(1, H + 1)), int(rng.integers(1, W + 1))
            on, son, q = rng.integers(0, 2), rng.integers(0, 2), int(rng.integers(0, 4))
            factors = [*(1 + .4 * (2 * rng.random(3) - 1)), .1 * (2 * rng.random() - 1)] if on else [1, 1, 1, 0]
            views.append(f32([rng.integers(0, H - h + 1), rng.integers(0, W - w + 1), h, w, n >> v & 1, on, *factors,
                              rng.integers(0, 24) if on else 0, son, rng.random() if son else 1, rng.integers(0, 2),
                              rng.choice([0, .1 + 1.9 * rng.random()]), q]))
        a, b = (np.array(omega(v, H, W)) for v in views)
        cy, cx = (lambda o: o[0] + o[2] / 2), (lambda o: o[1] + o[3] / 2)
        d = [cy(a) - cy(b), (1 - 2 * a[4]) * (cx(a) - cx(b)), a[2] - b[2], a[3] - b[3], float(a[4] == b[4]),
             *(a[5:9] - b[5:9]), a[9] - b[9], a[11] - b[11], (a[12] - b[12]) % 4]
        tensors[f"pair.{n}.size"] = np.array([H, W], np.float32)
        tensors[f"pair.{n}.param"] = np.array(views, np.float32)
        tensors[f"pair.{n}.omega"] = np.array([a, b], np.float32)
        tensors[f"pair.{n}.target"] = np.array(d, np.float32)


def write(path):
    names = {np.dtype(np.float32): "F32", np.dtype(np.float64): "F64", np.dtype(np.uint8): "U8"}
    head, blobs, at = {"__metadata__": meta}, [], 0
    for k, v in tensors.items():
        b = np.ascontiguousarray(v).tobytes()
        head[k] = {"dtype": names[v.dtype], "shape": list(v.shape), "data_offsets": [at, at + len(b)]}
        blobs.append(b)
        at += len(b)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    check_against_others()
    make_cases()
    make_pairs()
    for k, v in images.items():
        tensors["image." + k] = v
    write(sys.argv[1])
    print(cases, "cases", file=sys.stderr)
