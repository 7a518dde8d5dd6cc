"""Buckets and their objects, some in several versions, under the customer key or not."""

from datetime import timedelta

from moto.s3.models import s3_backends

from ..times import naive


def fill(account, key):
    exports = make(account, f"customer-exports-{account.id}", "kms", key.arn, versioned=True)
    uploads = make(account, f"customer-uploads-{account.id}", "kms", "alias/customer-pii-encryption-key")
    public = make(account, f"public-assets-{account.id}", "none", None)
    logs = make(account, log_bucket(account), "none", None)
    if account.options.get("vault"):
        vault = make(account, vault_bucket(account), "none", None, versioned=True)
        vault.object_lock_enabled = True
    for number in range(account.options.get("objects", 12)):
        export(account, exports, number, key)
    for number in range(8):
        upload(account, uploads, number, key)
    for name in ("logo.svg", "styles.css", "robots.txt"):
        put(account, public, f"static/{name}", f"{name}\n".encode(), days=90)
    return [
        described(public_name, bucket)
        for public_name, bucket in (("exports", exports), ("uploads", uploads), ("public", public), ("trail", logs))
    ]


def log_bucket(account):
    return f"trail-logs-{account.id}"


def vault_bucket(account):
    """A bucket with Object Lock and without a default retention; only where the option `vault` asks for it."""
    return f"evidence-vault-{account.id}"


def backend_of(account):
    return s3_backends[account.id]["aws"]


def make(account, name, encryption, key_name, versioned=False, region=None):
    bucket = backend_of(account).create_bucket(name, region or account.region)
    bucket.creation_date = naive(account.now() - timedelta(days=500))
    if versioned:
        bucket.versioning_status = "Enabled"
    if encryption == "kms":
        usual = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_name}
        bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": usual, "BucketKeyEnabled": "false"}}
    return bucket


def put(account, bucket, name, body, days, key=None, storage="STANDARD", metadata=None, tags=None):
    encryption = (
        {"encryption": "aws:kms", "kms_key_id": key.arn, "bucket_key_enabled": "false"}
        if key
        else {"encryption": "AES256"}
    )
    backend = backend_of(account)
    stored = backend.put_object(bucket.name, name, body, storage=storage, disable_notification=True, **encryption)
    # moto takes the bucket's default key where it knows one, by the name that the bucket calls it.
    stored.kms_key_id = key.arn if key else None
    stored.last_modified = naive(account.now() - timedelta(days=days))
    stored.set_metadata(metadata or {})
    if tags:
        backend.put_object_tagging(stored, tags)
    return stored


def export(account, bucket, number, key):
    """One in three has one version, one in three has two, one in three has three."""
    region = ("eu", "us", "apac")[number % 3]
    name = f"exports/{region}/customers-{number:05d}.csv"
    for version in range(number % 3 + 1):
        put(
            account,
            bucket,
            name,
            f"id,name,email\n{number},Customer {number},c{number}@example.com,v{version}\n".encode(),
            days=30 - 7 * version,
            key=key,
            storage="STANDARD_IA" if number % 4 == 3 else "STANDARD",
            metadata={
                "Content-Type": "text/csv",
                "x-amz-meta-exported-by": "etl-nightly",
                "x-amz-meta-batch": str(version),
            },
            tags={"classification": "pii", "region": region} if number % 2 == 0 else None,
        )


def upload(account, bucket, number, key):
    name = f"uploads/id-document-{number:04d}.pdf"
    put(
        account,
        bucket,
        name,
        b"%PDF-1.7 " + bytes(str(number), "ascii") * 64,
        days=number + 1,
        key=key,
        metadata={"Content-Type": "application/pdf"},
    )


def described(purpose, bucket):
    encryption = (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    names = list(bucket.keys.keys())
    return {
        "name": bucket.name,
        "purpose": purpose,
        "encryption": encryption.get("SSEAlgorithm", "AES256"),
        "kms_key": encryption.get("KMSMasterKeyID"),
        "versioned": bucket.versioning_status == "Enabled",
        "objects": len(names),
        "versions": sum(len(bucket.keys.getlist(name)) for name in names),
    }
