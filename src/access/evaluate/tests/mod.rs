//! Every rule as requests and the verdict that AWS documents for them. The source of an
//! expectation is the page whose title stands above its table.

mod discovery;
mod grants;
mod keys;
mod layers;
mod limits;
mod principals;
mod properties;
mod unseen;

use serde_json::{Value, json};

use crate::access::simulate::answer;

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ANA: &str = "arn:aws:iam::111122223333:user/ana";
const APP: &str = "arn:aws:iam::111122223333:role/service/app";
const APP_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/i-0abc";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const STRANGER: &str = "arn:aws:iam::444455556666:role/partner";

/// A line of `access simulate` that is grown step by step.
#[derive(Clone, Debug)]
struct Line(Value);

fn decrypt(principal: &str) -> Line {
    on(principal, "kms:Decrypt", KEY)
}

fn on(principal: &str, action: &str, resource: &str) -> Line {
    Line(
        json!({"id": "1", "request": {"principal": principal, "action": action, "resource": resource, "context": {}}}),
    )
}

impl Line {
    fn with(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }

    fn identity(self, statements: Value) -> Self {
        self.with("identity_policies", json!([policy(statements)]))
    }

    fn key_policy(self, statements: Value) -> Self {
        self.with("resource_policy", policy(statements))
    }

    fn boundary(self, statements: Value) -> Self {
        self.with("boundary", policy(statements))
    }

    fn session(self, statements: Value) -> Self {
        self.with("session_policies", json!([policy(statements)]))
    }

    fn context(mut self, key: &str, value: Value) -> Self {
        self.0["request"]["context"][key] = value;
        self
    }

    fn request(mut self, name: &str, value: Value) -> Self {
        self.0["request"][name] = value;
        self
    }

    fn discover(self) -> Self {
        self.with("discover", true.into())
    }

    fn answer(&self) -> Value {
        answer(&self.0.to_string()).unwrap_or_else(|flaw| panic!("{flaw:?} in {}", self.0))
    }

    #[track_caller]
    fn is(self, verdict: &str) -> Value {
        let answer = self.answer();
        assert_eq!(answer["verdict"], verdict, "{:#}\n{:#}", self.0, answer);
        answer
    }
}

fn policy(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(action: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*"})
}

fn deny(action: &str) -> Value {
    json!({"Effect": "Deny", "Action": action, "Resource": "*"})
}

fn allow_to(principal: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:Decrypt", "Resource": "*"})
}

fn deny_to(principal: &str) -> Value {
    json!({"Effect": "Deny", "Principal": {"AWS": principal}, "Action": "kms:Decrypt", "Resource": "*"})
}

/// "Default key policy": the account is named, and IAM decides.
fn delegated() -> Value {
    json!({"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": ROOT},
           "Action": "kms:*", "Resource": "*"})
}

fn with_condition(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}
