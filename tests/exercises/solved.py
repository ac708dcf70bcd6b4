"""Right answers to the assignments, and mistakes that students make: source of many tests."""

import math

import torch
import torch.nn.functional as F


def power_spectrogram(waveform, n_fft, hop_length, window=True, squared=True, mirrored=True):
    half = n_fft // 2
    if mirrored:
        waveform = torch.cat(
            [waveform[1 : half + 1].flip(0), waveform, waveform[-half - 1 : -1].flip(0)]
        )
    frames = waveform.unfold(0, n_fft, hop_length)
    if window:
        frames = frames * torch.hann_window(n_fft)
    magnitude = torch.fft.rfft(frames).abs()
    return (magnitude.square() if squared else magnitude).T


def mel_filters(n_freqs, n_mels, f_min, f_max, sample_rate, in_mel=True, area=False):
    def to_mel(hertz):
        return 2595 * torch.log10(1 + torch.as_tensor(hertz) / 700)

    if in_mel:
        mels = torch.linspace(to_mel(f_min).item(), to_mel(f_max).item(), n_mels + 2)
        edges = 700 * (10 ** (mels / 2595) - 1)
    else:
        edges = torch.linspace(f_min, f_max, n_mels + 2)
    frequencies = torch.linspace(0, sample_rate / 2, n_freqs)[:, None]
    up = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    filters = torch.minimum(up, down).clamp(min=0)
    return filters * 2 / (edges[2:] - edges[:-2]) if area else filters


def level(power, top_db, scale_db, clip=(1, 2), log=torch.log10, centered=True):
    decibel = 10 * log(power.clamp(min=1e-10))
    decibel = torch.maximum(decibel, decibel.amax(clip, keepdim=True) - top_db)
    if centered:
        decibel = decibel - decibel.mean(clip, keepdim=True)
    return decibel / scale_db


def log_mel(waveform):
    filters = mel_filters(257, 64, 40.0, 8000.0, 16000)
    power = torch.stack([power_spectrogram(clip, 512, 160).T @ filters for clip in waveform])
    return level(power.mT, 70.0, 15.0).unsqueeze(1)


def info_nce(features, target_features, logit_scale):
    logits = logit_scale * features @ target_features.T
    rows = logits.diagonal() - logits.logsumexp(dim=1)
    columns = logits.diagonal() - logits.logsumexp(dim=0)
    return -(rows.mean() + columns.mean()) / 2


def perfect_loss(batch, logit_scale):
    return math.log(1 + (batch - 1) * math.exp(-logit_scale))


def clip_pixels(images, mean, std):
    return ((images + 1) / 2 - mean[:, None, None]) / std[:, None, None]


def encoder_layout(resized):
    return resized.T[None, None]


def edit_loss(features, target_features, ws, source_ws, layer_weights, similarity_weight):
    guidance = 1 - F.cosine_similarity(features, target_features, dim=1)
    held = (layer_weights * (ws - source_ws).square().sum(dim=2)).sum(dim=1)
    return guidance + similarity_weight * held


def mask_update(logits, ws, source_ws, rate):
    layer_loss = logits.sigmoid() * (ws.detach() - source_ws).square().sum(dim=2)
    return logits - rate * layer_loss * (1 - layer_loss)


def edit(
    generator, encode_image, source_ws, target_features, steps=15, rate=0.08, weight=0.1, sign=1
):
    ws = source_ws.clone().requires_grad_()
    logits = torch.ones(ws.shape[:2])
    optimizer = torch.optim.Adam([ws], lr=rate)
    for _ in range(steps):
        features = encode_image(generator.synthesis(ws))
        loss = edit_loss(features, target_features, ws, source_ws, logits.sigmoid(), weight)
        (ws.grad,) = torch.autograd.grad(sign * loss.sum(), ws)
        optimizer.step()
        logits = mask_update(logits, ws, source_ws, 0.1)
    return ws.detach()
