"""Every header style we know of, as something that writes it, and small samples in each.

`python -m tests.formats.whatsapp.styles` writes the samples under tests/formats/samples/whatsapp/.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "samples" / "whatsapp"
NNBSP, NBSP, LRM, RLM = "\u202f", "\u00a0", "\u200e", "\u200f"
ARABIC = str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669")


@dataclass(frozen=True)
class Style:
    """One way to write a header."""

    name: str
    header: Callable[[datetime], str]
    order: str
    variant: str = "android"
    seconds: bool = False
    twelve: bool = False
    calendar: str = "gregorian"
    line_end: str = "\n"
    mark: str = ""  # what iOS puts before its own words

    @property
    def own(self) -> str:
        return self.mark


def twelve(
    moment: datetime,
    *,
    seconds: bool = False,
    gap: str = " ",
    words: tuple[str, str] = ("AM", "PM"),
) -> str:
    hour = moment.hour % 12 or 12
    tail = f":{moment:%S}" if seconds else ""
    return f"{hour}:{moment:%M}{tail}{gap}{words[moment.hour >= 12]}"


def before(moment: datetime, words: tuple[str, str], gap: str = "") -> str:
    return f"{words[moment.hour >= 12]}{gap}{moment.hour % 12 or 12}:{moment:%M}"


SPANISH = (f"a.{NBSP}m.", f"p.{NBSP}m.")
PORTUGUESE = ("da manh\u00e3", "da tarde")
CHINESE, JAPANESE, KOREAN = (
    ("\u4e0a\u5348", "\u4e0b\u5348"),
    ("\u5348\u524d", "\u5348\u5f8c"),
    ("\uc624\uc804", "\uc624\ud6c4"),
)
ARABIC_WORDS = ("\u0635", "\u0645")


def arabic(t: datetime) -> str:
    clock = twelve(t, seconds=True, gap=NBSP, words=ARABIC_WORDS)
    return f"[{arabic_date(t)}\u060c {clock}] ".translate(ARABIC)


def us(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment:%y}"


def arabic_date(moment: datetime) -> str:
    return f"{RLM}{moment.day}{RLM}/{moment.month}{RLM}/{moment.year}"


def ios(name: str, header: Callable[[datetime], str], order: str, **options: object) -> Style:
    options = {"mark": LRM, "line_end": "\r\n", "seconds": True, **options}
    return Style(name, header, order, "ios", **options)  # type: ignore[arg-type]


STYLES = [
    ios("ios_us", lambda t: f"[{us(t)}, {t:%H:%M:%S}] ", "mdy"),
    ios("ios_us_12", lambda t: f"[{us(t)}, {twelve(t, seconds=True, gap=NNBSP)}] ", "mdy", twelve=True),
    ios("ios_uk", lambda t: f"[{t:%d/%m/%Y, %H:%M:%S}] ", "dmy"),
    ios("ios_no_comma", lambda t: f"[{us(t)} {t:%H:%M:%S}] ", "mdy"),
    ios("ios_de", lambda t: f"[{t:%d.%m.%y, %H:%M:%S}] ", "dmy"),
    ios("ios_id", lambda t: f"[{us(t)} {t:%H.%M.%S}] ", "mdy"),
    ios("ios_fi", lambda t: f"[{t.day}.{t.month}.{t.year} klo {t.hour}.{t:%M.%S}] ", "dmy"),
    ios("ios_vi", lambda t: f"[{t:%H:%M:%S}, {us(t)}] ", "mdy"),
    ios("ios_zh", lambda t: f"[{t.year}/{t.month}/{t.day} {t:%H:%M:%S}] ", "ymd"),
    ios("ios_ar", lambda t: f"[{arabic_date(t)}\u060c {t:%H:%M:%S}] ", "dmy", mark=RLM),
    ios("ios_ar_digits", arabic, "dmy", twelve=True, mark=RLM),
    ios("ios_buddhist", lambda t: f"[{t.month}/{t.day}/{t.year + 543} BE, {t:%H:%M:%S}] ", "mdy", calendar="buddhist"),
    ios("ios_thai_region", lambda t: f"[{t.day}/{t.month}/{t.year + 543} {t:%H:%M:%S}] ", "dmy", calendar="buddhist"),
    ios("ios_japanese", lambda t: f"[{t.month}/{t.day}/R{t.year - 2018}, {t:%H:%M:%S}] ", "mdy", calendar="japanese"),
    ios("ios_no_seconds", lambda t: f"[{t:%m/%d/%y %H:%M}] ", "mdy", seconds=False),
    Style("ios_2017", lambda t: f"{us(t)}, {twelve(t, seconds=True)}: ", "mdy", "ios_old", True, True, mark=LRM),
    Style("android_uk", lambda t: f"{t:%d/%m/%Y, %H:%M} - ", "dmy"),
    Style("android_us", lambda t: f"{us(t)}, {twelve(t, gap=NNBSP)} - ", "mdy", twelve=True),
    Style("android_ca", lambda t: f"{t:%Y-%m-%d}, {twelve(t, words=('a.m.', 'p.m.'))} - ", "ymd", twelve=True),
    Style("android_de", lambda t: f"{t:%d.%m.%y, %H:%M} - ", "dmy"),
    Style("android_nl", lambda t: f"{t:%d-%m-%Y %H:%M} - ", "dmy"),
    Style("android_cs", lambda t: f"{t:%d.%m.%y %H:%M} - ", "dmy"),
    Style("android_fr_2017", lambda t: f"{t:%d/%m/%Y} \u00e0 {t:%H:%M} - ", "dmy"),
    Style("android_es_12", lambda t: f"{t.day}/{t.month}/{t.year} {twelve(t, words=SPANISH)} - ", "dmy", twelve=True),
    Style("android_pt_12", lambda t: f"{t:%d/%m/%Y} {twelve(t, words=PORTUGUESE)} - ", "dmy", twelve=True),
    Style("android_sv", lambda t: f"{t:%Y-%m-%d %H:%M} - ", "ymd"),
    Style("android_fi", lambda t: f"{t.day}.{t.month}.{t.year} klo {t.hour}.{t:%M} - ", "dmy"),
    Style("android_zh", lambda t: f"{t.year}/{t.month}/{t.day} {before(t, CHINESE)} - ", "ymd", twelve=True),
    Style("android_ja", lambda t: f"{t.year}/{t.month}/{t.day} {before(t, JAPANESE)} - ", "ymd", twelve=True),
    Style(
        "android_ko",
        lambda t: f"{t.year}. {t.month}. {t.day}. {before(t, KOREAN, ' ')} - ",
        "ymd",
        twelve=True,
    ),
]  # fmt: skip

MOMENTS = [
    datetime(2022, 3, 18, 14, 56, 1),
    datetime(2022, 3, 27, 0, 8, 35),
    datetime(2022, 3, 27, 12, 0, 59),
    datetime(2022, 11, 30, 23, 59, 0),
    datetime(2023, 1, 4, 9, 5, 7),
]


def sample(style: Style) -> bytes:
    """A chat of five entries: a notice, a text, two lines, a deletion, a file left out."""
    omitted = f"{style.mark}image omitted" if style.mark else "<Media omitted>"
    deleted = f"{style.mark}This message was deleted{'.' if style.mark else ''}"
    encryption = f"{style.mark}Messages and calls are end-to-end encrypted."
    bodies = [
        f"Ana: {encryption}" if style.mark else encryption,
        "Ana: Hello",
        "Ben: one\ntwo",
        f"Ben: {deleted}",
        f"Ana: {omitted}",
    ]
    lines = [
        f"{style.header(moment)}{body}{style.line_end}"
        for moment, body in zip(MOMENTS, bodies, strict=True)
    ]
    if style.mark:
        lines[4] = style.mark + lines[4]
    return "".join(lines).encode()


if __name__ == "__main__":
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for one in STYLES:
        (SAMPLES / f"{one.name}.txt").write_bytes(sample(one))
