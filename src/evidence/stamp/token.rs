//! A token: CMS signed data (RFC 5652) over a `TSTInfo`.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use cms::cert::CertificateChoices;
use cms::content_info::CmsVersion;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{ObjectIdentifier, OctetString};
use der::pem::LineEnding;
use der::{Decode as _, Encode as _, EncodePem as _, Tag, Tagged as _};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};

use super::asn1::{
    CONTENT_TYPE, MESSAGE_DIGEST, SHA_256, SIGNED_DATA, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2,
    SigningCertificate, SigningCertificateV2, TIME_STAMPING, TST_INFO, TimeStampReq, TstInfo,
};
use super::{answer, arithmetic, chain};

pub(super) struct Token {
    /// What was signed, byte for byte.
    content: Vec<u8>,
    info: TstInfo,
    time: DateTime<Utc>,
    by: SignerInfo,
    signer: Certificate,
    carried: Vec<Certificate>,
}

impl Token {
    /// # Errors
    /// When the answer grants no token, or what it holds is none.
    pub(super) fn open(answer: &[u8]) -> Result<Self, String> {
        let token = answer::granted(answer)?;
        if token.content_type != SIGNED_DATA {
            return Err("what the authority sends is not signed".to_owned());
        }
        let signed: SignedData =
            token.content.decode_as().map_err(|error| format!("it is no time-stamp token: {error}"))?;
        if signed.encap_content_info.econtent_type != TST_INFO {
            return Err("what the authority signed is no time".to_owned());
        }
        let content = signed.encap_content_info.econtent.as_ref();
        let content = content.and_then(|content| content.decode_as::<OctetString>().ok());
        let content = content.ok_or("there is no time in it")?.into_bytes();
        let info =
            TstInfo::from_der(&content).map_err(|error| format!("its time cannot be read: {error}"))?;
        let time = time(&info).ok_or("its time is none")?;
        let carried = certificates(&signed);
        let mut signers = signed.signer_infos.0.into_vec();
        let (Some(by), true) = (signers.pop(), signers.is_empty()) else {
            return Err("it has not one signer".to_owned());
        };
        let signer = carried.iter().find(|certificate| is_of(certificate, &by.sid));
        let signer = signer.ok_or("it does not carry its signer's certificate")?.clone();
        let listed = signed.digest_algorithms.iter().any(|listed| listed.oid == by.digest_alg.oid);
        if signed.version != CmsVersion::V3 || by.version != version(&by.sid) || !listed {
            return Err("its envelope does not fit what it holds".to_owned());
        }
        Ok(Self { content, info, time, by, signer, carried })
    }

    pub(super) fn time(&self) -> DateTime<Utc> {
        self.time
    }

    pub(super) fn signer(&self) -> &Certificate {
        &self.signer
    }

    pub(super) fn carried(&self) -> &[Certificate] {
        &self.carried
    }

    /// Whether it is about what was stamped, and answers the question.
    pub(super) fn answers(&self, stamped: &[u8], query: &[u8]) -> Result<(), String> {
        let asked =
            TimeStampReq::from_der(query).map_err(|error| format!("the question cannot be read: {error}"))?;
        let imprint = &self.info.message_imprint;
        let digest = arithmetic::digest(SHA_256, stamped)?;
        if imprint.hash_algorithm.oid != SHA_256 || imprint.hashed_message.as_bytes() != digest.as_ref() {
            return Err("it is the token of something else than this signature".to_owned());
        }
        if asked.message_imprint.hashed_message != imprint.hashed_message {
            return Err("the question was about something else than this signature".to_owned());
        }
        if asked.nonce.is_none() || asked.nonce != self.info.nonce {
            return Err("it answers another question: the nonce is not the one that was sent".to_owned());
        }
        if self.info.version == 1 { Ok(()) } else { Err("its version is not known here".to_owned()) }
    }

    /// Whether the certificate's key signed it, and the signature names the certificate.
    pub(super) fn is_signed(&self) -> Result<(), String> {
        let attributes = self.by.signed_attrs.as_ref().ok_or("it has no signed attributes")?;
        let content_type = self.attribute(CONTENT_TYPE)?;
        if content_type.decode_as::<ObjectIdentifier>().ok() != Some(TST_INFO) {
            return Err("its signature is for something else than a time".to_owned());
        }
        let told = self.attribute(MESSAGE_DIGEST)?.decode_as::<OctetString>();
        let told = told.map_err(|error| format!("its digest cannot be read: {error}"))?;
        let digest = arithmetic::digest(self.by.digest_alg.oid, &self.content)?;
        if told.as_bytes() != digest.as_ref() {
            return Err("its time was changed after it was signed".to_owned());
        }
        let message = attributes.to_der().map_err(|error| error.to_string())?;
        let holds = arithmetic::holds(
            &self.signer.tbs_certificate.subject_public_key_info,
            &self.by.signature_algorithm,
            self.by.digest_alg.oid,
            &message,
            self.by.signature.as_bytes(),
        )?;
        if !holds {
            return Err("its signature does not hold".to_owned());
        }
        self.names_its_signer()
    }

    /// RFC 3161, section 2.4.1: the signature names the certificate by its digest, so that
    /// no other one can be put in its place.
    fn names_its_signer(&self) -> Result<(), String> {
        let certificate = self.signer.to_der().map_err(|error| error.to_string())?;
        let named = if let Ok(attribute) = self.attribute(SIGNING_CERTIFICATE_V2) {
            let named: SigningCertificateV2 = attribute.decode_as().map_err(|error| error.to_string())?;
            let first = named.certs.first().ok_or("its signature names no certificate")?;
            let algorithm = first.algorithm.as_ref().map_or(SHA_256, |algorithm| algorithm.oid);
            arithmetic::digest(algorithm, &certificate)?.as_ref() == first.hash.as_bytes()
        } else {
            let attribute = self.attribute(SIGNING_CERTIFICATE)?;
            let named: SigningCertificate = attribute.decode_as().map_err(|error| error.to_string())?;
            let first = named.certs.first().ok_or("its signature names no certificate")?;
            arithmetic::sha_1(&certificate).as_ref() == first.hash.as_bytes()
        };
        if named { Ok(()) } else { Err("its signature names another certificate".to_owned()) }
    }

    /// RFC 3161, section 2.3: the certificate is for signing the time and nothing else, and
    /// says so critically. It has to have been good at that time.
    pub(super) fn signer_stamps_time(&self) -> Result<(), String> {
        let usage = self.signer.tbs_certificate.get::<ExtendedKeyUsage>();
        match usage.map_err(|error| format!("its certificate cannot be read: {error}"))? {
            Some((true, ExtendedKeyUsage(purposes))) if purposes == [TIME_STAMPING] => {}
            Some((false, ExtendedKeyUsage(purposes))) if purposes == [TIME_STAMPING] => {
                return Err("its certificate is for time-stamping, and does not say so critically".to_owned());
            }
            _ => return Err("its certificate is not for time-stamping alone".to_owned()),
        }
        self.signer_only_signs()?;
        chain::was_good(&self.signer, self.time)
    }

    /// Where it says what its key is for at all, it is for signing and nothing else.
    fn signer_only_signs(&self) -> Result<(), String> {
        let usage = self.signer.tbs_certificate.get::<KeyUsage>();
        let usage = usage.map_err(|error| format!("its certificate cannot be read: {error}"))?;
        let fits = usage.is_none_or(|(_, usage)| {
            let signs = usage.digital_signature() || usage.non_repudiation();
            let enciphers = usage.key_encipherment() || usage.data_encipherment() || usage.key_agreement();
            signs && !enciphers && !usage.key_cert_sign() && !usage.crl_sign()
        });
        if fits { Ok(()) } else { Err("its certificate's key is not for signing alone".to_owned()) }
    }

    /// The only value of an attribute that occurs once.
    fn attribute(&self, oid: ObjectIdentifier) -> Result<&der::Any, String> {
        let attributes = self.by.signed_attrs.iter().flat_map(|attributes| attributes.iter());
        let mut values = attributes.filter(|attribute| attribute.oid == oid);
        match (values.next().map(|attribute| attribute.values.as_slice()), values.next()) {
            (Some([value]), None) => Ok(value),
            _ => Err(format!("it has not one signed attribute {oid}")),
        }
    }

    /// The certificates as PEM, the signer's first.
    pub(super) fn chain(&self) -> Option<String> {
        let others = self.carried.iter().filter(|certificate| **certificate != self.signer);
        std::iter::once(&self.signer)
            .chain(others)
            .map(|certificate| certificate.to_pem(LineEnding::LF).ok())
            .collect()
    }
}

fn certificates(signed: &SignedData) -> Vec<Certificate> {
    let set = signed.certificates.iter().flat_map(|set| set.0.iter());
    set.filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
        CertificateChoices::Other(_) => None,
    })
    .collect()
}

fn is_of(certificate: &Certificate, sid: &SignerIdentifier) -> bool {
    let told = &certificate.tbs_certificate;
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(sid) => {
            told.issuer == sid.issuer && told.serial_number == sid.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(sid) => {
            told.get::<SubjectKeyIdentifier>().ok().flatten().is_some_and(|(_, own)| own == *sid)
        }
    }
}

/// RFC 5652, section 5.3: the version follows from how the signer is named.
fn version(sid: &SignerIdentifier) -> CmsVersion {
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(_) => CmsVersion::V1,
        SignerIdentifier::SubjectKeyIdentifier(_) => CmsVersion::V3,
    }
}

/// `YYYYMMDDhhmmss[.s...]Z` (RFC 3161, section 2.4.2).
fn time(info: &TstInfo) -> Option<DateTime<Utc>> {
    if info.gen_time.tag() != Tag::GeneralizedTime {
        return None;
    }
    let text = std::str::from_utf8(info.gen_time.value()).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let whole = NaiveDateTime::parse_from_str(whole, "%Y%m%d%H%M%S").ok()?.and_utc();
    whole.checked_add_signed(TimeDelta::nanoseconds(nanos.parse().ok()?))
}
