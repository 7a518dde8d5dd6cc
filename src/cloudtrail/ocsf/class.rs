//! Which class of the schema an event belongs to, and what only that class tells.

use serde_json::{Value, json};

use super::verb::Activity;
use super::{Fields, actor};
use crate::cloudtrail::event::Event;

/// The classes that events of CloudTrail come to lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    AccountChange,
    Authentication,
    EntityManagement,
    UserAccess,
    GroupManagement,
    ApiActivity,
}

impl Kind {
    pub const fn uid(self) -> u64 {
        match self {
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::EntityManagement => 3004,
            Self::UserAccess => 3005,
            Self::GroupManagement => 3006,
            Self::ApiActivity => 6003,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountChange => "Account Change",
            Self::Authentication => "Authentication",
            Self::EntityManagement => "Entity Management",
            Self::UserAccess => "User Access Management",
            Self::GroupManagement => "Group Management",
            Self::ApiActivity => "API Activity",
        }
    }

    pub const fn category(self) -> &'static str {
        match self {
            Self::ApiActivity => "Application Activity",
            _ => "Identity & Access Management",
        }
    }
}

pub(super) struct Class {
    pub kind: Kind,
    pub activity: Activity,
    /// The attributes that the class adds to those that all have.
    pub own: Fields,
}

impl Class {
    pub fn of(event: &Event) -> Self {
        let special = match event.source() {
            "sts.amazonaws.com" | "signin.amazonaws.com" => authentication(event),
            "iam.amazonaws.com" => group(event).or_else(|| policy(event)).or_else(|| person(event)),
            "kms.amazonaws.com" => grant(event),
            _ => None,
        };
        special.unwrap_or_else(|| Self::new(Kind::ApiActivity, Activity::of(event.name()), []))
    }

    pub const fn has_resources(&self) -> bool {
        matches!(self.kind, Kind::ApiActivity | Kind::UserAccess)
    }

    fn new<const N: usize>(kind: Kind, activity: Activity, own: [(&str, Value); N]) -> Self {
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { kind, activity, own }
    }
}

/// A session begins: at the console, or with credentials of STS. Who is authenticated is
/// the role that is assumed, and the caller itself where no role is named.
fn authentication(event: &Event) -> Option<Class> {
    const SESSIONS: [&str; 6] = [
        "ConsoleLogin",
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "GetSessionToken",
        "GetFederationToken",
    ];
    SESSIONS.contains(&event.name()).then_some(())?;
    let role = event.text(&["requestParameters", "roleArn"]);
    let user = role.map_or_else(|| actor::user(event), actor::role);
    let service = json!({ "name": event.source() });
    let mut class =
        Class::new(Kind::Authentication, Activity::new(1, "Logon"), [("user", user), ("service", service)]);
    if let Some(protocol) = protocol(event.name()) {
        class.own.insert("auth_protocol_id".into(), protocol.0.into());
        class.own.insert("auth_protocol".into(), protocol.1.into());
    }
    let mfa = event.text(&["additionalEventData", "MFAUsed"]);
    let mfa = mfa.map(|used| used == "Yes").or_else(|| actor::mfa(event));
    class.own.extend(mfa.map(|mfa| ("is_mfa".to_owned(), mfa.into())));
    Some(class)
}

fn protocol(operation: &str) -> Option<(u64, &'static str)> {
    match operation {
        "AssumeRoleWithSAML" => Some((5, "SAML")),
        "AssumeRoleWithWebIdentity" => Some((4, "OpenID")),
        _ => None,
    }
}

/// A user or role is made, changed or removed.
fn person(event: &Event) -> Option<Class> {
    let activity = match event.name() {
        "CreateUser" | "CreateRole" | "CreateServiceLinkedRole" => Activity::new(1, "Create"),
        "ChangePassword" => Activity::new(3, "Password Change"),
        "UpdateLoginProfile" => Activity::new(4, "Password Reset"),
        "DeleteUser" | "DeleteRole" | "DeleteServiceLinkedRole" => Activity::new(6, "Delete"),
        "AttachUserPolicy" | "AttachRolePolicy" | "PutUserPolicy" | "PutRolePolicy" => {
            Activity::new(7, "Attach Policy")
        }
        "DetachUserPolicy" | "DetachRolePolicy" | "DeleteUserPolicy" | "DeleteRolePolicy" => {
            Activity::new(8, "Detach Policy")
        }
        "EnableMFADevice" => Activity::new(10, "MFA Factor Enable"),
        "DeactivateMFADevice" => Activity::new(11, "MFA Factor Disable"),
        "CreateAccessKey"
        | "UpdateAccessKey"
        | "DeleteAccessKey"
        | "CreateLoginProfile"
        | "DeleteLoginProfile"
        | "UpdateUser"
        | "UpdateRole"
        | "UpdateAssumeRolePolicy" => Activity::other(),
        _ => return None,
    };
    let mut class = Class::new(Kind::AccountChange, activity, [("user", target(event)?)]);
    class.own.extend(policies(event).map(|policy| ("policies".to_owned(), json!([policy]))));
    Some(class)
}

/// The user or role that the call is about. AWS lets a user leave its own name out.
fn target(event: &Event) -> Option<Value> {
    let asked = |name| event.text(&["requestParameters", name]);
    match (asked("userName"), asked("roleName")) {
        (Some(name), _) => Some(json!({ "name": name, "type": "IAMUser", "type_id": 1 })),
        (None, Some(name)) => Some(json!({ "name": name, "type": "Role", "type_id": 1 })),
        (None, None) if event.name().ends_with("AccessKey") || event.name() == "ChangePassword" => {
            event.text(&["userIdentity", "userName"]).map(|_| actor::user(event))
        }
        (None, None) => None,
    }
}

fn policies(event: &Event) -> Option<Value> {
    let mut policy = super::texts(
        event,
        &[("name", &["requestParameters", "policyName"]), ("uid", &["requestParameters", "policyArn"])],
    );
    let document = event.text(&["requestParameters", "policyDocument"]);
    policy.extend(document.map(|text| ("data".to_owned(), json!(text))));
    (policy.contains_key("name") || policy.contains_key("uid")).then_some(policy.into())
}

fn group(event: &Event) -> Option<Class> {
    let activity = match event.name() {
        "AttachGroupPolicy" | "PutGroupPolicy" => Activity::new(1, "Assign Privileges"),
        "DetachGroupPolicy" | "DeleteGroupPolicy" => Activity::new(2, "Revoke Privileges"),
        "AddUserToGroup" => Activity::new(3, "Add User"),
        "RemoveUserFromGroup" => Activity::new(4, "Remove User"),
        "DeleteGroup" => Activity::new(5, "Delete"),
        "CreateGroup" => Activity::new(6, "Create"),
        _ => return None,
    };
    let name = event.text(&["requestParameters", "groupName"])?;
    let mut class = Class::new(Kind::GroupManagement, activity, [("group", json!({ "name": name }))]);
    class.own.extend(target(event).map(|user| ("user".to_owned(), user)));
    let policy = ["policyArn", "policyName"].iter().find_map(|of| event.text(&["requestParameters", of]));
    class.own.extend(policy.map(|policy| ("privileges".to_owned(), json!([policy]))));
    Some(class)
}

/// A managed policy is made, changed or removed.
fn policy(event: &Event) -> Option<Class> {
    let activity = match event.name() {
        "CreatePolicy" => Activity::new(1, "Create"),
        "CreatePolicyVersion" | "SetDefaultPolicyVersion" | "DeletePolicyVersion" => {
            Activity::new(3, "Update")
        }
        "DeletePolicy" => Activity::new(4, "Delete"),
        _ => return None,
    };
    let mut entity = super::texts(
        event,
        &[("name", &["requestParameters", "policyName"]), ("uid", &["requestParameters", "policyArn"])],
    );
    if entity.is_empty() {
        return None;
    }
    entity.insert("type".into(), "Policy".into());
    entity.insert("type_id".into(), 5.into());
    Some(Class::new(Kind::EntityManagement, activity, [("entity", entity.into())]))
}

/// A grant names who may do what with a key. Its revocation names neither, and stays an
/// API Activity.
fn grant(event: &Event) -> Option<Class> {
    (event.name() == "CreateGrant").then_some(())?;
    let grantee = event.text(&["requestParameters", "granteePrincipal"])?;
    let operations = event.field(&["requestParameters", "operations"])?.as_array()?;
    let privileges: Vec<&str> = operations.iter().filter_map(Value::as_str).collect();
    if privileges.is_empty() {
        return None;
    }
    let user = json!({ "uid": grantee });
    let activity = Activity::new(1, "Assign Privileges");
    Some(Class::new(Kind::UserAccess, activity, [("user", user), ("privileges", json!(privileges))]))
}
