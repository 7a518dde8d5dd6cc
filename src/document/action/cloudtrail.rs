//! AWS CloudTrail. Facts from the CloudTrail API reference and user guide.

use super::spec::{Field, Kind, READ, Spec};

const USER: &[Field] = &[
    Field::required("who", Kind::Text, "principal ARN, or the service or account that called"),
    Field::required("calls", Kind::Integer, "how many calls"),
    Field::required("errors", Kind::Integer, "how many of them failed"),
    Field::required("first_at", Kind::Text, "first seen, RFC 3339"),
    Field::required("last_at", Kind::Text, "last seen, RFC 3339"),
    Field::required("addresses", Kind::List(&Kind::Text), "source addresses"),
    Field::required("operations", Kind::Any, "count by operation"),
    Field::required("error_codes", Kind::Any, "count of failed calls by error code"),
    Field::required("agents", Kind::List(&Kind::Text), "user agents"),
    Field::required("access_keys", Kind::List(&Kind::Text), "access key ids that were used"),
    Field::required("regions", Kind::List(&Kind::Text), "Regions in which it called"),
];

const REGION: &[Field] = &[
    Field::required("region", Kind::Text, "the Region"),
    Field::required("state", Kind::Text, "the state of the key there"),
    Field::required("disabled_at", Kind::Text, "since when it is disabled there; empty as above"),
    Field::required("from", Kind::Text, "start of the window there, RFC 3339"),
];

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "cloudtrail.describe_trails",
        summary: "Read every trail with its status and event selectors: what is recorded, and what is not",
        outputs: &[
            Field::required(
                "trails",
                Kind::List(&Kind::Record(&[
                    Field::required("name", Kind::Text, "trail name"),
                    Field::required("arn", Kind::Arn, "trail ARN"),
                    Field::required("bucket", Kind::Text, "the bucket it delivers into"),
                    Field::required("prefix", Kind::Text, "key prefix in the bucket; empty where none"),
                    Field::required("multi_region", Kind::Boolean, "whether it covers all Regions"),
                    Field::required("logging", Kind::Boolean, "whether it is on"),
                    Field::required("validation", Kind::Boolean, "whether digests are written"),
                    Field::required(
                        "kms_key",
                        Kind::Text,
                        "the key that encrypts its logs; empty where none",
                    ),
                    Field::required(
                        "bucket_kms_key",
                        Kind::Text,
                        "the key that its bucket encrypts with by default, as the bucket names it; empty where none, or not to be read",
                    ),
                    Field::required("kms_events", Kind::Boolean, "whether KMS events are recorded"),
                    Field::required(
                        "latest_delivery_at",
                        Kind::Text,
                        "last delivery, RFC 3339; empty where none",
                    ),
                ])),
                "every trail that the caller can see",
            ),
            Field::required(
                "logging",
                Kind::Boolean,
                "whether at least one trail is on and records KMS events",
            ),
            Field::required("unread", Kind::List(&Kind::Text), "what could not be read of a trail, and why"),
        ],
        permissions: &[
            "cloudtrail:DescribeTrails",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:GetEventSelectors",
            "s3:GetBucketLocation",
            "s3:GetEncryptionConfiguration",
        ],
        ..READ
    },
    Spec {
        name: "cloudtrail.lookup_events",
        summary: "Collect management events of the last 90 days, paced to 2 requests a second, as unsigned evidence",
        inputs: &[
            Field::required(
                "resources",
                Kind::List(&Kind::Text),
                "resource names to look for; for a key every form of it",
            ),
            Field::optional("users", Kind::List(&Kind::Text), "user names to look for as well"),
            Field::optional("access_keys", Kind::List(&Kind::Text), "access key ids to look for as well"),
            Field::required("lookback", Kind::Duration, "how far back from now"),
            Field::optional("region", Kind::Text, "another Region than the caller's"),
        ],
        outputs: &[
            Field::required("count", Kind::Integer, "distinct events found"),
            Field::required(
                "events",
                Kind::Text,
                "the artifact that holds them, one JSON object a line, oldest first",
            ),
            Field::required("from", Kind::Text, "start of the window, RFC 3339"),
            Field::required("to", Kind::Text, "end of the window, RFC 3339"),
            Field::required("region", Kind::Text, "the Region that was asked"),
            Field::required("resources", Kind::List(&Kind::Text), "the resource names that were looked for"),
            Field::required(
                "users",
                Kind::List(&Kind::Record(USER)),
                "who called, from where, how often; most calls first",
            ),
        ],
        permissions: &["cloudtrail:LookupEvents"],
        ..READ
    },
    Spec {
        name: "cloudtrail.late_uses",
        summary: "Find out who used a disabled key, or tried to, since it was disabled: they would miss it",
        inputs: &[Field::required("key", Kind::KeyId, "key id or key ARN; every form of it is looked for")],
        outputs: &[
            Field::required("state", Kind::Text, "the key's state: Disabled, or the rest means little"),
            Field::required(
                "disabled_at",
                Kind::Text,
                "since when it is disabled, RFC 3339; empty where it is not, or CloudTrail's event history does not tell: it holds 90 days, and the last minutes come late",
            ),
            Field::required(
                "from",
                Kind::Text,
                "start of the window, RFC 3339: since it was disabled, 90 days where nobody can tell, one day where it is not",
            ),
            Field::required("to", Kind::Text, "end of the window, RFC 3339"),
            Field::required(
                "regions",
                Kind::List(&Kind::Record(REGION)),
                "where was looked: the key's own Region, then those of its replicas if it is a multi-Region primary key",
            ),
            Field::required(
                "count",
                Kind::Integer,
                "uses and attempts by others: cryptographic operations and CreateGrant, also where they failed",
            ),
            Field::required(
                "own",
                Kind::Integer,
                "those of this run itself, and of runs whose records it has verified, which are not counted",
            ),
            Field::required("users", Kind::List(&Kind::Record(USER)), "who it was; most calls first"),
            Field::required(
                "events",
                Kind::Text,
                "the artifact with every event about the key in the window, one JSON object a line, oldest first",
            ),
            Field::required(
                "unread",
                Kind::List(&Kind::Text),
                "replicas and forms of the key that could not be read, and why",
            ),
        ],
        permissions: &["cloudtrail:LookupEvents", "kms:DescribeKey", "kms:ListAliases"],
        ..READ
    },
    Spec {
        name: "cloudtrail.preserve",
        summary: "Take the trails' log files and digests as they lie in their buckets, with the public keys, and tell what is missing",
        inputs: &[
            Field::optional(
                "key",
                Kind::KeyName,
                "the key under incident: LookupEvents is asked for every name of it, and what hangs on it is told",
            ),
            Field::optional(
                "forms",
                Kind::List(&Kind::Text),
                "forms of the key, such as kms.describe_key gives; what is missing of them is read from KMS",
            ),
            Field::optional("lookback", Kind::Duration, "how far back from now; 24h where no time is given"),
            Field::optional("from", Kind::Time, "start of the window, in place of `lookback`"),
            Field::optional("to", Kind::Time, "end of the window; now where absent"),
            Field::optional("trails", Kind::List(&Kind::Text), "names or ARNs; every trail where absent"),
            Field::optional(
                "regions",
                Kind::List(&Kind::Text),
                "Regions; every one of the trail where absent",
            ),
        ],
        outputs: &[
            Field::required("objects", Kind::Integer, "log files that are in the record"),
            Field::required("digests", Kind::Integer, "digests that are in the record"),
            Field::required("insights", Kind::Integer, "files of Insights events that are in the record"),
            Field::required("fetched", Kind::Integer, "how many of them were not there before"),
            Field::required("bytes", Kind::Integer, "bytes of log files and digests"),
            Field::required("events", Kind::Integer, "distinct events that LookupEvents gave"),
            Field::required(
                "lookup",
                Kind::Text,
                "the artifact that holds them, one JSON object a line; empty where it was not asked",
            ),
            Field::required("forms", Kind::List(&Kind::Text), "the names of the key that were looked for"),
            Field::required(
                "users",
                Kind::List(&Kind::Record(USER)),
                "who called, by LookupEvents; most calls first",
            ),
            Field::required("from", Kind::Text, "start of the window, RFC 3339"),
            Field::required("to", Kind::Text, "end of the window, RFC 3339"),
            Field::required(
                "coverage",
                Kind::Text,
                "the artifact that says what is there, what is not, and why",
            ),
            Field::required("index", Kind::Text, "the artifact that names every object with its digest"),
            Field::required("gaps", Kind::List(&Kind::Text), "what is missing, and why"),
            Field::required("notes", Kind::List(&Kind::Text), "what the reader of the evidence has to know"),
            Field::required(
                "at_risk",
                Kind::List(&Kind::Text),
                "trails, buckets and objects that hang on the key under incident",
            ),
            Field::required("complete", Kind::Boolean, "whether there is no gap"),
        ],
        permissions: &[
            "cloudtrail:DescribeTrails",
            "cloudtrail:ListTrails",
            "cloudtrail:GetTrailStatus",
            "cloudtrail:GetEventSelectors",
            "cloudtrail:ListPublicKeys",
            "cloudtrail:LookupEvents",
            "s3:GetBucketLocation",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:GetObject",
            "s3:GetObjectVersion",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:ListAliases",
        ],
        ..READ
    },
];
