//! A folder with objects of CloudTrail, and what is to be found in it.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::read;
use crate::cloudtrail::digest::{self, Kind, Metadata, Place, PublicKeys, Reading, Verdict, Window};
use crate::error::{Error, Result};
use crate::evidence::bag;

/// The suffix of what is kept beside an object.
pub(super) const META: &str = ".meta.json";

/// Where a folder of objects may lie below the one that is named: in a record, its bag, the
/// bag's payload, or the folder of all that was collected.
const WITHIN: [&str; 4] = ["bag/data/cloudtrail/s3", "data/cloudtrail/s3", "cloudtrail/s3", "s3"];

/// Objects of CloudTrail as `<bucket>/<key>`.
#[derive(Debug)]
pub struct Trove {
    folder: PathBuf,
    /// What the paths below the folder lack in front, to be `<bucket>/<key>`.
    lead: String,
    /// What they have too much in front.
    strip: String,
    pub(super) digests: Vec<Object>,
    pub(super) logs: Vec<Object>,
}

/// An object: its path below the folder, and where it came from.
#[derive(Debug)]
pub(super) struct Object {
    pub path: String,
    pub place: Place,
}

impl Trove {
    /// Looks for objects at `path`: a folder of buckets, one above it (a record, its bag), or
    /// the folder of one bucket.
    ///
    /// # Errors
    /// When there are none, or a folder cannot be read.
    pub fn find(path: &Path) -> Result<Self> {
        let named = path.canonicalize().map_err(|error| Error::io("could not read", path, error))?;
        let within = WITHIN.iter().map(|below| named.join(below)).find(|folder| folder.is_dir());
        let buckets = within.is_some() || named.ends_with("s3");
        let folder = within.unwrap_or(named);
        let tree = bag::walk(&folder)?;
        let mut trove =
            Self { folder, lead: String::new(), strip: String::new(), digests: Vec::new(), logs: Vec::new() };
        if !buckets {
            trove.locate(tree.files.iter().map(String::as_str));
        }
        for path in tree.files {
            trove.take(path);
        }
        if trove.digests.is_empty() && trove.logs.is_empty() {
            return Err(Error::failure(format!("there are no CloudTrail files in {}", path.display())).hint(
                "name a folder that holds BUCKET/AWSLogs/..., a record, or the bucket's folder itself",
            ));
        }
        Ok(trove)
    }

    /// Where the public keys were put when the objects were collected, if they were.
    #[must_use]
    pub fn public_keys(&self) -> Option<PathBuf> {
        let beside = self.folder.parent().map(|above| above.join("public-keys.json"));
        beside.filter(|path| path.is_file())
    }

    #[must_use]
    pub fn digests(&self) -> usize {
        self.digests.len()
    }

    #[must_use]
    pub fn logs(&self) -> usize {
        self.logs.len()
    }

    /// Checks the chain of all digests, and all log files against it, on all cores.
    ///
    /// # Errors
    /// When a file cannot be read. What is wrong with it is no error.
    pub fn check(&self, keys: &PublicKeys, window: Window) -> Result<Verdict> {
        self.check_watched(keys, window, &|| ())
    }

    /// Likewise, and calls `seen` for each file that was read, from any thread.
    ///
    /// # Errors
    /// Likewise.
    pub fn check_watched(
        &self,
        keys: &PublicKeys,
        window: Window,
        seen: &(dyn Fn() + Sync),
    ) -> Result<Verdict> {
        let (digests, logs) = read::all(self, keys, seen)?;
        let delivered = |place: &Place| self.metadata(&self.path_of(place)).last_modified;
        Ok(digest::judge(digests, logs, keys, window, &delivered))
    }

    pub(super) fn open(&self, path: &str) -> Result<BufReader<File>> {
        let path = self.folder.join(path);
        let file = File::open(&path).map_err(|error| Error::io("could not read", &path, error))?;
        Ok(BufReader::with_capacity(64 << 10, file))
    }

    /// What lies beside an object; nothing, where it is not there or cannot be understood.
    pub(super) fn metadata(&self, path: &str) -> Metadata {
        let beside = fs::read(self.folder.join(format!("{path}{META}"))).unwrap_or_default();
        Metadata::parse(&beside).unwrap_or_default()
    }

    fn path_of(&self, place: &Place) -> String {
        let full = format!("{}/{}", place.bucket, place.key);
        format!("{}{}", self.strip, full.strip_prefix(&self.lead).unwrap_or(&full))
    }

    fn place_of(&self, path: &str) -> Option<Place> {
        let full = format!("{}{}", self.lead, path.strip_prefix(&self.strip)?);
        full.split_once('/').map(|(bucket, key)| Place::new(bucket, key))
    }

    fn take(&mut self, path: String) {
        let Some(place) = self.place_of(&path).filter(|_| !path.ends_with(META)) else { return };
        match Kind::of(&place.key) {
            Kind::Digest => self.digests.push(Object { path, place }),
            Kind::Log => self.logs.push(Object { path, place }),
            Kind::Other => {}
        }
    }

    /// Finds where the bucket's name stands in the paths. An object whose metadata or contents
    /// tell where it lay tells it for all; else the folder is a bucket, or holds buckets.
    fn locate<'a>(&mut self, files: impl Iterator<Item = &'a str> + Clone) {
        let above = self.folder.to_string_lossy().into_owned();
        let objects = files.clone().filter(|path| !path.ends_with(META));
        let digests = objects.filter(|path| Kind::of(path) == Kind::Digest);
        let told = digests.filter_map(|path| Some((path, self.lain(path)?)));
        let split = told.map(|(path, place)| split(&above, path, &place)).find_map(|found| found);
        if let Some((lead, strip)) = split {
            (self.lead, self.strip) = (lead, strip);
        } else if files.clone().any(|path| path.starts_with("AWSLogs/")) {
            let bucket = self.folder.file_name().map(|name| name.to_string_lossy().into_owned());
            self.lead = format!("{}/", bucket.unwrap_or_default());
        }
    }

    fn lain(&self, path: &str) -> Option<Place> {
        let metadata = self.metadata(path);
        metadata.place.or_else(|| {
            let nowhere = Place::new("", "");
            let reading =
                Reading::of(nowhere, self.open(path).ok()?, Metadata::default(), &PublicKeys::default());
            reading.content.ok().map(|file| file.place)
        })
    }
}

/// What is missing in front of `path` to be `<bucket>/<key>`, and what is too much, when the
/// object lies in a folder named as its bucket.
fn split(above: &str, path: &str, place: &Place) -> Option<(String, String)> {
    let full = format!("/{}/{}", place.bucket, place.key);
    let whole = format!("{above}/{path}");
    let root = whole.strip_suffix(&full)?;
    match above.strip_prefix(root) {
        Some(lead) => {
            Some((lead.strip_prefix('/').map(|lead| format!("{lead}/")).unwrap_or_default(), String::new()))
        }
        None => root.strip_prefix(above)?.strip_prefix('/').map(|strip| (String::new(), format!("{strip}/"))),
    }
}
