"""Neural networks: CLIP's towers, audio encoders, generators, the recognition network, the judge.

pictures, log-mels, tokens -> features of unit norm; z -> ws -> pictures in [-1, 1].
The networks of Lee et al. (arXiv 2112.00007, 2208.14114), without compiled operations.
"""
