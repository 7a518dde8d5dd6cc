//! What the world looks like before step one, for the document that is run.

use crate::document::Channel;
use crate::document::permission::{Need, needs};
use crate::engine::Desk;
use crate::error::Result;
use crate::run::{Caller, Standing, Subject, Survey};

use super::aws::principal;
use super::{Actions, Reach};

/// Room that a record takes without collected logs: entries, bodies of calls, reports.
const PLAIN: u64 = 64 << 20;
/// Room that collected logs may take, above that. An estimate: nobody knows beforehand.
const WITH_LOGS: u64 = 1 << 30;

impl Actions {
    /// Looks around; `None` for a document that needs nothing from AWS.
    ///
    /// # Errors
    /// When the record does not take what was read.
    pub async fn survey(&self, desk: &Desk<'_>) -> Result<Option<Survey>> {
        let needs = {
            let run = desk.run();
            let params = run.opened().map(|opened| opened.params.clone()).unwrap_or_default();
            needs(run.playbook(), &params)
        };
        let channels = desk.run().playbook().channels.clone();
        if needs.is_empty() && channels.is_empty() {
            return Ok(None);
        }
        let mut survey = Survey::default();
        if !needs.is_empty() {
            Box::pin(self.aws.look_around(&needs, desk, &mut survey)).await?;
            let before = desk.run().survey().and_then(|survey| survey.caller.clone());
            note_another(before.as_ref(), &mut survey);
        }
        note_channels(&channels, &self.reach(&channels).await, &mut survey);
        note_room(desk.artifacts().room(), wanted(&needs), &mut survey);
        Ok(Some(survey))
    }
}

/// Who goes on with a run may be another than the one who began it; what was found in one
/// account is not looked for in another.
fn note_another(before: Option<&Caller>, survey: &mut Survey) {
    let Some((before, now)) = before.zip(survey.caller.clone()) else { return };
    let says =
        format!("the run was worked on as {}, and these credentials are those of {}", before.arn, now.arn);
    if before.account != now.account {
        let says = format!("{says}, in another account");
        survey.note(Subject::Identity, Standing::Broken, says);
    } else if principal(&before.arn) != principal(&now.arn) {
        survey.note(Subject::Identity, Standing::Warning, says);
    }
}

/// A channel that is dead is told of before step one, and stops nothing.
fn note_channels(channels: &[Channel], reached: &[Reach], survey: &mut Survey) {
    let mut open = 0;
    for (channel, reach) in channels.iter().zip(reached) {
        let name = &channel.name;
        let says = match reach {
            Reach::Open => {
                open += 1;
                continue;
            }
            Reach::Unset { why } => format!("the channel {name} cannot be used: {why}"),
            Reach::Closed { host, why } => format!("the channel {name}: {host} takes no connection: {why}"),
        };
        survey.note(Subject::Reach, Standing::Warning, says);
    }
    if open > 0 && open == channels.len() {
        survey.note(Subject::Reach, Standing::Good, format!("all channels ({open}) take connections"));
    }
}

fn wanted(needs: &[Need]) -> u64 {
    // Only a collection asks for the keys that digests are signed with.
    let collects = needs.iter().any(|need| need.action == "cloudtrail:ListPublicKeys");
    PLAIN + if collects { WITH_LOGS } else { 0 }
}

fn note_room(room: Option<u64>, wanted: u64, survey: &mut Survey) {
    let mib = |bytes: u64| bytes >> 20;
    match room {
        Some(room) if room < wanted => survey.note(
            Subject::Room,
            Standing::Warning,
            format!("{} MiB are free for the record; {} MiB may be needed", mib(room), mib(wanted)),
        ),
        Some(room) => {
            survey.note(Subject::Room, Standing::Good, format!("{} MiB are free for the record", mib(room)));
        }
        None => survey.note(Subject::Room, Standing::Unknown, "how much room the disk has is not known"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_caller_is_told_and_another_account_is_refused() {
        let caller = |account: &str, arn: &str| Caller {
            account: account.to_owned(),
            arn: arn.replace("ACCOUNT", account),
            region: "us-east-1".to_owned(),
        };
        let ann = caller("111122223333", "arn:aws:sts::ACCOUNT:assumed-role/responder/ann");
        let standing = |now: Caller| {
            let mut survey = Survey { caller: Some(now), ..Survey::default() };
            note_another(Some(&ann), &mut survey);
            survey.checks.first().map(|check| check.standing)
        };
        assert_eq!(standing(caller("111122223333", "arn:aws:sts::ACCOUNT:assumed-role/responder/bo")), None);
        let admin = caller("111122223333", "arn:aws:sts::ACCOUNT:assumed-role/admin/ann");
        assert_eq!(standing(admin), Some(Standing::Warning));
        let elsewhere = caller("999988887777", "arn:aws:sts::ACCOUNT:assumed-role/responder/ann");
        assert_eq!(standing(elsewhere), Some(Standing::Broken));
    }

    #[test]
    fn too_little_room_is_a_warning_and_never_a_stop() {
        let standing = |room| {
            let mut survey = Survey::default();
            note_room(room, PLAIN + WITH_LOGS, &mut survey);
            survey.checks[0].standing
        };
        assert_eq!(standing(Some(PLAIN)), Standing::Warning);
        assert_eq!(standing(Some(PLAIN + WITH_LOGS)), Standing::Good);
        assert_eq!(standing(None), Standing::Unknown);
    }
}
