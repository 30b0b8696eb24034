"""A sheet in, a PNG picture out. Pure."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageColor, ImageDraw

from rag.timeline.chart.layout import BACKGROUND, SPINE, WIDTH, Block, Box, Mark, Shape, Sheet, Spine

SPINE_COLOUR, SPINE_WIDTH = "#5C616B", 6
DASH, SPACE = 10, 18  # pixels of a broken spine
RIM = 5  # pixels around a hollow mark
FAINT = 0.75  # what is left of the colour of a hollow mark; it still stands out 3 to 1, as WCAG asks of graphics
SMOOTH = 4  # marks are painted so many times as large and then made smaller, which smooths their edges


def painted(sheet: Sheet) -> bytes:
    """Paint a sheet. The same sheet gives the same bytes."""
    image = Image.new("RGB", (WIDTH, sheet.height), BACKGROUND)
    canvas = ImageDraw.Draw(image)
    for block in sheet.blocks:
        paint_spine(canvas, block)
        for line in block.lines:
            canvas.text((line.left, line.top), line.text, line.style.colour, line.style.font)
        for mark in block.marks:
            paint_mark(image, mark)
    file = BytesIO()
    image.save(file, "PNG", compress_level=3)  # half as long as 6, for a tenth more bytes
    return file.getvalue()


def paint_spine(canvas: ImageDraw.ImageDraw, block: Block) -> None:
    """Draw the spine past a block, whole or as a row of dashes."""
    if block.spine is Spine.NONE:
        return
    length, step = (DASH, DASH + SPACE) if block.spine is Spine.BROKEN else (block.height, block.height)
    left, bottom = SPINE - SPINE_WIDTH // 2, block.top + block.height
    for top in range(block.top, bottom, step):
        canvas.rectangle((left, top, left + SPINE_WIDTH - 1, min(top + length, bottom) - 1), SPINE_COLOUR)


def paint_mark(image: Image.Image, mark: Mark) -> None:
    """Draw a mark, which hides the spine behind it."""
    stamp(image, mark.shape, mark.box, faded(mark.colour) if mark.hollow else mark.colour)
    if mark.hollow:
        left, top, right, bottom = mark.box
        rim = round(RIM * mark.scale)
        inside = Shape.DAY if mark.shape is Shape.BOUNDED else mark.shape
        stamp(image, inside, (left + rim, top + rim, right - rim, bottom - rim), BACKGROUND)


def faded(colour: str) -> str:
    """Mix a colour with the background."""
    mixed = zip(ImageColor.getrgb(colour), ImageColor.getrgb(BACKGROUND), strict=True)
    return "#" + "".join(f"{round(own * FAINT + behind * (1 - FAINT)):02X}" for own, behind in mixed)


def stamp(image: Image.Image, shape: Shape, box: Box, colour: str) -> None:
    """Fill a shape with a colour."""
    size = (box[2] - box[0], box[3] - box[1])
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH))
    draw_shape(ImageDraw.Draw(mask), shape, *mask.size)
    image.paste(colour, box, mask.resize(size, Image.Resampling.LANCZOS))


def draw_shape(canvas: ImageDraw.ImageDraw, shape: Shape, width: int, height: int) -> None:
    """Draw a shape in white: two dots and a bar for what lasted, gaps in what has only bounds."""
    whole = (0, 0, width - 1, height - 1)
    if shape is Shape.LASTING:
        canvas.ellipse((0, 0, width - 1, width - 1), 255)
        canvas.ellipse((0, height - width, width - 1, height - 1), 255)
        canvas.rectangle((width // 4, width // 2, width - 1 - width // 4, height - width // 2), 255)
    else:
        canvas.rounded_rectangle(whole, width / 2, 255)
    if shape is Shape.BOUNDED:
        for start in range(30, 360, 60):
            canvas.pieslice(whole, start - 12, start + 12, 0)
