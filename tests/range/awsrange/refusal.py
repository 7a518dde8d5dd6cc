"""An AWS error, and how each protocol writes it."""

import json
from xml.sax.saxutils import escape

from .call import Answer


class Refusal(Exception):
    def __init__(self, code, message="", status=400):
        super().__init__(code, message)
        self.code, self.message, self.status = code, message, status


def render(call, refusal, request_id):
    write = {"json": render_json, "query": render_query, "s3": render_s3}[call.protocol]
    answer = write(call, refusal, request_id)
    answer.error = refusal
    return answer


def render_json(_call, refusal, _request_id):
    body = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
    return Answer(refusal.status, [("Content-Type", "application/x-amz-json-1.1")], body)


def render_query(call, refusal, request_id):
    code, message = escape(refusal.code), escape(refusal.message)
    if call.service == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        fault = "Sender" if refusal.status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Answer(refusal.status, [("Content-Type", "text/xml")], body.encode())


def render_s3(call, refusal, request_id):
    resource = escape("/" + "/".join(part for part in (call.bucket, call.key) if part))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(refusal.code)}</Code><Message>{escape(refusal.message)}</Message>"
        f"<Resource>{resource}</Resource><RequestId>{request_id}</RequestId><HostId>range</HostId></Error>"
    )
    return Answer(
        refusal.status, [("Content-Type", "application/xml")], b"" if call.method == "HEAD" else body.encode()
    )
