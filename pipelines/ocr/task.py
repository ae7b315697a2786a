"""What a worker process does with a page image: its pictures, read one by one, each within its time."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PIL import Image

from mappings.record import Problem, clean
from pipelines.ocr import rapid, tesseract
from pipelines.ocr.engines import Choice
from pipelines.ocr.pictures import BadPicture, picture
from pipelines.ocr.reading import Reading, encoded, sureness

PAGE_SECONDS: Final = 120
"""After which a page that is not read yet never will be: its process is ended. A page of a book takes two to five."""
_SURE: Final = 0.7
"""Mean confidence from which nobody else is asked. Tesseract: 0.9 on print it was made for, 0.4 on columns of Chinese
it takes for lines.
"""
_AGAIN: Final = "look at the image; it is read again when the file or the engine has changed"


@dataclass(frozen=True, slots=True)
class ReadTask:
    """Pictures of one file to be read. `path` is a copy of it that stays until all of them are done."""

    path: str
    frames: tuple[int, ...]
    choice: Choice
    seconds: float = PAGE_SECONDS
    alone: bool = False

    @property
    def size(self) -> int:
        """Pictures, since they and not their bytes take the time."""
        return len(self.frames)

    def split(self) -> list[ReadTask]:
        """A task per picture, for finding the one that kills its worker."""
        return [replace(self, frames=(frame,)) for frame in self.frames]

    def run(self) -> Iterator[tuple[int, bytes | Problem]]:
        """(frame, reading as JSON or why there is none) of each picture.

        The watch ends the process from a thread that needs no lock of Python's: whatever native code does, it is over
        in time.
        """
        with Path(os.devnull).open("w") as nowhere:
            for frame in self.frames:
                faulthandler.dump_traceback_later(self.seconds, exit=True, file=nowhere)
                found = self._read(frame)
                faulthandler.cancel_dump_traceback_later()
                yield frame, found

    def _read(self, frame: int) -> bytes | Problem:
        try:
            image, size = picture(Path(self.path), frame)
            return encoded(self._surest(image, size))
        except BadPicture as bad:
            return bad.problem
        except tesseract.Failed as error:
            return Problem("ocr-failed", str(error), _AGAIN)
        except Exception as error:  # an engine that breaks its promise must not take the worker with it
            said = clean(str(error)[:200]) or "it says nothing"
            return Problem("ocr-failed", f"{self.choice.by} broke off: {type(error).__name__}: {said}", _AGAIN)

    def _surest(self, image: Image.Image, size: tuple[int, int]) -> Reading:
        """What the engine read; where it is unsure and another is to be asked, what they are surer of in all."""
        found = self._reading(self.choice, image, size)
        if self.choice.second is None or sureness(found.lines)[1] >= _SURE:
            return found
        other = self._reading(self.choice.after, image, size)
        return max(found, other, key=lambda one: sureness(one.lines)[0])

    def _reading(self, choice: Choice, image: Image.Image, size: tuple[int, int]) -> Reading:
        scale = image.width / size[0]
        if choice.engine == "rapidocr":
            lines = rapid.read(image, scale)
        else:
            lines = tesseract.read(image, scale, choice.languages, self.seconds / 2)
        return Reading(*size, choice.by, lines, choice.language if lines else None)
