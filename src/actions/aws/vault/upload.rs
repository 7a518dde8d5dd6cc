//! Sending a file: whole, or in parts where it is large. Each request carries the SHA-256 of
//! what it sends, and S3 refuses what does not fit it.

use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_types::byte_stream::{ByteStream, Length};

use super::Vault;
use super::parcel::Parcel;
use crate::actions::aws::stop::Stop;
use crate::error::{Error, Result};

impl Vault {
    /// Gives the id of the new version.
    pub(super) async fn upload(&self, key: &str, parcel: &Parcel) -> Result<String, Stop> {
        if parcel.goes_in_parts() { self.in_parts(key, parcel).await } else { self.whole(key, parcel).await }
    }

    async fn whole(&self, key: &str, parcel: &Parcel) -> Result<String, Stop> {
        let asked = self
            .s3
            .put_object()
            .bucket(&self.to.bucket)
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_sha256(&parcel.sum)
            .object_lock_mode(self.lock.mode.of_object())
            .object_lock_retain_until_date(self.lock.moment())
            .body(piece(parcel, 0).await?);
        let said = asked.send().await.map_err(|error| self.fault(&error))?;
        said.version_id.ok_or_else(|| self.unversioned().into())
    }

    async fn in_parts(&self, key: &str, parcel: &Parcel) -> Result<String, Stop> {
        let begun = self
            .s3
            .create_multipart_upload()
            .bucket(&self.to.bucket)
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .object_lock_mode(self.lock.mode.of_object())
            .object_lock_retain_until_date(self.lock.moment());
        let begun = begun.send().await.map_err(|error| self.fault(&error))?;
        let id = begun.upload_id().unwrap_or_default();
        let sent = self.parts(key, parcel, id).await;
        if sent.is_err() {
            // Parts that nobody finishes would be stored, and paid for, without being seen.
            let _ =
                self.s3.abort_multipart_upload().bucket(&self.to.bucket).key(key).upload_id(id).send().await;
        }
        sent
    }

    async fn parts(&self, key: &str, parcel: &Parcel, id: &str) -> Result<String, Stop> {
        let mut done = CompletedMultipartUpload::builder();
        for (number, sum) in (1_i32..).zip(&parcel.sums) {
            let asked = self
                .s3
                .upload_part()
                .bucket(&self.to.bucket)
                .key(key)
                .upload_id(id)
                .part_number(number)
                .checksum_algorithm(ChecksumAlgorithm::Sha256)
                .checksum_sha256(sum)
                .body(piece(parcel, number.unsigned_abs() - 1).await?);
            let said = asked.send().await.map_err(|error| self.fault(&error))?;
            let part = CompletedPart::builder().part_number(number).checksum_sha256(sum);
            done = done.parts(part.set_e_tag(said.e_tag).build());
        }
        let asked = self.s3.complete_multipart_upload().bucket(&self.to.bucket).key(key).upload_id(id);
        let said = asked.multipart_upload(done.build()).send().await.map_err(|error| self.fault(&error))?;
        said.version_id.ok_or_else(|| self.unversioned().into())
    }

    /// Gives up what was begun for a key whose file lies there whole: by a process that was
    /// killed, or by a request whose answer, and with it the id, was lost. Where that is not
    /// allowed, it stays.
    pub(super) async fn tidy(&self, key: &str) {
        let begun = self.s3.list_multipart_uploads().bucket(&self.to.bucket).prefix(key).send().await;
        let begun = begun.ok().and_then(|begun| begun.uploads).unwrap_or_default();
        for upload in begun.into_iter().filter(|upload| upload.key() == Some(key)) {
            let given_up = self.s3.abort_multipart_upload().bucket(&self.to.bucket).key(key);
            let _ = given_up.set_upload_id(upload.upload_id).send().await;
        }
    }

    fn unversioned(&self) -> Error {
        Error::failure(format!("the bucket {} gives no version ids", self.to.bucket))
            .hint("Object Lock needs versioning; check that it is enabled and not suspended")
    }
}

/// The part of a file with that index, read from disk as it is sent.
async fn piece(parcel: &Parcel, index: u32) -> Result<ByteStream> {
    let offset = u64::from(index).saturating_mul(parcel.part);
    let length = parcel.bytes.saturating_sub(offset).min(parcel.part);
    let read = ByteStream::read_from().path(&parcel.path).offset(offset).length(Length::Exact(length));
    read.build()
        .await
        .map_err(|error| Error::failure(format!("could not read {}", parcel.path.display())).caused_by(error))
}
