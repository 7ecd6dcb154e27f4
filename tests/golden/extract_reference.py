#!/usr/bin/env python3
"""The features of a clip made without avqa: pictures and sound by the ffmpeg program,
scaled by Pillow, log-mel by numpy, networks by torch, with the weights of random:7.

    extract_reference.py CLIP FOLDER N      compares FOLDER/{res14,vggish}/*.npy (of
                                            avqa shard export --npy) with N rows of CLIP
"""
import glob
import subprocess
import sys

import numpy as np
import torch

import encoder_reference as reference

# Half precision rounds to 1 in 2,048; sums in float32 differ by a few millionths.
TOLERANCE = 1e-3


def ffmpeg(*args):
    return subprocess.run(("ffmpeg", "-v", "fatal", "-nostdin") + args, check=True,
                          stdout=subprocess.PIPE).stdout


def size(clip):
    text = subprocess.run(("ffprobe", "-v", "fatal", "-select_streams", "V:0", "-show_entries",
                           "stream=width,height", "-of", "csv=p=0", clip), check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    return tuple(int(n) for n in text.strip().split(",")[:2])


def maps(clip):
    """float32 [T, 512, 14, 14]"""
    width, height = size(clip)
    raw = ffmpeg("-i", clip, "-map", "0:V:0", "-vf", "fps=1,scale=flags=bilinear+full_chroma_int"
                 "+accurate_rnd+bitexact,format=rgb24", "-f", "rawvideo", "-")
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
    model = reference.load(reference.resnet18(True), reference.SEED)
    mean, std = np.array([.43216, .394666, .37645]), np.array([.22803, .22145, .216989])
    rows = []
    for picture in pictures:
        x = ((reference.squash(picture) / 255.0 - mean) / std).transpose(2, 0, 1)[None]
        rows.append(reference.maps(model, torch.from_numpy(x).float())[0].numpy())
    return np.stack(rows)


def heard(clip, n):
    """float32 [n, 128], of the first 0.96 s of each second; the mean of two channels"""
    channels = int(subprocess.run(("ffprobe", "-v", "fatal", "-select_streams", "a:0",
                                   "-show_entries", "stream=channels", "-of", "csv=p=0", clip),
                                  check=True, stdout=subprocess.PIPE).stdout)
    mean = "+".join(f"{1 / channels:.9f}*c{i}" for i in range(channels))
    raw = ffmpeg("-i", clip, "-map", "0:a:0", "-af", f"pan=mono|c0={mean},aresample=16000",
                 "-f", "f32le", "-")
    samples = np.zeros(n * 16000)
    got = np.frombuffer(raw, np.float32)[:len(samples)]
    samples[:len(got)] = got
    model = reference.load(reference.vggish(), reference.SEED)
    examples = np.stack([reference.log_mel(second)[:96] for second in samples.reshape(n, 16000)])
    return model.linear_out(torch.from_numpy(examples[:, None]).float()).relu().numpy()


def compare(name, ours, theirs):
    if ours.shape != theirs.shape:
        sys.exit(f"{name}: {ours.shape}, the reference has {theirs.shape}")
    rms = float(np.sqrt(np.mean(theirs.astype(np.float64) ** 2)))
    error = np.abs(ours.astype(np.float64) - theirs) / np.maximum(np.abs(theirs), rms)
    print(f"{name}: {ours.shape}, the worst of {error.size} numbers is off by {error.max():.1e}")
    if not error.max() <= TOLERANCE:
        sys.exit(f"{name}: that is more than {TOLERANCE}")


def main():
    clip, folder, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_grad_enabled(False)
    load = lambda array: np.load(glob.glob(f"{glob.escape(folder)}/{array}/*.npy")[0])
    compare("maps", load("res14"), maps(clip))
    compare("sound", load("vggish"), heard(clip, n))


if __name__ == "__main__":
    main()
