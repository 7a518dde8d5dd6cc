//! When users were last there: the credential report (IAM user guide, "Generate credential
//! reports for your AWS account").

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::ReportStateType;

use super::collection::Collection;
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::run::{Fault, FaultKind};

const NAME: &str = "last-used/credential-report.csv";

/// IAM takes a moment to write a report; it keeps one for four hours.
const EVERY: Duration = Duration::from_millis(500);
const LOOKS: usize = 60;

pub(super) async fn collect(order: &Order<'_>, collection: &mut Collection) -> Result<(), Stop> {
    match report(order, &order.iam().await?).await {
        Ok(text) => {
            collection.files.insert(NAME.to_owned(), text);
        }
        Err(Stop::Fault(fault)) => collection.unread.push(format!("{NAME}: {}", fault.message)),
        Err(stop) => return Err(stop),
    }
    Ok(())
}

async fn report(order: &Order<'_>, iam: &Client) -> Result<String, Stop> {
    for _ in 0..LOOKS {
        let said = order.heard(iam.generate_credential_report().send().await)?;
        if said.state() == Some(&ReportStateType::Complete) {
            let report = order.heard(iam.get_credential_report().send().await)?;
            let bytes = report.content().map(|content| content.clone().into_inner()).unwrap_or_default();
            return String::from_utf8(bytes).map_err(|_| {
                Fault::new(FaultKind::Rejected, "the credential report is no UTF-8 text").into()
            });
        }
        tokio::time::sleep(EVERY).await;
    }
    Err(Fault::new(FaultKind::Unreachable, "IAM did not finish the credential report in half a minute")
        .into())
}
