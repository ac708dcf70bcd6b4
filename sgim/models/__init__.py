"""Neural networks: towers of the joint embedding and the judge."""
