"""Sounds and pictures as tensors, by way of the log-mel front end.

a wav, a photo -> waveform, log-mel (n_mels, n_frames), picture in [-1, 1] -> and pictures to files.
"""
