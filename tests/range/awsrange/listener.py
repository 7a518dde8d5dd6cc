"""The HTTP server: loopback only, a thread a connection, connections kept alive.

Not werkzeug's own server: that one closes every connection after its first answer.
"""

import socket
import struct
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .call import Answer


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, the_range):
        super().__init__(address, Conversation)
        self.range = the_range
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def server_bind(self):
        # The standard one asks the name service for the host's name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        """A client that hangs up is no error of the range; anything else is told."""
        import sys

        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 64 * 1024

    def answer_request(self):
        body = self.read_body()
        answer = self.server.range.answer(self.command, self.path, self.headers, body, self.client_address[0])
        self.send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer_request

    def read_body(self):
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return b"".join(iter(self.read_chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def read_chunk(self):
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def send(self, answer: Answer):
        if answer.cut == "before":
            return self.reset()
        whole = head(answer) + (b"" if self.command == "HEAD" else answer.body)
        if answer.cut == "within":
            self.wfile.write(whole[: max(1, len(whole) - len(answer.body) // 2 - 1)])
            return self.reset()
        self.wfile.write(whole)
        if answer.cut == "short":
            self.close_connection = True

    def reset(self):
        """Ends the connection with a TCP reset, as a broken network path does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_):
        pass


def head(answer):
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
    named = set()
    for name, value in answer.headers:
        lines.append(f"{name}: {value}")
        named.add(name.lower())
    if "date" not in named:
        lines.append(f"Date: {formatdate(usegmt=True)}")
    if "content-length" not in named:
        lines.append(f"Content-Length: {len(answer.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
