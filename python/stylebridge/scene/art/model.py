"""Model: one object of the game, a house or a bench, put together from forms of several materials."""

from __future__ import annotations

from stylebridge.scene.art.form import Form, Points, join, rotation_z
from stylebridge.scene.art.materials import material_of, tile_m_of
from stylebridge.scene.mesh import Piece

# What lies flat on the ground or is too far away to throw a shadow that anybody sees.
_SHADOWLESS = frozenset({"far", "blades", "petals", "water"})


class Model:
    """Forms by material, in the object's own axes: its front faces south, its foot is at z = 0."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._forms: dict[str, list[Form]] = {}

    def add(self, material: str, *forms: Form) -> None:
        """Add forms made of this material."""
        self._forms.setdefault(material, []).extend(forms)

    def add_model(self, other: Model, x: float = 0.0, y: float = 0.0, z: float = 0.0, heading_rad: float = 0.0) -> None:
        """Add all of another model, turned and shifted."""
        for material, forms in other._forms.items():
            self.add(material, join(forms).turned(heading_rad).moved(x, y, z))

    def pieces(
        self, number: int, place: tuple[float, float, float] = (0.0, 0.0, 0.0), heading_rad: float = 0.0
    ) -> list[Piece]:
        """One piece for each material, in the world's axes; `number` is the object's id."""
        turn, pieces = rotation_z(heading_rad), []
        for material, forms in self._forms.items():
            whole = join(forms).rotated(turn).moved(*place)
            casts = material not in _SHADOWLESS
            mesh = whole.mesh(tile_m_of(material))
            pieces.append(Piece(f"{self.name}-{number}-{material}", mesh, material_of(material), number, casts))
        return pieces

    def form(self, material: str) -> Form:
        """All that is made of this material, as one form."""
        return join(self._forms[material])

    @property
    def empty(self) -> bool:
        """Whether nothing has been added yet."""
        return not self._forms


def soiled(points: Points, foot_z: float, eaves_z: float | None = None) -> Points:
    """Brightness of a wall: darker at its foot and under its eaves."""
    height = points[:, 2] - foot_z
    brightness = 0.70 + 0.30 * (height / 1.3).clip(0.0, 1.0) ** 0.7
    if eaves_z is not None:
        brightness = brightness * (0.72 + 0.28 * ((eaves_z - points[:, 2]) / 0.9).clip(0.0, 1.0))
    return brightness
