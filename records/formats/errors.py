"""Why a file cannot be read as a message export: one sentence for each code, with what to do next.

The file itself is kept whatever the answer is: a file that cannot be read is still a Federal record
(44 U.S.C. 3301).
"""

from __future__ import annotations

from records.formats.base import Rejected

AGAIN = "Make the export again on the phone and hand in the new file; this one is kept."
UNTOUCHED = "Hand in the archive exactly as the phone made it; this one is kept."
ONE_CHAT = 'Hand in the file that "Export chat" makes, as it is.'

SENTENCES: dict[str, str] = {
    "F-EMPTY": f"The file is empty: it holds no bytes. Check the copy. {AGAIN}",
    "F-BLANK": (
        "The file holds nothing but {what}, which is what a copy that failed leaves behind. "
        "Copy it again from the phone or the mail and hand in the new copy; this one is kept."
    ),
    "F-PHOTO": (
        "This is a picture, sound or video file ({what}), not a chat export, whatever its "
        f"name says. {ONE_CHAT}"
    ),
    "F-PDF": (
        f"This is a PDF document, not a chat export. A printed chat has lost its proof. {ONE_CHAT}"
    ),
    "F-DATABASE": (
        "This is {what}, not a chat export. It is kept as it is. To have it read, open the chat"
        ' in the app and use "Export chat".'
    ),
    "F-DOCUMENT": f"This is {{what}}, not a chat export. {ONE_CHAT}",
    "F-DOCTYPE": (
        "The file declares a document type, which no message export does and an attack can (it "
        "would let the file name other files, or grow without end). Hand in the file as the app "
        "made it; this one is kept."
    ),
    "F-ARCHIVE": (
        "This is {what}, a kind of archive that phones do not make. Unpack it and hand in the "
        ".txt or .zip file inside; this one is kept."
    ),
    "F-ENCODING": (
        "The text is written as {what}, which no phone export uses, so another program has "
        "saved it again. Hand in the file as the phone made it; this one is kept."
    ),
    "F-UNKNOWN": (
        "No line of this file looks like a message of an app that can be read here. If it is an"
        " export of another app, tell the records officer which app made it; if not, hand in the"
        " right file. This one is kept."
    ),
    "F-CHANGED": (
        "The file became shorter while it was read. The storage needs attention: tell the "
        "administrator, and have the sealed file verified."
    ),
    "Z-EMPTY": f"The archive holds no files. {AGAIN}",
    "Z-TRUNCATED": (
        "The archive is cut off: its list of files, which stands at the end, is missing. The "
        "copy or upload stopped early. Copy it again from the phone and hand in the new copy; "
        "this one is kept."
    ),
    "Z-TRAILING": f"Bytes follow the end of the archive, so something was added to it. {UNTOUCHED}",
    "Z-PREPENDED": f"Bytes stand before the first file of the archive. {UNTOUCHED}",
    "Z-TWO-ENDS": (
        "The archive has more than one list of files, so two programs could see different "
        f"content. {UNTOUCHED}"
    ),
    "Z-SPLIT": (
        "The archive is one part of several. Join the parts, or make the export again in one file."
    ),
    "Z-ZIP64": f"The sizes that the archive declares contradict each other. {UNTOUCHED}",
    "Z-DIRECTORY": (
        f"The archive's list of files is damaged or does not stand where it should. {AGAIN}"
    ),
    "Z-EXTRA": f"Extra data in the archive's list of files is damaged. {AGAIN}",
    "Z-MANY-FILES": (
        "The archive declares {count:,} files; at most {limit:,} are read. Export each chat by "
        "itself."
    ),
    "Z-TOO-LARGE": (
        "Unpacked, the archive would take {size:,} bytes; at most {limit:,} are read. Export "
        "the chat without media, or in parts."
    ),
    "Z-BOMB": (
        "A file in the archive unpacks to {ratio:,} times its packed size, which no chat does"
        f" and an attack does. {UNTOUCHED}"
    ),
    "Z-ENCRYPTED": (
        "The archive is locked with a password. Make the export again without a password."
    ),
    "Z-METHOD": (
        "A file in the archive is packed by a method (number {method}) that phones do not use. "
        "Unpack it and hand in the chat, or make the export again."
    ),
    "Z-LINK": (
        "The archive holds a link or a device in place of a file. Such an entry can point "
        f"outside the archive. {UNTOUCHED}"
    ),
    "Z-NAME": f"A file name in the archive cannot be trusted: it {{what}}. {UNTOUCHED}",
    "Z-NAME-TWICE": (
        "Two files in the archive have the same name, or names that differ only in letter case "
        f"or in how accents are written, so it is not certain which one is meant. {UNTOUCHED}"
    ),
    "Z-DIFFERS": (
        "The archive describes a file in two places, and the two differ in {what}. Two "
        f"programs could see different content. {UNTOUCHED}"
    ),
    "Z-OVERLAP": f"Files in the archive share bytes, which only an attack does. {UNTOUCHED}",
    "Z-HIDDEN": (
        f"The archive holds {{count:,}} bytes that belong to none of its files. {UNTOUCHED}"
    ),
    "Z-SIZE": f"A file in the archive is not as long as the archive says. {AGAIN}",
    "Z-DAMAGED": f"A file in the archive is damaged and cannot be unpacked. {AGAIN}",
    "Z-CRC": (
        "A file in the archive does not match its own check sum, so it was damaged or changed "
        f"after the archive was made. {AGAIN}"
    ),
    "Z-NO-CHAT": f"The archive holds no chat text that can be read. {ONE_CHAT}",
    "Z-NESTED": "The archive holds only other archives. Hand in each of them by itself.",
    "Z-MEMBER": "The archive holds no file of that name. Go back to the list of files.",
    "R-SCHEMA": (
        "The RSMF manifest breaks the rules of its format: {what}. The vendor's validator refuses such a file too, and "
        "who wrote what could not be told. Ask whoever made it for a new file; this one is kept."
    ),
    "R-NO-ARCHIVE": (
        "The file says that it is RSMF, but it holds no rsmf.zip, which carries the messages. Ask whoever made it for "
        "a new file; this one is kept."
    ),
    "R-ARCHIVES": (
        "The RSMF file holds {count} attachments of the name rsmf.zip, so it is not certain which one is meant. Ask "
        "whoever made it for a new file; this one is kept."
    ),
    "R-SLICES": (
        "The archive holds RSMF files ({what}), and each of them is an export of its own. Unpack it and hand in the "
        ".rsmf files; many can be chosen at once. This archive is kept."
    ),
    "R-BASE64": (
        "The archive inside the RSMF file is not written in whole base64, so it was damaged or cut off. Copy or make "
        "the file again; this one is kept."
    ),
}


def reject(code: str, place: str = "", **values: object) -> Rejected:
    """The coded answer for a file that cannot be read; `place` is a file name inside it or a
    position.
    """
    return Rejected(code, SENTENCES[code].format(**values), place[:300])
