//! When users and roles last used services: jobs that IAM works on by itself, one for each
//! (IAM API reference, `GenerateServiceLastAccessedDetails`,
//! `GetServiceLastAccessedDetails`). Only for those who are not denied, for each takes a job.

use std::collections::VecDeque;
use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_service_last_accessed_details::GetServiceLastAccessedDetailsOutput as Page;
use aws_sdk_iam::types::{
    AccessAdvisorUsageGranularityType as Granularity, JobStatusType, ServiceLastAccessed,
    TrackedActionLastAccessed,
};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::collection::{Collection, object};
use crate::access::usage::is_use;
use crate::actions::aws::cloudtrail::{is_throttled, patiently};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;
use crate::run::{Fault, FaultKind};

/// Jobs that IAM has to work on at once.
const AT_ONCE: usize = 16;
/// The most services that IAM puts on a page (GetServiceLastAccessedDetails, MaxItems).
const ON_A_PAGE: i32 = 1000;
/// With more of them, the record keeps only the notable calls: the answers are artifacts anyhow.
const FEW: usize = 20;
/// How often one is looked after, at longer and longer intervals: a minute and a half in all.
const LOOKS: u32 = 50;
/// How long to wait when IAM asks to slow down beyond what the SDK's tries could mend.
const BACKOFF: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
/// So many are named that could not be read; the others are counted.
const NAMED: usize = 10;

/// A job, by whom it is about.
struct Job<'a> {
    unique_id: &'a str,
    arn: &'a str,
    number: String,
    looks: u32,
    look_at: Instant,
}

/// Asks for everybody; `asked` are unique ids and ARNs. What cannot be read is missing: nobody
/// is taken for one who did nothing.
pub(super) async fn collect(
    order: &Order<'_>,
    asked: &[(String, String)],
    action: &str,
    collection: &mut Collection,
) -> Result<(), Stop> {
    if asked.len() > FEW {
        order.expect_many_calls();
    }
    let granularity = granularity(action);
    let mut round =
        Round { order, iam: order.iam().await?, jobs: VecDeque::new(), unread: Vec::new(), done: 0 };
    for (unique_id, arn) in asked {
        while round.jobs.len() >= AT_ONCE {
            round.look(collection, asked.len()).await?;
        }
        match round.begin(unique_id, arn, &granularity).await {
            Err(Stop::Fault(fault)) if fault.kind == FaultKind::Denied => {
                // It would be denied for everybody else as well.
                collection.unread.push(format!("last-used: {}", fault.message));
                break;
            }
            Err(Stop::Fault(fault)) => round.unread.push(format!("{arn}: {}", fault.message)),
            begun => begun?,
        }
    }
    while !round.jobs.is_empty() {
        round.look(collection, asked.len()).await?;
    }
    let more = round.unread.len().saturating_sub(NAMED);
    let named = round.unread.into_iter().take(NAMED);
    collection.unread.extend(named.map(|why| format!("last-used: service last accessed of {why}")));
    if more > 0 {
        collection.unread.push(format!("last-used: service last accessed of {more} others"));
    }
    Ok(())
}

/// IAM tells of no cryptographic operation by itself ("Action last accessed information is not
/// available for any data plane event"), and an answer with all actions is many times as long.
fn granularity(action: &str) -> Granularity {
    if is_use(action) { Granularity::ServiceLevel } else { Granularity::ActionLevel }
}

struct Round<'a, 'o> {
    order: &'a Order<'o>,
    iam: Client,
    jobs: VecDeque<Job<'a>>,
    unread: Vec<String>,
    done: u64,
}

impl<'a> Round<'a, '_> {
    async fn begin(
        &mut self,
        unique_id: &'a str,
        arn: &'a str,
        granularity: &Granularity,
    ) -> Result<(), Stop> {
        let asked =
            self.iam.generate_service_last_accessed_details().arn(arn).granularity(granularity.clone());
        let said =
            patiently(&BACKOFF, is_throttled, || async { self.order.heard(asked.clone().send().await) });
        let number = said.await?.job_id.unwrap_or_default();
        self.jobs.push_back(Job { unique_id, arn, number, looks: 0, look_at: Instant::now() });
        Ok(())
    }

    /// Looks after the job that was not looked after for longest.
    async fn look(&mut self, collection: &mut Collection, of: usize) -> Result<(), Stop> {
        let Some(mut job) = self.jobs.pop_front() else { return Ok(()) };
        sleep_until(job.look_at).await;
        match self.report(&job.number).await {
            Ok(Some(report)) => collection.add(&format!("last-used/{}.json", job.unique_id), &report),
            Ok(None) if job.looks < LOOKS => {
                job.looks += 1;
                job.look_at = Instant::now() + Duration::from_millis(200 * u64::from(job.looks.min(10)));
                self.jobs.push_back(job);
                return Ok(());
            }
            Ok(None) => self.unread.push(format!("{}: IAM did not finish the report in time", job.arn)),
            Err(Stop::Fault(fault)) => self.unread.push(format!("{}: {}", job.arn, fault.message)),
            Err(stop) => return Err(stop),
        }
        self.done += 1;
        self.order.paper.show_progress(self.done, Some(of as u64), "reports of IAM");
        Ok(())
    }

    /// All pages as one answer; nothing while IAM is at work.
    async fn report(&self, job: &str) -> Result<Option<Value>, Stop> {
        let mut services = Vec::new();
        let mut marker = None;
        loop {
            let asked = self.iam.get_service_last_accessed_details().job_id(job).max_items(ON_A_PAGE);
            let asked = asked.set_marker(marker.take());
            let said =
                patiently(&BACKOFF, is_throttled, || async { self.order.heard(asked.clone().send().await) });
            let page = said.await?;
            if *page.job_status() == JobStatusType::InProgress {
                return Ok(None);
            }
            services.extend(page.services_last_accessed().iter().map(service));
            marker = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
            if marker.is_none() {
                return whole(&page, services).map(Some);
            }
        }
    }
}

/// A page that says that another follows, and not how to ask for it, is no end.
fn whole(page: &Page, services: Vec<Value>) -> Result<Value, Stop> {
    if page.is_truncated() {
        return Err(Fault::new(FaultKind::Rejected, "a page is missing from IAM's report").into());
    }
    let error = page.error().map(|error| {
        object([("Message", Some(error.message().into())), ("Code", Some(error.code().into()))])
    });
    Ok(object([
        ("JobStatus", Some(page.job_status().as_str().into())),
        ("JobType", page.job_type().map(|kind| kind.as_str().into())),
        ("JobCreationDate", Some(when(Some(page.job_creation_date())).into())),
        ("ServicesLastAccessed", Some(services.into())),
        ("JobCompletionDate", Some(when(Some(page.job_completion_date())).into())),
        ("IsTruncated", Some(false.into())),
        ("Error", error),
    ]))
}

fn service(service: &ServiceLastAccessed) -> Value {
    let tracked = service.tracked_actions_last_accessed.as_ref();
    object([
        ("ServiceName", Some(service.service_name().into())),
        ("LastAuthenticated", service.last_authenticated().map(|at| when(Some(at)).into())),
        ("ServiceNamespace", Some(service.service_namespace().into())),
        ("LastAuthenticatedEntity", service.last_authenticated_entity().map(Value::from)),
        ("LastAuthenticatedRegion", service.last_authenticated_region().map(Value::from)),
        ("TotalAuthenticatedEntities", service.total_authenticated_entities().map(Value::from)),
        ("TrackedActionsLastAccessed", tracked.map(|all| all.iter().map(action).collect::<Vec<_>>().into())),
    ])
}

fn action(action: &TrackedActionLastAccessed) -> Value {
    object([
        ("ActionName", action.action_name().map(Value::from)),
        ("LastAccessedEntity", action.last_accessed_entity().map(Value::from)),
        ("LastAccessedTime", action.last_accessed_time().map(|at| when(Some(at)).into())),
        ("LastAccessedRegion", action.last_accessed_region().map(Value::from)),
    ])
}
