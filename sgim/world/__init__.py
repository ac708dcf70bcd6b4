"""A small world of landscapes and the sounds that belong to them."""
