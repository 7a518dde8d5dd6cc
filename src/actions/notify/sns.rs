//! Amazon SNS, Publish, with the AWS identity of the run (SNS API reference, "Publish").

use super::Means;
use super::address::Settings;
use super::attempt::{Came, Exchange, PATIENCE, posted};
use super::notice::{Notice, cut};
use super::post::Post;
use crate::actions::aws::passes;
use crate::run::FaultKind;

/// Subjects have fewer than 100 characters, and no line breaks; ASCII is what every
/// subscriber can show.
const LONGEST_SUBJECT: usize = 99;
/// A message has at most 262,144 bytes; a character takes four at most.
const LONGEST_MESSAGE: usize = 65_000;

pub(super) async fn exchange(
    settings: Settings<'_>,
    notice: &Notice<'_>,
    means: Means<'_>,
) -> Result<Exchange, Came> {
    let mut exchange = posted("Publish", post(settings, notice, means).await?, means).await;
    // A status of 4xx says little here: the code in the body does. A refusal would stay; what
    // the next try is signed with, and how many there were before it, do not.
    if let Came::Never { why } = &exchange.came
        && (passes(&exchange.received) || means.aws.renews_after(&exchange.received).await)
    {
        exchange.came = Came::Later { why: why.clone(), after: None };
    }
    Ok(exchange)
}

async fn post(settings: Settings<'_>, notice: &Notice<'_>, means: Means<'_>) -> Result<Post, Came> {
    let topic = settings.text("topic").map_err(|why| Came::Never { why })?;
    let (subject, message) = (subject(notice), cut(&notice.message, LONGEST_MESSAGE));
    let signing = means.aws.publish(topic, &subject, &message, means.paper.now());
    let signed = tokio::time::timeout(PATIENCE, signing).await;
    let late = || Came::Later { why: "AWS credentials did not come in time".to_owned(), after: None };
    match signed.map_err(|_| late())? {
        Ok(signed) => Ok(Post { url: signed.url, headers: signed.headers, body: signed.body }),
        Err(fault) if fault.kind == FaultKind::Unauthenticated => {
            Err(Came::Later { why: fault.message, after: None })
        }
        Err(fault) => Err(Came::Never { why: fault.message }),
    }
}

fn subject(notice: &Notice<'_>) -> String {
    let ascii = notice.subject.chars().map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' });
    let text: String = ascii.take(LONGEST_SUBJECT).collect();
    let text = text.trim();
    if text.is_empty() { notice.document.to_owned() } else { text.to_owned() }
}
