//! One object on its way into the record.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::listing::Listed;
use super::place;
use crate::actions::aws::fault;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::error::Error;
use crate::evidence::{Detecting, RawPart};
use crate::run::Artifact;
use crate::text::{Digest, Digesting};

/// How often an object is asked for, beside the SDK's own tries, and how long between.
const TRIES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// Without a piece within this time an answer is given up.
const STALLED: Duration = Duration::from_secs(30);
const PIECE: usize = 64 << 10;

/// An object that is being fetched.
pub(super) struct UnderWay {
    pub(super) listed: Listed,
    pub(super) path: String,
    task: JoinHandle<Result<Arrived, Ended>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Arrived {
    part: RawPart,
    meta: Meta,
}

enum Ended {
    Refused(String),
    Disk(Box<Error>),
}

/// What became of it.
pub(super) enum Became {
    /// It lies in the record. `under` is the key that S3 encrypts it with, where it is one of
    /// KMS.
    Kept {
        artifact: Artifact,
        under: Option<String>,
    },
    /// It holds a secret of the run, or cannot be looked at whole.
    Withheld {
        why: String,
        digest: Digest,
        bytes: u64,
    },
    Failed(String),
}

struct Meta {
    etag: String,
    version: Option<String>,
    modified: String,
    under: Option<String>,
    metadata: BTreeMap<String, String>,
}

pub(super) fn begin(
    order: &Order<'_>,
    s3: &Client,
    bucket: &str,
    listed: Listed,
    path: String,
) -> Result<UnderWay, Stop> {
    let part = order.paper.store_of_raw().raw(&path)?;
    let asked = (s3.clone(), bucket.to_owned(), listed.clone());
    let task = tokio::spawn(async move { fetch(&asked.0, &asked.1, &asked.2, part).await });
    Ok(UnderWay { listed, path, task })
}

async fn fetch(s3: &Client, bucket: &str, listed: &Listed, mut part: RawPart) -> Result<Arrived, Ended> {
    let mut why = String::new();
    for wait in TRIES {
        tokio::time::sleep(wait).await;
        part.restart().map_err(|error| Ended::Disk(Box::new(error)))?;
        let asked = s3.get_object().bucket(bucket).key(&listed.key).set_version_id(listed.version.clone());
        let answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => {
                why = fault::reason(&error);
                if why.starts_with("AccessDenied") || why.starts_with("NoSuch") {
                    break;
                }
                continue;
            }
        };
        match pour(answer, listed.size, &mut part).await? {
            Ok(meta) => return Ok(Arrived { part, meta }),
            Err(broken) => why = broken,
        }
    }
    Err(Ended::Refused(why))
}

/// The body into the file, piece by piece. An answer that breaks off is tried again.
async fn pour(answer: GetObjectOutput, size: u64, part: &mut RawPart) -> Result<Result<Meta, String>, Ended> {
    let meta = Meta {
        etag: answer.e_tag().unwrap_or_default().to_owned(),
        version: answer.version_id().map(str::to_owned),
        modified: when(answer.last_modified()),
        under: answer.ssekms_key_id().map(str::to_owned),
        metadata: answer
            .metadata()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    };
    let mut body = answer.body;
    loop {
        match tokio::time::timeout(STALLED, body.next()).await {
            Err(_) => return Ok(Err("the answer stalled".to_owned())),
            Ok(Some(Err(error))) => return Ok(Err(fault::chain(&error))),
            Ok(Some(Ok(piece))) => part.write(&piece).map_err(|error| Ended::Disk(Box::new(error)))?,
            Ok(None) if part.bytes() != size => {
                return Ok(Err(format!("{} bytes came, and {size} are listed", part.bytes())));
            }
            Ok(None) => return Ok(Ok(meta)),
        }
    }
}

/// Waits for it, looks at it, and keeps it.
pub(super) async fn finish(
    order: &Order<'_>,
    bucket: &str,
    under_way: &mut UnderWay,
) -> Result<Became, Stop> {
    let Arrived { part, meta } = match (&mut under_way.task).await {
        Ok(Ok(arrived)) => arrived,
        Ok(Err(Ended::Refused(why))) => return Ok(Became::Failed(why)),
        Ok(Err(Ended::Disk(error))) => return Err(Stop::Error(error)),
        Err(error) => return Err(Error::failure("the work on an object broke off").caused_by(error).into()),
    };
    let store = order.paper.store_of_raw();
    let told = serde_json::to_vec_pretty(&json!({
        "bucket": bucket,
        "key": under_way.listed.key,
        "etag": meta.etag,
        "version_id": meta.version,
        "last_modified": meta.modified,
        "metadata": meta.metadata,
    }))
    .unwrap_or_default();
    if let Some(why) = hindrance(store.detecting(), &part, &told)? {
        let bytes = part.bytes();
        return Ok(Became::Withheld { why, digest: part.give_up(), bytes });
    }
    let artifact = part.settle()?;
    // Written last: where it is, the object is whole.
    store.put(&place::of_metadata(&under_way.path), &told)?;
    Ok(Became::Kept { artifact, under: meta.under })
}

/// Why an object must not be kept as it is. What is packed with gzip is looked into. Known
/// shapes are no reason: log files are full of session tokens that are long over.
fn hindrance(mut detecting: Detecting, part: &RawPart, told: &[u8]) -> Result<Option<String>, Stop> {
    detecting.push(told);
    if let Some(mut file) = part.reader()? {
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => detecting.push(piece.get(..read).unwrap_or_default()),
                Err(error) => {
                    return Err(Error::failure("could not read what was fetched").caused_by(error).into());
                }
            }
        }
    }
    let found = detecting.finish();
    Ok((found.parameters > 0).then(|| "it holds a secret of this run".to_owned()))
}

/// The artifact of an object that is in the record already, by its size, ETag and version.
pub(super) fn in_the_record(
    order: &Order<'_>,
    listed: &Listed,
    path: &str,
) -> Result<Option<Artifact>, Stop> {
    let store = order.paper.store_of_raw();
    let Some(meta) = store.held(&place::of_metadata(path))? else { return Ok(None) };
    let Ok(meta) = serde_json::from_reader::<_, Value>(BufReader::new(meta)) else { return Ok(None) };
    let same = meta["etag"] == listed.etag.as_str()
        && listed.version.as_ref().is_none_or(|version| meta["version_id"] == version.as_str());
    let Some(mut file) = store.held(path)?.filter(|_| same) else { return Ok(None) };
    let mut digesting = Digesting::default();
    let copied = std::io::copy(&mut file, &mut digesting);
    let bytes =
        copied.map_err(|error| Error::failure("could not read what is in the record").caused_by(error))?;
    Ok((bytes == listed.size).then(|| Artifact { path: path.to_owned(), digest: digesting.finish(), bytes }))
}
