//! The evidence of other runs.

use super::spec::{Field, Kind, READ, Spec};

pub(super) const SPECS: &[Spec] = &[Spec {
    name: "evidence.verify",
    summary: "Check the sealed record of another run, offline, and tell what it is about",
    inputs: &[Field::required(
        "record",
        Kind::Text,
        "the run's id, as `playbook status` lists it, or the path of its folder",
    )],
    outputs: &[
        Field::required("record", Kind::Text, "the run's id"),
        Field::required("holds", Kind::Boolean, "whether it is sealed, and nothing is wrong with it"),
        Field::required("faults", Kind::List(&Kind::Text), "what is wrong with it, at most 100"),
        Field::required("sealed_at", Kind::Text, "when it was sealed, RFC 3339; empty where it was not"),
        Field::required("signed", Kind::Boolean, "whether there is a signature that holds"),
        Field::required("signer", Kind::Text, "whose signature, and the key's fingerprint; empty where none"),
        Field::required("document", Kind::Text, "the document that was run"),
        Field::required("incident", Kind::Text, "the incident's id in another system; empty where none"),
        Field::required("params", Kind::Any, "what the run was opened with, by parameter"),
        Field::required("keys", Kind::List(&Kind::Text), "ARNs and ids of the keys that it was opened about"),
        Field::required(
            "decisions",
            Kind::List(&Kind::Any),
            "what its reviews decided, for a review's `last`",
        ),
        Field::required(
            "last_used_at",
            Kind::Text,
            "last use of such a key, as that run read it last; empty where none was known",
        ),
        Field::required(
            "sent",
            Kind::List(&Kind::Text),
            "ids of the requests that it sent to KMS, readings aside: where the record holds, cloudtrail.late_uses counts them as its own",
        ),
    ],
    ..READ
}];
