"""The paper's second step: a copy of the source latent moves until its picture says what is heard.

source ws, sounds, texts -> target feature -> Adam under lambda_sim, lambda_ID and the layer mask
-> edited ws and pictures. Source: Lee et al. 2024 (arXiv 2208.14114) and 2022 (arXiv 2112.00007).
"""
