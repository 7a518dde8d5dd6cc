//! `bagit.txt`: the bag declaration.

/// What `bagit.txt` holds, to the byte (RFC 8493, section 2.1.1).
pub const DECLARATION: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
