"""The numbers of the project: recognition, edits by true parameters, seconds beside slow ways.

a bundle, held-out scenes, sounds and recordings -> scores with their spread -> JSON and Markdown.
The paper's evaluations (Lee et al. 2024), and what a mini world with true parameters adds.
"""
