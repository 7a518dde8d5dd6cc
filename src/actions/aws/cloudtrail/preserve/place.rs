//! Where an object lies in the record. Keys come from the world.

use crate::evidence::unfit;

/// The path of the current version of an object.
pub(super) fn of_object(bucket: &str, key: &str) -> Result<String, &'static str> {
    checked(format!("cloudtrail/s3/{bucket}/{key}"))
}

/// The path of an older version, beside those that stand.
pub(super) fn of_version(bucket: &str, key: &str, version: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if version.is_empty() || !version.chars().all(plain) {
        return Err("its version id is no name of a file");
    }
    checked(format!("cloudtrail/s3-versions/{bucket}/{key}/{version}"))
}

pub(super) fn of_metadata(path: &str) -> String {
    format!("{path}.meta.json")
}

fn checked(path: String) -> Result<String, &'static str> {
    match unfit(&path) {
        None => Ok(path),
        Some(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leads_out_of_the_record() {
        for key in ["../../../x", "/abs", "a/../../b", "a//b", "a/", "nul\0", "k.meta.json"] {
            assert!(of_object("logs", key).is_err(), "{key:?}");
        }
        assert_eq!(
            of_object("logs", "AWSLogs/1/x.json.gz").as_deref(),
            Ok("cloudtrail/s3/logs/AWSLogs/1/x.json.gz")
        );
        assert!(of_version("logs", "k", "../v").is_err());
        assert!(of_version("logs", "k", "3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY").is_ok());
    }
}
