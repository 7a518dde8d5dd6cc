//! The account: every page of `GetAccountAuthorizationDetails`, or none.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail,
    Tag, UserDetail,
};
use serde_json::{Value, json};

use super::collection::{Collection, object};
use crate::actions::aws::order::Order;
use crate::actions::aws::stop::Stop;
use crate::actions::aws::when::when;

/// The most elements that IAM puts on a page (GetAccountAuthorizationDetails, MaxItems).
const ON_A_PAGE: i32 = 1000;

/// A page that does not come is the end of the collection: who is on it is not known.
pub(super) async fn collect(order: &Order<'_>, collection: &mut Collection) -> Result<(), Stop> {
    let iam = order.iam().await?;
    let mut marker = None;
    for number in 1_u64.. {
        let asked = iam.get_account_authorization_details().max_items(ON_A_PAGE).set_marker(marker);
        let page = order.heard(asked.send().await)?;
        collection.add(&format!("authorization-details-{number}.json"), &told(&page));
        order.paper.show_progress(number, None, "pages of IAM");
        marker = page.marker().map(str::to_owned);
        if !page.is_truncated() || marker.is_none() {
            break;
        }
    }
    Ok(())
}

fn told(page: &GetAccountAuthorizationDetailsOutput) -> Value {
    json!({
        "UserDetailList": page.user_detail_list().iter().map(user).collect::<Vec<_>>(),
        "GroupDetailList": page.group_detail_list().iter().map(group).collect::<Vec<_>>(),
        "RoleDetailList": page.role_detail_list().iter().map(role).collect::<Vec<_>>(),
        "Policies": page.policies().iter().map(managed).collect::<Vec<_>>(),
        "IsTruncated": page.is_truncated(),
    })
}

fn user(user: &UserDetail) -> Value {
    object([
        ("Path", user.path().map(Value::from)),
        ("UserName", user.user_name().map(Value::from)),
        ("UserId", user.user_id().map(Value::from)),
        ("Arn", user.arn().map(Value::from)),
        ("CreateDate", user.create_date().map(|at| when(Some(at)).into())),
        ("UserPolicyList", inline(user.user_policy_list())),
        ("GroupList", Some(user.group_list().into())),
        ("AttachedManagedPolicies", attached(user.attached_managed_policies())),
        ("PermissionsBoundary", user.permissions_boundary().map(boundary)),
        ("Tags", tags(user.tags())),
    ])
}

fn role(role: &RoleDetail) -> Value {
    let last = role.role_last_used().map(|last| {
        object([
            ("LastUsedDate", last.last_used_date().map(|at| when(Some(at)).into())),
            ("Region", last.region().map(Value::from)),
        ])
    });
    object([
        ("Path", role.path().map(Value::from)),
        ("RoleName", role.role_name().map(Value::from)),
        ("RoleId", role.role_id().map(Value::from)),
        ("Arn", role.arn().map(Value::from)),
        ("CreateDate", role.create_date().map(|at| when(Some(at)).into())),
        ("AssumeRolePolicyDocument", role.assume_role_policy_document().map(Value::from)),
        ("RolePolicyList", inline(role.role_policy_list())),
        ("AttachedManagedPolicies", attached(role.attached_managed_policies())),
        ("PermissionsBoundary", role.permissions_boundary().map(boundary)),
        ("Tags", tags(role.tags())),
        ("RoleLastUsed", last),
    ])
}

fn group(group: &GroupDetail) -> Value {
    object([
        ("Path", group.path().map(Value::from)),
        ("GroupName", group.group_name().map(Value::from)),
        ("GroupId", group.group_id().map(Value::from)),
        ("Arn", group.arn().map(Value::from)),
        ("GroupPolicyList", inline(group.group_policy_list())),
        ("AttachedManagedPolicies", attached(group.attached_managed_policies())),
    ])
}

fn managed(policy: &ManagedPolicyDetail) -> Value {
    let versions = policy.policy_version_list().iter().map(|version| {
        object([
            ("Document", version.document().map(Value::from)),
            ("VersionId", version.version_id().map(Value::from)),
            ("IsDefaultVersion", Some(version.is_default_version().into())),
        ])
    });
    object([
        ("PolicyName", policy.policy_name().map(Value::from)),
        ("PolicyId", policy.policy_id().map(Value::from)),
        ("Arn", policy.arn().map(Value::from)),
        ("Path", policy.path().map(Value::from)),
        ("DefaultVersionId", policy.default_version_id().map(Value::from)),
        ("AttachmentCount", policy.attachment_count().map(Value::from)),
        ("PolicyVersionList", Some(versions.collect::<Vec<_>>().into())),
    ])
}

fn inline(policies: &[PolicyDetail]) -> Option<Value> {
    let told = |policy: &PolicyDetail| {
        object([
            ("PolicyName", policy.policy_name().map(Value::from)),
            ("PolicyDocument", policy.policy_document().map(Value::from)),
        ])
    };
    Some(policies.iter().map(told).collect::<Vec<_>>().into())
}

fn attached(policies: &[AttachedPolicy]) -> Option<Value> {
    let told = |policy: &AttachedPolicy| {
        object([
            ("PolicyName", policy.policy_name().map(Value::from)),
            ("PolicyArn", policy.policy_arn().map(Value::from)),
        ])
    };
    Some(policies.iter().map(told).collect::<Vec<_>>().into())
}

fn boundary(boundary: &AttachedPermissionsBoundary) -> Value {
    object([
        ("PermissionsBoundaryType", boundary.permissions_boundary_type().map(|kind| kind.as_str().into())),
        ("PermissionsBoundaryArn", boundary.permissions_boundary_arn().map(Value::from)),
    ])
}

fn tags(tags: &[Tag]) -> Option<Value> {
    let told = |tag: &Tag| json!({ "Key": tag.key(), "Value": tag.value() });
    Some(tags.iter().map(told).collect::<Vec<_>>().into())
}
