"""Answers of the query protocol (IAM and STS), written by the range itself."""

from xml.sax.saxutils import escape

from .call import Answer

NAMESPACES = {"iam": "https://iam.amazonaws.com/doc/2010-05-08/", "sts": "https://sts.amazonaws.com/doc/2011-06-15/"}


def written(call, result):
    """The gate fills in the request id, which only it knows."""
    name = call.operation
    body = (
        f'<{name}Response xmlns="{NAMESPACES[call.service]}"><{name}Result>{elements(result)}</{name}Result>'
        f"<ResponseMetadata><RequestId>{{request_id}}</RequestId></ResponseMetadata></{name}Response>"
    )
    return Answer(200, [("Content-Type", "text/xml")], body.encode())


def elements(told):
    if isinstance(told, dict):
        return "".join(f"<{name}>{elements(value)}</{name}>" for name, value in told.items())
    if isinstance(told, list):
        return "".join(f"<member>{elements(value)}</member>" for value in told)
    if isinstance(told, bool):
        return str(told).lower()
    return escape(str(told))
