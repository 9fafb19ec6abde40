"""A program that speaks clamd's protocol on a real socket: VERSION and INSTREAM, as clamd(8) describes them.

`python clamd_server.py tcp` or `python clamd_server.py unix PATH`; says its port on the first line. What it finds is
told by the bytes: EICAR is infected, and some words have it behave as clamd does in other cases.
"""

from __future__ import annotations

import socketserver
import struct
import sys
import time

EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
MOST = 1 << 20  # StreamMaxLength
SIGNATURES = "27500"
ANSWERS = {
    b"PLEASE-EXCEED-LIMITS": "stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND",
    b"PLEASE-BE-ENCRYPTED": "stream: Heuristics.Encrypted.Zip FOUND",
    b"PLEASE-FAIL": "stream: Can't allocate memory ERROR",
    EICAR: "stream: Eicar-Test-Signature FOUND",
}


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        command = self._until_nul()
        if command == b"zVERSION":
            self._say(f"ClamAV 1.4.3/{SIGNATURES}/Mon Nov 23 08:00:00 2026")
        elif command == b"zINSTREAM":
            self._instream()
        else:
            self._say("UNKNOWN COMMAND")

    def _instream(self) -> None:
        got = b""
        while size := struct.unpack(">L", self._exactly(4))[0]:
            if len(got) + size > MOST:
                self._say("INSTREAM size limit exceeded. ERROR")
                return
            got += self._exactly(size)
        if b"PLEASE-HANG-UP" in got:
            return
        if b"PLEASE-BE-SLOW" in got:
            time.sleep(3)
        for word, answer in ANSWERS.items():
            if word in got:
                self._say(answer)
                return
        self._say("stream: OK")

    def _say(self, words: str) -> None:
        self.request.sendall(words.encode() + b"\0")

    def _until_nul(self) -> bytes:
        got = b""
        while not got.endswith(b"\0"):
            got += self._exactly(1)
        return got[:-1]

    def _exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            piece = self.request.recv(count - len(got))
            if not piece:
                raise SystemExit
            got += piece
        return got


class Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


if __name__ == "__main__":
    if sys.argv[1] == "unix":
        server: socketserver.BaseServer = Unix(sys.argv[2], Handler)
        print(0, flush=True)
    else:
        port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
        server = Tcp(("127.0.0.1", port), Handler)
        print(server.server_address[1], flush=True)
    server.serve_forever()
