"""The names of S3's operations. The wire does not carry them: they follow from method, path and query."""

BUCKET = {
    "acl": "Acl",
    "accelerate": "AccelerateConfiguration",
    "cors": "Cors",
    "encryption": "Encryption",
    "lifecycle": "LifecycleConfiguration",
    "location": "Location",
    "logging": "Logging",
    "notification": "NotificationConfiguration",
    "ownershipControls": "OwnershipControls",
    "policy": "Policy",
    "policyStatus": "PolicyStatus",
    "replication": "Replication",
    "requestPayment": "RequestPayment",
    "tagging": "Tagging",
    "versioning": "Versioning",
    "website": "Website",
}
OBJECT = {
    "acl": "ObjectAcl",
    "attributes": "ObjectAttributes",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}
VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

# The permission that an operation needs, where its name differs from the operation's.
PERMISSIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}


def operation_name(method, bucket, key, query, headers):
    if not bucket:
        return "ListBuckets"
    return object_operation(method, query, headers) if key else bucket_operation(method, query)


def bucket_operation(method, query):
    for subresource, name in BUCKET.items():
        if subresource in query and method in VERBS:
            return f"{VERBS[method]}Bucket{name}"
    if "publicAccessBlock" in query:
        return f"{VERBS[method]}PublicAccessBlock"
    if "object-lock" in query:
        return f"{VERBS[method]}ObjectLockConfiguration"
    if method == "GET":
        if "versions" in query:
            return "ListObjectVersions"
        if "uploads" in query:
            return "ListMultipartUploads"
        return "ListObjectsV2" if query.get("list-type") == "2" else "ListObjects"
    if method == "POST" and "delete" in query:
        return "DeleteObjects"
    return {"HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}.get(method, f"{method}Bucket")


def object_operation(method, query, headers):
    if method == "PUT" and "encryption" in query:
        return "UpdateObjectEncryption"
    for subresource, name in OBJECT.items():
        if subresource in query and method in VERBS:
            return f"{VERBS[method]}{name}"
    if "uploadId" in query:
        copies = method == "PUT" and "x-amz-copy-source" in headers
        part = "UploadPartCopy" if copies else "UploadPart"
        return {"PUT": part, "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}.get(
            method, "ListParts"
        )
    if method == "POST":
        return "CreateMultipartUpload" if "uploads" in query else "RestoreObject"
    if method == "PUT" and "x-amz-copy-source" in headers:
        return "CopyObject"
    return {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}.get(method, method)


def permission(operation):
    return f"s3:{PERMISSIONS.get(operation, operation)}"


def is_data_event(operation):
    """Whether CloudTrail counts the operation as a data event: those that act on objects."""
    return operation.endswith(
        ("Object", "Objects", "ObjectVersions", "ObjectsV2", "Part", "PartCopy", "Parts")
    ) or operation in (
        *(verb + name for verb in VERBS.values() for name in OBJECT.values()),
        "UpdateObjectEncryption",
        "CreateMultipartUpload",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
        "HeadBucket",
    )
