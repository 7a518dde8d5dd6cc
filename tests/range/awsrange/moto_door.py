"""The way to moto: one WSGI application, told by a header whose account a call is for."""

import io
from urllib.parse import unquote, urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from .call import Answer

moto = DomainDispatcherApplication(create_backend_app)

# The range sets these itself.
REPLACED = {
    "date",
    "server",
    "content-length",
    "connection",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-amz-id-2",
    "access-control-allow-origin",
}


def pass_on(account, call, body=None, headers=None):
    """Lets moto answer. `body` and `headers` take the place of the caller's own."""
    body = call.body if body is None else body
    environ = environment(account, call, call.headers if headers is None else headers, body)
    told = {}

    def start_response(status, headers, _exc_info=None):
        told.update(status=int(status.split()[0]), headers=headers)

    chunks = moto(environ, start_response)
    whole = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return answer_of(call, told, whole)


def is_kept(name, value):
    """S3 tells of a bucket key only where there is one."""
    return name not in REPLACED and (name, value) != ("x-amz-server-side-encryption-bucket-key-enabled", "false")


def environment(account, call, headers, body):
    split = urlsplit(call.target)
    environ = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(split.path, "latin-1"),
        "QUERY_STRING": split.query,
        "RAW_URI": call.target,
        "REQUEST_URI": call.target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": call.source_ip,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account.id
    # moto reads a Region out of some user agents, before the one that the request was signed for.
    environ["HTTP_USER_AGENT"] = "range"
    return environ


def answer_of(call, told, body):
    headers = [(name, value) for name, value in told["headers"] if is_kept(name.lower(), value)]
    answer = Answer(told["status"], headers, body)
    if call.method == "HEAD":
        length = next((value for name, value in told["headers"] if name.lower() == "content-length"), None)
        if length:
            answer.headers.append(("Content-Length", length))
    return answer
