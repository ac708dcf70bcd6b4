"""Neural networks: towers of the joint embedding, the judge, StyleGAN2."""
