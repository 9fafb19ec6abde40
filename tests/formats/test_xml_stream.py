"""An XML text in pieces: no byte without an owner, no memory without a bound, nothing lost in silence."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.formats import xml_stream
from records.formats.base import Rejected
from records.formats.pieces import Fault, Piece, Role
from records.formats.xml_copy import Span
from records.formats.xml_stream import Element, pieces

ITEMS = frozenset({("list", "item")})


class Slow(io.BytesIO):
    """A stream that gives few bytes at a time, so that every token is torn somewhere."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._most)


def walk(text: str | bytes, most: int = 1 << 18, **options) -> list[Piece]:
    data = text.encode() if isinstance(text, str) else text
    options.setdefault("wanted", ITEMS)
    found = list(pieces(Slow(data, most), **options))
    at = 0
    for piece in found:
        assert piece.offset == at
        at += piece.length
    assert at == len(data)
    return found


def items(found: list[Piece]) -> list[Element]:
    return [piece.value for piece in found if piece.role is Role.ELEMENT]


def shown(found: list[Piece]) -> list[tuple[str, str]]:
    return [(item.attributes.get("n", ""), item.text) for item in items(found)]


@pytest.mark.parametrize("most", [1, 2, 7, 1 << 18])
def test_elements_come_whole_and_the_frame_around_them_is_owned(most: int) -> None:
    text = (
        '<?xml version="1.0"?>\n<list a="1">\n <item n="1">x<b>y</b></item>\n <!-- c -->'
        '<other><item/></other><item n="2"/></list>\n'
    )
    found = walk(text, most)
    assert shown(found) == [("1", "x"), ("2", "")]
    assert items(found)[0].children[0].text == "y"
    assert [piece.path for piece in found if piece.role is Role.FRAME] == [
        (), ("list",), ("list", "other"), ("list",)
    ]  # fmt: skip
    assert found[1].value.attributes == {"a": "1"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("most", [1, 3, 1 << 18])
def test_two_halves_of_a_character_are_mended_and_offsets_stay_those_of_the_file(most: int) -> None:
    text = '<list><item n="a&#55357;&#56832;b&#xD83D;&#xde00;"/><item n="c"/></list>'
    found = walk(text, most, mend_references=True)
    assert shown(found) == [("a\U0001f600b\U0001f600", ""), ("c", "")]
    assert text[found[2].offset :].startswith('<item n="c"')
    assert not any(piece.broken_bytes for piece in found)


@pytest.mark.parametrize("most", [1, 5, 1 << 18])
@pytest.mark.parametrize(
    ("written", "meant"),
    [("&#55357;", "\ufffd"), ("&#56832;", "\ufffd"), ("&#0;", "\u2400"), ("&#x1f;", "\ufffd"), ("\0", "\u2400"),
     ("\x0b", "\ufffd"), ("\uffff", "\ufffd"), ("&#56832;&#55357;", "\ufffd\ufffd"),
     ("&#55357;&#55357;&#56832;", "\ufffd\U0001f600")],
)  # fmt: skip
def test_what_is_no_character_is_replaced_and_marked(written: str, meant: str, most: int) -> None:
    found = walk(f'<list><item n="a{written}b"/><item n="c"/></list>', most, mend_references=True)
    assert shown(found) == [(f"a{meant}b", ""), ("c", "")]
    assert [piece.broken_bytes for piece in found if piece.role is Role.ELEMENT] == [True, False]


def test_every_half_of_a_character_is_known_and_no_other_reference_is_touched() -> None:
    for number in (*range(1, 40), *range(0xD7F0, 0xE010), *range(0xFFF0, 0x10010)):
        for written in (f"&#{number};", f"&#x{number:x};"):
            found = walk(f'<list><item n="{written}"/></list>', mend_references=True)
            forbidden = (number < 32 and number not in (9, 10, 13)) or 0xD800 <= number < 0xE000
            forbidden = forbidden or number in (0xFFFE, 0xFFFF)
            assert shown(found) == [("\ufffd" if forbidden else chr(number), "")], written
            assert found[1].broken_bytes == forbidden


@pytest.mark.parametrize("most", [1, 4, 1 << 18])
def test_bytes_that_are_no_text_are_replaced_and_marked(most: int) -> None:
    data = '<list><item n="é'.encode() + b'\xff\xc3"/><item n="\xe2\x82\xac"/></list>'
    found = walk(data, most)
    assert shown(found) == [("é\ufffd\ufffd", ""), ("€", "")]
    assert [piece.broken_bytes for piece in found if piece.role is Role.ELEMENT] == [True, False]


@pytest.mark.parametrize("most", [1, 6, 1 << 18])
def test_an_attachment_stays_in_the_file_and_its_place_is_told(most: int) -> None:
    content = "QUJD" * 500
    text = (
        f"""<list><item n='said &lt;part data="no"'><part seq="0" text='a "data="b"' data="{content}"/>"""
        f"""<part data='QQ=='  ct="x"/><part data="null"/><part data=""/></item><item n="2"/></list>"""
    )
    found = walk(text, most, left=("part", "data"))
    first, second = items(found)
    assert first.attributes["n"] == 'said <part data="no"'
    large, small, none, empty = first.children
    assert large.left is not None and small.left is not None
    assert text[large.left.offset :][: large.left.length] == content
    assert text[small.left.offset :][: small.left.length] == "QQ=="
    assert "data" not in large.attributes and large.attributes["text"] == 'a "data="b"'
    assert none.left is None and none.attributes["data"] == "null"
    assert empty.left is None
    assert second.attributes == {"n": "2"}


def test_memory_does_not_grow_with_an_attachment() -> None:
    part = b"QUJD" * 250_000
    data = b'<list><item><part data="' + part * 40 + b'"/></item></list>'
    stream = io.BytesIO(data)
    tracemalloc.start()
    found = list(pieces(stream, ITEMS, left=("part", "data")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[1].value.children[0].left == Span(24, 40_000_000)  # type: ignore[attr-defined]
    assert peak < 8_000_000


@pytest.mark.parametrize("most", [1, 9, 1 << 18])
@pytest.mark.parametrize(
    ("end", "fault"),
    [('<item n="3"\n <oops/></list>', Fault.MALFORMED), ("</lost><item/></list>", Fault.MALFORMED),
     ('<item n="3" n="4"/></list>', Fault.MALFORMED), ("&nothing;</list>", Fault.MALFORMED),
     ("", Fault.CUT), ('<item n="', Fault.CUT), ("<item>x", Fault.CUT), ("</list>more", Fault.EXTRA),
     ("</list><list/>", Fault.EXTRA)],
)  # fmt: skip
def test_what_is_whole_before_a_broken_place_is_kept(end: str, fault: Fault, most: int) -> None:
    start = '<list>\n<item n="1"/>\n<item n="2">x</item>'
    found = walk(start + end, most)
    assert shown(found) == [("1", ""), ("2", "x")]
    assert found[-1].role is Role.BROKEN
    assert found[-1].fault is fault
    if fault is not Fault.EXTRA:
        assert found[-1].offset == len(start)


def test_text_between_the_elements_is_told() -> None:
    found = walk('<list><item n="1"/> stray <item n="2"/></list>')
    assert shown(found) == [("1", ""), ("2", "")]
    (stray,) = [piece for piece in found if piece.role is Role.BROKEN]
    assert stray.fault is Fault.EXTRA


@pytest.mark.parametrize(
    "declared",
    ['<!DOCTYPE list [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', '<!DOCTYPE list SYSTEM "file:///etc/passwd">'],
)  # fmt: skip
def test_a_document_type_is_refused(declared: str) -> None:
    with pytest.raises(Rejected, match="F-DOCTYPE"):
        walk(f"<?xml version='1.0'?>{declared}<list><item>&b;</item></list>")


def test_utf_16_is_refused_with_its_name() -> None:
    with pytest.raises(Rejected, match="F-ENCODING"):
        walk('<list><item n="1"/></list>'.encode("utf-16"))


@pytest.mark.parametrize("name", ["UTF-0", "gb18030", "rot13"])
def test_an_encoding_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="F-ENCODING"):
        walk(f'<?xml version="1.0" encoding="{name}"?><list/>')


def test_an_encoding_that_the_text_declares_is_read() -> None:
    data = '<?xml version="1.0" encoding="windows-1252"?><list><item n="é€ï¿¿"/></list>'.encode(
        "cp1252"
    )
    assert shown(walk(data)) == [("é€ï¿¿", "")]


def test_too_many_levels_end_the_reading() -> None:
    found = walk('<list><item n="1"/><item>' + "<b>" * 200 + "</b>" * 200 + "</item></list>")
    assert shown(found) == [("1", "")]
    assert found[-1].fault is Fault.DEEP


def test_an_element_that_is_too_large_is_left_unread_and_the_next_is_read(monkeypatch) -> None:
    monkeypatch.setattr(xml_stream, "LARGEST", 5_000)
    found = walk('<list><item n="1">' + "<b>x</b>" * 1_000 + '</item><item n="2"/></list>', 700)
    assert shown(found) == [("2", "")]
    assert [piece.fault for piece in found if piece.role is Role.BROKEN] == [Fault.LARGE]


def test_a_tag_without_end_is_not_kept_in_memory(monkeypatch) -> None:
    monkeypatch.setattr(xml_stream, "LARGEST", 5_000)
    found = walk('<list><item n="1"/><item n="' + "x" * 50_000 + '"/></list>', 700)
    assert shown(found) == [("1", "")]
    assert found[-1].fault is Fault.LARGE


TOKENS = st.sampled_from(
    ["<list>", "</list>", "<item>", "</item>", '<item n="', '"/>', "<part ", "data='", "data=\"", "'/>", "x",
     "&#55357;", "&#56832;", "&#", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "\0", "é", "&amp;", "<", ">", "\n"]
)  # fmt: skip


@given(
    st.lists(st.one_of(TOKENS.map(str.encode), st.binary(max_size=3)), max_size=30),
    st.integers(1, 40),
)
def test_every_byte_of_anything_has_an_owner(tokens: list[bytes], most: int) -> None:
    data = b"<list>" + b"".join(tokens)
    try:
        whole = walk(data, left=("part", "data"), mend_references=True)
    except Rejected:  # a null byte or a document type at its start
        return
    torn = walk(data, most, left=("part", "data"), mend_references=True)
    assert shown(torn) == shown(whole)
