"""Draws the icon of the program as PNG from its SVG.

Systems install an app only with an icon in dots.
"""

from __future__ import annotations

import math
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

Point = tuple[float, float]
Colour = tuple[int, int, int]

SIZES = (192, 512)
TOUCH_SIZE = 180
"""Dots of the icon for the home screen of an iPhone."""

SAFE_PART = 0.8
"""Part of a maskable icon that no system cuts off."""

_TOKENS = re.compile(r"[MmLlAaZz]|-?(?:\d+\.?\d*|\.\d+)")
_COUNTS = {"M": 2, "L": 2, "A": 7, "Z": 0}
_ARC_STEPS = 24
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Stroke:
    """A line through points, with its width and colour."""

    points: list[Point]
    width: float
    colour: Colour


def draw_all(source: Path, place: Path) -> None:
    """Write every icon into a folder."""
    for name, size, is_maskable in icons():
        (place / name).write_bytes(draw(source, size, is_maskable))


def icons() -> Iterator[tuple[str, int, bool]]:
    """Yield the name, the size and whether it is maskable of every icon."""
    for size in SIZES:
        yield f"icon-{size}.png", size, False
    yield f"maskable-{SIZES[-1]}.png", SIZES[-1], True
    yield f"touch-{TOUCH_SIZE}.png", TOUCH_SIZE, True


def draw(source: Path, size: int, is_maskable: bool) -> bytes:
    """Return the icon as PNG.

    Args:
        source: the SVG: a rounded square, and strokes on it.
        size: the dots of a side.
        is_maskable: the ground fills the square, and the drawing keeps away from its border.
    """
    picture = ElementTree.parse(source).getroot()  # noqa: S314  # our own file
    ground = picture.find(f"{SVG}rect")
    if ground is None:
        raise SystemExit(f"{source}: there is no ground")
    side = float(ground.attrib["width"])
    radius = 0.0 if is_maskable else float(ground.attrib["rx"]) * size / side
    pixels = _square(size, radius, _colour(ground.attrib["fill"]))
    scale = size / side * (SAFE_PART if is_maskable else 1.0)
    shift = (size - side * scale) / 2
    for path in picture.iter(f"{SVG}path"):
        points = [(x * scale + shift, y * scale + shift) for x, y in _points(path.attrib["d"])]
        width = float(path.attrib["stroke-width"]) * scale
        _paint(pixels, size, Stroke(points, width, _colour(path.attrib["stroke"])))
    return _png(pixels, size)


def _colour(text: str) -> Colour:
    digits = text.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _square(size: int, radius: float, colour: Colour) -> bytearray:
    """Return a square of dots (red, green, blue, opacity) with round corners."""
    pixels = bytearray(bytes((*colour, 255)) * (size * size))
    for row in range(math.ceil(radius)):
        for column in range(math.ceil(radius)):
            covered = _covered(math.hypot(radius - column - 0.5, radius - row - 0.5) - radius)
            for y in (row, size - 1 - row):
                for x in (column, size - 1 - column):
                    pixels[(y * size + x) * 4 + 3] = round(255 * covered)
    return pixels


def _covered(distance: float) -> float:
    """Return how much of a dot is covered, by the distance of its middle from the border."""
    return min(1.0, max(0.0, 0.5 - distance))


def _paint(pixels: bytearray, size: int, stroke: Stroke) -> None:
    half, covered = stroke.width / 2, dict[int, float]()
    for start, end in zip(stroke.points, stroke.points[1:], strict=False):
        for y in range(*_span(start[1], end[1], half, size)):
            for x in range(*_span(start[0], end[0], half, size)):
                part = _covered(_distance((x + 0.5, y + 0.5), start, end) - half)
                if part > covered.get(y * size + x, 0.0):
                    covered[y * size + x] = part
    for dot, part in covered.items():
        for channel, value in enumerate(stroke.colour):
            place = dot * 4 + channel
            pixels[place] = round(pixels[place] * (1 - part) + value * part)


def _span(start: float, end: float, half: float, size: int) -> tuple[int, int]:
    return max(0, math.floor(min(start, end) - half - 1)), min(size, math.ceil(max(start, end) + half + 1))


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from the line between two others."""
    along, across = end[0] - start[0], end[1] - start[1]
    length = along * along + across * across
    place = 0.0 if length == 0 else ((point[0] - start[0]) * along + (point[1] - start[1]) * across) / length
    place = min(1.0, max(0.0, place))
    return math.hypot(point[0] - start[0] - place * along, point[1] - start[1] - place * across)


def _points(path: str) -> list[Point]:
    """Return the points of a path of lines and arcs (SVG 2 chapter 9)."""
    points: list[Point] = []
    for command, given in _commands(path):
        here = points[-1] if points else (0.0, 0.0)
        if command.upper() == "Z":
            points.append(points[0])
            continue
        end = (given[-2], given[-1])
        end = (here[0] + end[0], here[1] + end[1]) if command.islower() else end
        points += _arc(here, end, given) if command.upper() == "A" else [end]
    return points


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    tokens = _TOKENS.findall(path)
    command = ""
    while tokens:
        if tokens[0].isalpha():
            command = tokens.pop(0)
        elif command in {"M", "m"}:  # further points of a move are lines
            command = "L" if command == "M" else "l"
        count = _COUNTS[command.upper()]
        yield command, [float(one) for one in tokens[:count]]
        del tokens[:count]


def _arc(start: Point, end: Point, given: list[float]) -> list[Point]:
    """Return points on an arc of a circle (SVG 2 appendix B.2.4)."""
    radius, is_large, is_clockwise = given[0], bool(given[3]), bool(given[4])
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    along, across = end[0] - start[0], end[1] - start[1]
    length = math.hypot(along, across)
    away = math.sqrt(max(0.0, radius**2 - (length / 2) ** 2)) / length
    side = 1 if is_large != is_clockwise else -1
    centre = (middle[0] - side * away * across, middle[1] + side * away * along)
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    sweep = math.atan2(end[1] - centre[1], end[0] - centre[0]) - first
    if is_clockwise and sweep < 0:
        sweep += 2 * math.pi
    elif not is_clockwise and sweep > 0:
        sweep -= 2 * math.pi
    angles = [first + sweep * step / _ARC_STEPS for step in range(1, _ARC_STEPS + 1)]
    return [(centre[0] + radius * math.cos(one), centre[1] + radius * math.sin(one)) for one in angles]


def _png(pixels: bytearray, size: int) -> bytes:
    """Return dots as a file (PNG, third edition): eight bits, with opacity."""
    lines = b"".join(b"\0" + pixels[row * size * 4 : (row + 1) * size * 4] for row in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    draw_all(Path(sys.argv[1]), Path(sys.argv[2]))
