"""Files of other people, and ours: fetched, verified, read without executing anything in them.

an address, a checkpoint, a data set on disk -> tensors by name, clips with labels -> safetensors.
The published weights and data sets of Lee et al. 2022 and 2024 are listed here with their licences.
"""
