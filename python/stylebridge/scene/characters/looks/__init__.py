"""Looks: bodies, faces and clothes, drawn from a seed and shaped as one skinned mesh each."""
