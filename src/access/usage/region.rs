//! Where IAM keeps last accessed information at all.

/// Regions with a date of their own, each before September 2023 (IAM user guide, "Refine
/// permissions in AWS using last accessed information", "Where AWS tracks last accessed
/// information"). "If a Region is not listed, then that Region does not yet provide last
/// accessed information."
const TRACKED: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-central-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether what happens in a Region is among what IAM tells of.
#[must_use]
pub fn is_tracked(region: &str) -> bool {
    TRACKED.contains(&region)
}
