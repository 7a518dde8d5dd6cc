//! How much room the disk has for a record.

use std::path::Path;

use rustix::fs::statvfs;

/// Bytes that this user may still write where a path lies; nothing where the file system
/// does not tell (POSIX, `statvfs`).
#[must_use]
pub fn room(path: &Path) -> Option<u64> {
    let told = statvfs(path).ok()?;
    told.f_bavail.checked_mul(told.f_frsize).filter(|_| told.f_blocks > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_as_much_room_as_df_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let said =
            std::process::Command::new("df").args(["--output=avail", "-B1"]).arg(folder.path()).output();
        let said = String::from_utf8(said.expect("df").stdout).expect("text");
        let df: u64 = said.lines().nth(1).expect("a number").trim().parse().expect("a number");
        let room = room(folder.path()).expect("room");
        // Others write meanwhile.
        assert!(room.abs_diff(df) < df / 10 + (64 << 20), "{room} and {df}");
        assert_eq!(super::room(Path::new("/there/is/no/such/folder")), None);
    }
}
