//! Amazon S3. Facts from the Amazon S3 API reference (UpdateObjectEncryption, CopyObject,
//! HeadObject, PutBucketEncryption) and user guide.

use super::spec::{Class, Duty, Field, KeyState, KeyUse, Kind, Probe, READ, Reversal, Spec};

const BUCKET_UNDER_KEY: &[Field] = &[
    Field::required("bucket", Kind::Text, "bucket name"),
    Field::required("default", Kind::Boolean, "whether its default encryption names the key"),
    Field::required(
        "bucket_key",
        Kind::Boolean,
        "whether S3 Bucket Keys are on: then absence of Decrypt events proves nothing",
    ),
    Field::required("objects", Kind::Integer, "object versions under the key"),
    Field::required("bytes", Kind::Integer, "their size in bytes"),
];

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "s3.inventory",
        summary: "Find every bucket and object version that lies under a key",
        inputs: &[
            Field::required("key", Kind::KeyId, "key ARN"),
            Field::optional(
                "aliases",
                Kind::List(&Kind::Text),
                "aliases by which a bucket's default encryption may name the key",
            ),
            Field::optional(
                "buckets",
                Kind::List(&Kind::Text),
                "only these buckets; every bucket of the account where absent",
            ),
        ],
        outputs: &[
            Field::required(
                "buckets",
                Kind::List(&Kind::Record(BUCKET_UNDER_KEY)),
                "buckets with anything under the key",
            ),
            Field::required("names", Kind::List(&Kind::Text), "their names"),
            Field::required(
                "defaults",
                Kind::List(&Kind::Text),
                "names of buckets whose default encryption is the key",
            ),
            Field::required("objects", Kind::Integer, "object versions under the key, in all buckets"),
            Field::required("bytes", Kind::Integer, "their size in bytes"),
            Field::required(
                "list",
                Kind::Text,
                "the artifact that names each object version, one JSON object a line",
            ),
            Field::required(
                "unread",
                Kind::List(&Kind::Text),
                "buckets and objects that could not be read, and why",
            ),
        ],
        permissions: &[
            "s3:ListAllMyBuckets",
            "s3:GetEncryptionConfiguration",
            "s3:ListBucketVersions",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:GetBucketLocation",
        ],
        ..READ
    },
    Spec {
        name: "s3.put_bucket_encryption",
        summary: "Encrypt what is written to a bucket from now on under a key",
        class: Class::Write,
        inputs: &[
            Field::required("bucket", Kind::Text, "bucket name"),
            Field::required("key", Kind::KeyId, "full ARN of the new key"),
        ],
        outputs: &[Field::required("before", Kind::Any, "the default encryption as it was")],
        permissions: &[
            "s3:PutEncryptionConfiguration",
            "s3:GetEncryptionConfiguration",
            "s3:GetBucketLocation",
        ],
        duty: Duty::Recover,
        reversal: Reversal::By("s3.put_bucket_encryption"),
        probe: Probe::Ask("GetBucketEncryption"),
        ..READ
    },
    Spec {
        name: "s3.reencrypt",
        summary: "Bring every object version of a bucket from one key to another: UpdateObjectEncryption first, CopyObject where that is not to be had",
        class: Class::Write,
        inputs: &[
            Field::required("bucket", Kind::Text, "bucket name"),
            Field::required("from", Kind::KeyId, "ARN of the key that the objects lie under"),
            Field::required("to", Kind::KeyId, "full ARN of the key that they shall lie under"),
        ],
        outputs: &[
            Field::required("updated", Kind::Integer, "object versions brought over in place"),
            Field::required("copied", Kind::Integer, "objects brought over by copying onto themselves"),
            Field::required("already", Kind::Integer, "object versions that lay under the new key before"),
            Field::required("left", Kind::Integer, "object versions still under the old key"),
            Field::required(
                "list",
                Kind::Text,
                "the artifact that names each object version and what was done, one JSON object a line",
            ),
        ],
        permissions: &[
            "s3:ListBucketVersions",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:GetObjectTagging",
            "s3:GetObjectVersionTagging",
            "s3:GetObjectAcl",
            "s3:GetObjectVersionAcl",
            "s3:UpdateObjectEncryption",
            "s3:PutObject",
            "s3:PutObjectTagging",
            "s3:PutObjectAcl",
            "s3:GetBucketLocation",
            "s3:GetEncryptionConfiguration",
            "kms:DescribeKey",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:GenerateDataKey",
        ],
        duty: Duty::Recover,
        keys: &[
            KeyUse {
                key: "from",
                works_in: &[KeyState::Enabled],
                leaves: None,
                calls: &["ReEncrypt", "Decrypt"],
                fence: None,
            },
            KeyUse {
                key: "to",
                works_in: &[KeyState::Enabled],
                leaves: None,
                calls: &["GenerateDataKey", "ReEncrypt"],
                fence: None,
            },
        ],
        reversal: Reversal::By("s3.reencrypt"),
        // Each object says under which key it lies, so that a second pass does only the rest.
        probe: Probe::Repeat,
    },
];
