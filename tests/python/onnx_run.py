"""An ONNX file of model-export under onnxruntime: features, projections and heads against ours.

    onnx_run.py file.onnx model.safetensors views.npy features.npy [projections.npy]

views (N,2,S,S,3) uint8, features (N,2,D), projections (N,2,P). Heads are computed in float64 from the weights in the
model file. Prints the largest difference of each output, relative to the largest value."""

import json
import sys

import numpy as np
import onnxruntime


def weights(path):
    with open(path, "rb") as f:
        data = f.read()
    n = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + n])
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[8 + n + t["data_offsets"][0] : 8 + n + t["data_offsets"][1]], "<f4").reshape(t["shape"])
        for name, t in header.items()
        if t["dtype"] == "F32"
    }


def head(w, prefix, x):
    """Linear-BN-ReLU twice, then a Linear with a bias: Lee et al., equation 3."""
    x = x.astype(np.float64)
    for i in (0, 3):
        x = x @ w[f"{prefix}.{i}.weight"].T.astype(np.float64)
        norm = {k: w[f"{prefix}.{i + 1}.{k}"].astype(np.float64) for k in ("weight", "bias", "running_mean", "running_var")}
        x = (x - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-5) * norm["weight"] + norm["bias"]
        x = np.maximum(x, 0)
    return x @ w[f"{prefix}.6.weight"].T.astype(np.float64) + w[f"{prefix}.6.bias"]


def main(path, model, views, features, projections=None):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    meta = session.get_modelmeta().custom_metadata_map
    mean, std = (np.array(meta["augself." + k].split(), "f4") for k in ("mean", "std"))
    views, features = np.load(views), np.load(features)

    def feed(x):
        """(N,S,S,3) bytes as the file takes them."""
        if meta["augself.input"] == "bytes":
            return x
        x = x.astype("f4") / 255
        if meta["augself.input"] == "normalised":
            x = (x - mean) / std
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))

    inputs = {i.name for i in session.get_inputs()}
    names = [o.name for o in session.get_outputs()]
    fed = {"images": feed(views[:, 0])}
    if "others" in inputs:
        fed["others"] = feed(views[:, 1])
    got = dict(zip(names, session.run(names, fed)))
    want = {"features": features[:, 0]}
    if projections:
        want["projection"] = np.load(projections)[:, 0]
    w = weights(model)
    ends = {"flip": lambda p: 1 / (1 + np.exp(-p))}
    for name in names:
        if f"augself.{name}.0.weight" in w:
            pair = features.reshape(len(features), -1)
            if w[f"augself.{name}.0.weight"].shape[1] != pair.shape[1]:
                print(f"{name} reads a stage, whose features are not here")
                continue
            want[name] = ends.get(name, np.tanh)(head(w, f"augself.{name}", pair))
    if "logits" in names:
        want["logits"] = features[:, 0] @ w["fc.weight"].T + w["fc.bias"]
    good = True
    for name in want:
        worst = np.abs(got[name] - want[name]).max() / np.abs(want[name]).max()
        good &= bool(worst < 1e-4)
        print(f"{name} {got[name].shape} {worst:.2g}")
    one = session.run(["features"], {k: v[:1] for k, v in fed.items()})[0]
    print("alone", np.abs(one - got["features"][:1]).max())
    return 0 if good else 1


sys.exit(main(*sys.argv[1:]))
