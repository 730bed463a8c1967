"""A virus scanner that knows one virus, the EICAR test file: clamd's PING and INSTREAM, with its limit of 25 MB."""

import base64
import socketserver
import struct
from threading import Thread

# Not in plain letters: the scanners of whoever works on this would take the file away.
EICAR = base64.b64decode("WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=")
LIMIT = 25 * 1024 * 1024


def serve_clamd(port: int) -> socketserver.ThreadingTCPServer:
    """Listening on loopback at once, in threads of its own."""
    server = Scanner(("127.0.0.1", port), _Conversation)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


class Scanner(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Conversation(socketserver.StreamRequestHandler):
    timeout = 30

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0") and len(command) < 32 and (letter := self.rfile.read(1)):
            command += letter
        answers = {b"zPING\0": lambda: b"PONG", b"zINSTREAM\0": self._instream}
        self.wfile.write(answers.get(command, lambda: b"UNKNOWN COMMAND")() + b"\0")

    def _instream(self) -> bytes:
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4).ljust(4, b"\0"))[0]:
            if len(content) + size > LIMIT:
                return b"INSTREAM size limit exceeded. ERROR"
            content += self.rfile.read(size)
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
