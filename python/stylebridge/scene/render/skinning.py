"""Bodies bent by skeletons: what a skin must look like, and the bending itself on the processor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stylebridge.errors import InputError
from stylebridge.scene.mesh import MAX_JOINTS, Floats, Mesh, Piece


def checked_skin(skin: NDArray[np.float32], piece: Piece) -> NDArray[np.float32]:
    """A finite [J,4,4] with all joints that the body is bound to."""
    array = np.asarray(skin, np.float32)
    joints = piece.mesh.joints
    needed = 1 + int(joints.max()) if joints is not None and joints.size else 1
    fits = array.ndim == 3 and array.shape[1:] == (4, 4) and needed <= len(array) <= MAX_JOINTS
    if not fits or not np.isfinite(array).all():
        expected = f"finite [J,4,4] with {needed} to {MAX_JOINTS} joints"
        raise InputError(f"a skin of {list(array.shape)}", expected=expected, where=f"piece {piece.name!r}")
    return array


def bent(mesh: Mesh, skin: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Positions and normals [V,3] in the world."""
    if mesh.joints is None or mesh.weights is None:
        raise InputError("a body without joints", expected="a mesh with joints and weights")
    blended = np.einsum("vk,vkij->vij", mesh.weights, skin[mesh.joints, :3])  # [V,3,4]
    positions = np.einsum("vij,vj->vi", blended[:, :, :3], mesh.positions) + blended[:, :, 3]
    normals = np.einsum("vij,vj->vi", blended[:, :, :3], mesh.normals)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return positions.astype(np.float32), normals.astype(np.float32)
