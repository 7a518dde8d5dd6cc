"""The messages with which S3 refuses UpdateObjectEncryption, as its API reference gives them."""

NO_TYPE = (
    "Requests that modify an object encryption configuration require a valid new encryption type. "
    "Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, "
    "and then try again."
)
NO_ARN = (
    "Requests that modify an object's encryption type to SSE-KMS require an Amazon Web Services KMS key "
    "Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again."
)
BAD_ARN = (
    "Requests that modify an object's encryption type to SSE-KMS require a valid Amazon Web Services KMS key "
    "Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, "
    "and then try again."
)
BAD_BUCKET_KEY = (
    "The BucketKeyEnabled value isn't valid. Valid values are true or false. "
    "Modify the request to specify a valid value, and then try again."
)
FOREIGN_KEY = (
    "The Amazon Web Services KMS key in the request must be owned by the same account as the bucket. "
    "Modify the request to specify a KMS key from the same account, and then try again."
)
UNENCRYPTED = (
    "The UpdateObjectEncryption operation doesn't support unencrypted source objects. "
    "Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
)
OTHER_TYPE = (
    "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. "
    "Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
)
LOCKED = (
    "The encryption type for the specified object can't be updated because that object is protected by "
    "S3 Object Lock. If the object has a governance-mode retention period or a legal hold, you must first remove "
    "the Object Lock status on the object before you issue your UpdateObjectEncryption request. You can't use the "
    "UpdateObjectEncryption operation with objects that have an Object Lock compliance mode retention period "
    "applied to them."
)
