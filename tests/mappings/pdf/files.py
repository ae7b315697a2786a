"""Small PDF files written by hand: what a test wants on a page and in the file, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

A4 = "[0 0 595 842]"
LATIN = (
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 255/Widths[%s]"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/Helvetica/Flags 32/FontBBox[0 -200 1000 900]/Ascent 800"
    b"/Descent -200/ItalicAngle 0/CapHeight 700/StemV 80/MissingWidth 500>>>>" % (b"500 " * 224)
)
"""Not embedded, but with its measures: boxes are the same whatever fonts a machine has."""


def assembled(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Objects 1, 2, ... as a file; the first is the catalog."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))
    return out + table + end


def stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n" % (len(data), about) + data + b"\nendstream"


def text(value: str) -> bytes:
    """A text string in UTF-16, as hexadecimal."""
    return b"<feff" + value.encode("utf-16-be").hex().encode() + b">"


def written(*lines: str, x: int = 72, y: int = 770, size: int = 12, leading: int = 20) -> bytes:
    """Content that writes lines of Latin text below each other."""
    shown = b"".join(
        b"(%s) Tj 0 -%d Td " % (line.encode("cp1252").replace(b"(", rb"\(").replace(b")", rb"\)"), leading)
        for line in lines
    )
    return b"BT /F %d Tf %d %d Td %sET" % (size, x, y, shown)


def han(*lines: str, vertical: bool = False, x: int = 72, y: int = 700) -> bytes:
    """Content that writes lines of Chinese below each other, or columns from right to left."""
    step = b"-40 0 Td " if vertical else b"0 -40 Td "
    shown = b"".join(b"<%s> Tj %s" % (line.encode("utf-16-be").hex().encode(), step) for line in lines)
    return b"BT /F 20 Tf %d %d Td %sET" % (x, y, shown)


IMAGE = b"q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
"""Content that fills an A4 page with an image."""


def pdf(
    *contents: bytes,
    box: str = A4,
    page: str = "",
    font: bytes = LATIN,
    information: bytes = b"",
    catalog: bytes = b"",
    more: Iterable[bytes] = (),
) -> bytes:
    """A file with a page for each content. `more` are objects from number ``5 + 2 * pages`` on (3 is the font, 4 the
    information, then page and content of each page).
    """
    kids = " ".join(f"{5 + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>".encode(),
        font,
        b"<<%s>>" % information,
    ]
    for index, content in enumerate(contents):
        about = f"<</Type/Page/Parent 2 0 R/MediaBox{box}{page}/Contents {6 + 2 * index} 0 R"
        objects += [f"{about}/Resources<</Font<</F 3 0 R>>>>>>".encode(), stream(content)]
    return assembled([*objects, *more], b"/Info 4 0 R" if information else b"")


def chinese(*contents: bytes, vertical: bool = False) -> bytes:
    """A file in a Chinese font that is not embedded, as office programs of the nineties wrote them."""
    first = 5 + 2 * len(contents)
    font = (
        f"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-{'V' if vertical else 'H'}"
        f"/DescendantFonts[{first} 0 R]>>"
    )
    descendant = (
        f"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)"
        f"/Supplement 2>>/FontDescriptor {first + 1} 0 R/DW 1000>>"
    )
    about = (
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -200 1000 900]/Ascent 800/Descent -200"
        b"/ItalicAngle 0/CapHeight 700/StemV 80>>"
    )
    return pdf(*contents, font=font.encode(), more=(descendant.encode(), about))
