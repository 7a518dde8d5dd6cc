//! The record of an access review, written into the record of the run in every form that is
//! kept: one model, put together once, and four renderings of it.

use std::io::Read as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::aws::Stop;
use super::inputs::Inputs;
use super::paper::{Paper, StepFacts};
use crate::access::record::{self, MADE, Pace, ReviewRecord, SignOff, Source, Sources, Unfit};
use crate::report::review::{Form, render};
use crate::run::{Actor, Artifact, Evidence, Fault, Request, StepState, Via};
use crate::text::Digest;

pub(super) const RECORD: &str = "access.record";
pub(super) const SIGN_OFF: &str = "access.sign_off";

/// What findings, or a record, may have at most: 100,000 principals need a tenth of it.
const LONGEST: u64 = 512 << 20;

/// Puts a record together, or somebody's word on one, and keeps it.
pub(super) fn write(request: &Request, paper: &dyn Paper) -> (Result<Value, Stop>, Evidence) {
    let desk = Desk { inputs: Inputs::of(request), paper };
    let made = if request.action == SIGN_OFF { desk.signed() } else { desk.compiled() };
    let mut evidence = Evidence::default();
    let told = made.and_then(|record| desk.keep(&record, &mut evidence.artifacts));
    (told, evidence)
}

pub(super) fn is_one(action: &str) -> bool {
    matches!(action, RECORD | SIGN_OFF)
}

struct Desk<'a> {
    inputs: Inputs<'a>,
    paper: &'a dyn Paper,
}

impl Desk<'_> {
    fn compiled(&self) -> Result<ReviewRecord, Stop> {
        let inputs = self.inputs;
        let (source, text) = self.read("findings")?;
        let findings = serde_json::from_str(&text)
            .map_err(|error| inputs.fault("findings", &format!("{} is no JSON: {error}", source.path)))?;
        let place = self.paper.place();
        let step =
            inputs.optional_text("edits_step")?.map(|step| self.step("edits_step", step)).transpose()?;
        let approved = step.as_ref().map(|step| words_of(step, "")).unwrap_or_default();
        let taken_up = step.as_ref().map(|step| &step.elements).into_iter().flatten();
        let sources = Sources {
            run: place.split('/').next().unwrap_or_default(),
            quarter: inputs.optional_text("quarter")?.unwrap_or_default(),
            collected_at: inputs.optional_text("collected_at")?.unwrap_or_default(),
            reviewer: inputs.optional_text("reviewer")?.unwrap_or_default(),
            findings,
            source,
            decisions: inputs.list("decisions")?,
            last: inputs.list("last")?,
            pace: self.pace()?,
            outcomes: inputs.list("outcomes")?,
            edits: inputs.list("edits")?,
            taken_up: taken_up.map(|(edit, state)| (edit, became(*state).to_owned())).collect(),
            edits_approved: approved,
            proven: inputs.list("proven")?,
            not_proven: inputs.list("not_proven")?,
        };
        Ok(sources.compile().map_err(|unfit| self.unfit(&unfit))?)
    }

    fn pace(&self) -> Result<Option<Pace>, Fault> {
        if self.inputs.get("seconds").is_none() {
            return Ok(None);
        }
        let seconds = u64::try_from(self.inputs.integer("seconds")?)
            .map_err(|_| self.inputs.fault("seconds", "is below nothing"))?;
        Ok(Some(Pace { seconds, rushed: self.inputs.flag("rushed")? }))
    }

    /// The same record, with the word of those who approved a step on it.
    fn signed(&self) -> Result<ReviewRecord, Stop> {
        let (source, text) = self.read("record")?;
        let record = record::read(&text).map_err(|unfit| self.unfit(&unfit))?;
        let step = self.inputs.text("step")?;
        let words = words_of(&self.step("step", step)?, &source.digest);
        if words.is_empty() {
            let fault = self.inputs.fault("step", &format!("nobody has approved `{step}`"));
            return Err(fault.hint("name an earlier step that has `approve`").into());
        }
        Ok(record.signed(words))
    }

    /// An artifact of this run, as it was when its digest was taken.
    fn read(&self, name: &str) -> Result<(Source, String), Stop> {
        let path = self.inputs.text(name)?;
        let wrong = |why: &str| self.inputs.fault(name, &format!("{path} {why}"));
        if crate::evidence::unfit(path).is_some() {
            return Err(wrong("is no path of an artifact").into());
        }
        let Some(file) = self.paper.store_of_raw().held(path)? else {
            return Err(wrong("is not in the record of this run").into());
        };
        let mut bytes = Vec::new();
        let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
        read.map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        if bytes.len() as u64 > LONGEST {
            return Err(wrong("is longer than any record of a review").into());
        }
        let digest = Digest::of(&bytes);
        if Digest::parse(self.inputs.text("digest")?) != Some(digest) {
            let fault = wrong("is not what it was: its digest is another one");
            return Err(fault
                .hint("somebody changed the record of the run; `playbook verify` tells more")
                .into());
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong("is no text"))?;
        Ok((Source { path: path.to_owned(), digest: digest.to_string() }, text))
    }

    fn step(&self, input: &str, step: &str) -> Result<StepFacts, Fault> {
        self.paper
            .step(step)
            .ok_or_else(|| self.inputs.fault(input, &format!("this run has no step `{step}`")))
    }

    fn unfit(&self, unfit: &Unfit) -> Fault {
        let name = if self.inputs.get("findings").is_some() { "findings" } else { "record" };
        self.inputs.fault(name, &unfit.0)
    }

    /// What is kept was redacted, so that the model is read again from what is kept: whoever
    /// renders that JSON gets the bytes of every other form.
    fn keep(&self, record: &ReviewRecord, kept: &mut Vec<Artifact>) -> Result<Value, Stop> {
        let cleared = self.paper.store_of_raw().cleared(render(record, Form::Json).as_bytes());
        let record = record::read(&String::from_utf8_lossy(&cleared)).map_err(|unfit| self.unfit(&unfit))?;
        let name = self.inputs.optional_text("name")?.unwrap_or("access-review");
        let mut files = serde_json::Map::new();
        for form in Form::KEPT {
            let name = format!("{name}.{}", form.ending());
            let artifact = self.paper.store(&name, render(&record, form).as_bytes())?;
            let digest = artifact.digest.to_string();
            files.insert(form.ending().to_owned(), json!({ "path": artifact.path, "digest": digest }));
            kept.push(artifact);
        }
        Ok(json!({
            "name": name,
            "json": files.remove("json"),
            "csv": files.remove("csv"),
            "markdown": files.remove("md"),
            "html": files.remove("html"),
            "counts": record.counts,
        }))
    }
}

/// What became of an edit.
const fn became(state: StepState) -> &'static str {
    match state {
        StepState::Done => MADE,
        StepState::Failed => "failed",
        StepState::InDoubt => "in doubt",
        StepState::Undone => "taken back",
        StepState::Skipped => "skipped",
        _ => "not made",
    }
}

/// The approvals of a step, as words on the record with that digest.
fn words_of(step: &StepFacts, of: &str) -> Vec<SignOff> {
    let word = |(by, at): &(Actor, DateTime<Utc>)| SignOff {
        by: by.name.clone(),
        role: step.role.clone(),
        at: at.to_rfc3339_opts(SecondsFormat::Secs, true),
        how: way(&by.via),
        of: of.to_owned(),
    };
    step.approvals.iter().map(word).collect()
}

fn way(via: &Via) -> String {
    match via {
        Via::Terminal => "at a terminal".to_owned(),
        Via::Answers(file) => format!("from {file}"),
        Via::Elsewhere(whence) => format!("from {}@{}", whence.user, whence.host),
        Via::Signed(signature) => format!("signed with {}", signature.key),
        Via::Document => "as the document says".to_owned(),
    }
}
