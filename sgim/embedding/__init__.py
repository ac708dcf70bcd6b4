"""The paper's first step: an audio encoder learns to put sounds where CLIP puts words and pictures.

sounds, captions, pictures -> features of frozen towers -> four-term objective -> audio encoder
-> zero-shot scores, linear probe. Source: Lee et al. 2024 (arXiv 2208.14114), step (a).
"""
