#!/usr/bin/env python3
"""The encoders' numbers made without avqa: networks by torch and torchvision in float64,
pictures by Pillow, spectra by numpy and scipy. Random weights follow lib/nn/params.h,
written anew here.

    encoder_reference.py json > tests/data/golden/encoder.json
    encoder_reference.py weights DIR SEED     resnet18.safetensors and vggish.safetensors
                                              as PyTorch's state dicts, float32
    encoder_reference.py bench THREADS SECONDS   pictures and examples a second

Debian: python3-torch python3-torchvision python3-numpy python3-scipy python3-pil.
"""
import hashlib
import json
import math
import struct
import sys
import time

import numpy as np

SEED = 7


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def units(seed, name, n):
    """n float64 in [0, 1), exact in float32."""
    mask = (1 << 64) - 1
    with np.errstate(over="ignore"):
        key = 0xCBF29CE484222325 ^ int(mix(np.array([seed], np.uint64))[0])
        for byte in name.encode():
            key = (key ^ byte) * 0x100000001B3 & mask
        places = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = mix(np.uint64(key) + places)
    return (z >> np.uint64(40)).astype(np.float64) * 2.0**-24


def random_tensor(seed, name, shape, centre, spread):
    u = units(seed, name, math.prod(shape))
    return (centre + spread * (2 * u - 1)).astype(np.float32).reshape(shape)


def random_state(model, seed):
    """What avqa puts under each name of the state dict for random:SEED."""
    out = {}
    norms = {"weight": (0.8, 0.2), "bias": (0, 0.1), "running_mean": (0, 0.1),
             "running_var": (1, 0.3)}
    own = model.state_dict()
    for name, value in own.items():
        shape = tuple(value.shape)
        part = name.rsplit(".", 1)[-1]
        if part == "num_batches_tracked" or name.startswith("fc."):
            continue
        if len(shape) >= 2 and name != "pproc.pca_means":
            out[name] = random_tensor(seed, name, shape, 0, math.sqrt(6 / math.prod(shape[1:])))
        elif name == "pproc.pca_means":
            out[name] = random_tensor(seed, name, shape, 0, 0.5)
        elif name.rsplit(".", 1)[0] + ".running_var" in own:
            out[name] = random_tensor(seed, name, shape, *norms[part])
        else:
            out[name] = random_tensor(seed, name, shape, 0, 0.1)
    return out


def load(model, seed):
    import torch
    state = {k: torch.from_numpy(v) for k, v in random_state(model, seed).items()}
    lacking = model.load_state_dict(state, strict=False)
    assert not lacking.unexpected_keys
    return model.eval()


def resnet18(keep_size):
    import torchvision
    model = torchvision.models.resnet18(weights=None)
    if keep_size:
        model.layer4[0].conv1.stride = (1, 1)
        model.layer4[0].downsample[0].stride = (1, 1)
    return model


def maps(model, x):
    x = model.maxpool(model.relu(model.bn1(model.conv1(x))))
    return model.layer4(model.layer3(model.layer2(model.layer1(x))))


def vggish():
    import torch
    from torch import nn

    class Pca(nn.Module):
        def __init__(self):
            super().__init__()
            self.pca_eigen_vectors = nn.Parameter(torch.zeros(128, 128))
            self.pca_means = nn.Parameter(torch.zeros(128, 1))

    class Vggish(nn.Module):
        def __init__(self):
            super().__init__()
            layers, n_in = [], 1
            for width in (64, "M", 128, "M", 256, 256, "M", 512, 512, "M"):
                if width == "M":
                    layers.append(nn.MaxPool2d(2, 2))
                else:
                    layers += [nn.Conv2d(n_in, width, 3, padding=1), nn.ReLU(True)]
                    n_in = width
            self.features = nn.Sequential(*layers)
            self.embeddings = nn.Sequential(
                nn.Linear(512 * 4 * 6, 4096), nn.ReLU(True), nn.Linear(4096, 4096),
                nn.ReLU(True), nn.Linear(4096, 128), nn.ReLU(True))
            self.pproc = Pca()

        def linear_out(self, x):
            x = self.features(x).permute(0, 2, 3, 1).flatten(1)
            return self.embeddings[:5](x)

    return Vggish()


# ---- inputs ---------------------------------------------------------------------------


def picture(width, height):
    """Noise over a slope, which has edges where it wraps."""
    noise = np.floor(units(SEED, f"picture {width}x{height}", width * height * 3) * 64)
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    slope = (x * 2 + y + c * 60) % 192
    return (noise.reshape(height, width, 3) + slope).astype(np.uint8)


def sound(n):
    """Noise on a triangle of 80 Hz at 16 kHz, whole steps of 1/32768."""
    noise = np.floor(units(SEED, "sound", n) * 2048) - 1024
    place = np.arange(n) % 200
    return (noise + (np.minimum(place, 200 - place) - 50) * 128) / 32768


# ---- pictures -------------------------------------------------------------------------

SIZES = [(320, 180), (100, 150), (224, 224), (640, 480), (1280, 720), (333, 1001), (3, 2)]


def squash(rgb):
    from PIL import Image
    return np.asarray(Image.fromarray(rgb).resize((224, 224), Image.BILINEAR))


def crop(rgb):
    from PIL import Image
    from torchvision import transforms
    both = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
    return np.asarray(both(Image.fromarray(rgb)))


def pictures():
    rows = []
    for width, height in SIZES:
        rgb = picture(width, height)
        for how, scaled in (("squash", squash(rgb)), ("crop", crop(rgb))):
            rows.append({"width": width, "height": height, "preset": how,
                         "sha256": hashlib.sha256(scaled.tobytes()).hexdigest(),
                         "first": scaled[0, :4].flatten().tolist()})
    return rows


# ---- sound ----------------------------------------------------------------------------


def log_mel(samples):
    """[n, 64] of all frames, as mel_features.py describes it."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    n = 1 + (len(samples) - 400) // 160
    frames = np.stack([samples[i * 160:i * 160 + 400] for i in range(n)]) * window
    magnitudes = np.abs(np.fft.rfft(frames, 512))
    to_mel = lambda hz: 1127 * np.log(1 + hz / 700)
    bins = to_mel(np.linspace(0, 8000, 257))
    edges = np.linspace(to_mel(125.0), to_mel(7500.0), 66)
    bands = np.zeros((257, 64))
    for i in range(64):
        low, centre, high = edges[i:i + 3]
        bands[:, i] = np.maximum(
            0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    bands[0] = 0
    return np.log(magnitudes @ bands + 0.01)


def stft(samples, n_fft, hop):
    """librosa.stft(center=True, pad_mode="constant"), magnitudes."""
    padded = np.pad(np.clip(samples, -1, 1), n_fft // 2)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    n = 1 + (len(padded) - n_fft) // hop
    frames = np.stack([padded[i * hop:i * hop + n_fft] for i in range(n)])
    return np.log(np.abs(np.fft.rfft(frames * window)).T + 1e-7)


def scipy_spectrogram(samples):
    from scipy import signal
    _, _, s = signal.spectrogram(samples, 16000, nperseg=512, noverlap=353)
    s = np.log(s + 1e-7)
    return (s - s.mean()) / (s.std() + 1e-9)


# ---- the file -------------------------------------------------------------------------


def sampled(values, n=96):
    flat = np.asarray(values, np.float64).flatten()
    at = np.arange(n) * 7919 % len(flat)
    return {"shape": list(np.shape(values)), "rms": float(np.sqrt(np.mean(flat**2))),
            "sum_abs": float(np.abs(flat).sum()), "sum": float(flat.sum()),
            "values": [float(f"{v:.9g}") for v in flat[at]]}


def networks():
    import torch
    torch.set_grad_enabled(False)
    out = {}
    rgb = picture(320, 180)
    to_input = lambda p, mean, std: torch.from_numpy(
        (((p / 255.0) - np.array(mean)) / np.array(std)).transpose(2, 0, 1)[None])
    ours = to_input(squash(rgb), [.43216, .394666, .37645], [.22803, .22145, .216989])
    theirs = to_input(crop(rgb), [.485, .456, .406], [.229, .224, .225])
    out["resnet18 music-avqa"] = sampled(maps(load(resnet18(True), SEED).double(), ours)[0])
    plain = load(resnet18(False), SEED).double()
    whole = maps(plain, theirs)[0]
    out["resnet18 torchvision-maps"] = sampled(whole)
    out["resnet18 torchvision"] = sampled(whole.mean((1, 2)))
    model = load(vggish(), SEED).double()
    examples = torch.from_numpy(log_mel(sound(16000))[None, None, :96])
    linear = model.linear_out(examples)[0]
    out["vggish music-avqa"] = sampled(linear.relu())

    def levels(embedding):
        pca = model.pproc.pca_eigen_vectors @ (embedding[:, None] - model.pproc.pca_means)
        return (pca[:, 0].clamp(-2, 2) + 2) * (255 / 4)

    out["vggish tensorflow"] = sampled(levels(linear).floor(), 128)
    out["vggish torchvggish"] = sampled(levels(linear.relu()).round(), 128)
    return out


def spectra():
    samples = sound(66150)
    tiled = np.tile(samples, 3)
    return {"logmel vggish": sampled(log_mel(samples[:15600])),
            "spectrogram crema-d": sampled(stft(samples[:66150], 512, 353)),
            "spectrogram vggsound": sampled(stft(tiled[:80000], 256, 128)),
            "spectrogram ave": sampled(scipy_spectrogram(tiled[:160000])),
            "spectrogram crema-d-paper": sampled(scipy_spectrogram(samples[:48000]))}


def write_safetensors(path, tensors):
    """As the format's README has it; the numbers in the order given."""
    names = {"float32": "F32", "float16": "F16", "float64": "F64", "int64": "I64",
             "uint8": "U8", "bfloat16": "BF16"}
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, (dtype, shape, blob) in tensors.items():
        header[name] = {"dtype": names[dtype], "shape": list(shape),
                        "data_offsets": [at, at + len(blob)]}
        at += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text + b"".join(blobs)
    if path is None:
        return whole
    with open(path, "wb") as file:
        file.write(whole)


def small_file():
    import torch
    values = torch.tensor([[0.5, -1.25, 3.0], [1e-3, 65504.0, -7e-8]])
    tensors = {}
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        name = str(dtype).split(".")[1]
        cast = values.to(dtype)
        bits = cast.view(torch.int16) if dtype == torch.bfloat16 else cast
        tensors[f"a.{name}"] = (name, cast.shape, bits.numpy().tobytes())
    count = torch.tensor(12345)
    tensors["a.num_batches_tracked"] = ("int64", count.shape, count.numpy().tobytes())
    whole = write_safetensors(None, tensors)
    return {"hex": whole.hex(), "values": values.flatten().double().tolist()}


def weights(folder, seed):
    for stem, model in (("resnet18", resnet18(False)), ("vggish", vggish())):
        state = load(model, seed).state_dict()
        write_safetensors(f"{folder}/{stem}.safetensors", {
            name: (str(t.dtype).split(".")[1], t.shape, t.numpy().tobytes())
            for name, t in state.items()})


# ---- the bench ------------------------------------------------------------------------


def rate(run, batch, seconds):
    """Of the best run: a second, and a CPU second (all threads)."""
    run()
    best = best_cpu = 0
    end = time.time() + seconds
    while time.time() < end:
        start, start_cpu = time.perf_counter(), time.process_time()
        run()
        best = max(best, batch / (time.perf_counter() - start))
        best_cpu = max(best_cpu, batch / (time.process_time() - start_cpu))
    return f"{best:.1f} {best_cpu:.1f}"


def bench(threads, seconds):
    import torch
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    batch = 8
    model = load(resnet18(True), SEED)
    net = torch.nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool, model.layer1,
                              model.layer2, model.layer3, model.layer4)
    listening = load(vggish(), SEED)

    class Whole(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = listening

        def forward(self, x):
            return self.inner.linear_out(x)

    for name, module, shape in (("resnet18 music-avqa", net, (batch, 3, 224, 224)),
                                ("vggish", Whole().eval(), (batch, 1, 96, 64))):
        x = torch.rand(shape)
        last = x.contiguous(memory_format=torch.channels_last)
        traced = torch.jit.optimize_for_inference(
            torch.jit.freeze(torch.jit.trace(module.eval(), x)))
        print(f"torch {name}: plain {rate(lambda: module(x), batch, seconds)}")
        print(f"torch {name}: jit {rate(lambda: traced(x), batch, seconds)}")
        module = module.to(memory_format=torch.channels_last)
        print(f"torch {name}: channels_last {rate(lambda: module(last), batch, seconds)}")


if __name__ == "__main__":
    if sys.argv[1:] == ["json"]:
        json.dump({"seed": SEED, "pictures": pictures(), "spectra": spectra(),
                   "networks": networks(), "safetensors": small_file()}, sys.stdout, indent=1)
        print()
    elif sys.argv[1] == "weights":
        weights(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "bench":
        bench(int(sys.argv[2]), float(sys.argv[3]))
