//! A program that a step started, known again after the one that started it has died: killed,
//! this program takes nobody with it, and what it began goes on.
//!
//! The program begins a group of its own, and its number is recorded as soon as it has one.
//! Between the two lies a moment in which a death leaves a program whose number nobody knows:
//! it bears a mark in its environment, by which it is found where the system shows that.

use std::path::Path;
use std::process::Command;

use rustix::process::Pid;
use rustix::system::uname;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The variable that tells a program, and those that it starts, for which step of which run
/// they work.
pub(super) const MARK: &str = "PLAYBOOK_STEP";

/// How the record tells of a program that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    /// Of the process and of its group.
    id: i32,
    /// When it began, as the system tells it: numbers are given again.
    began: String,
    host: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    AtWork,
    Ended,
    /// It was started on another machine, or this one does not tell.
    Unknown(String),
}

/// One process of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    id: i32,
    group: i32,
    /// It has ended, and nobody has asked how yet.
    dead: bool,
    began: String,
}

impl Process {
    pub(super) fn started(id: Pid) -> Self {
        let id = id.as_raw_nonzero().get();
        Self { id, began: began(id).unwrap_or_default(), host: host() }
    }

    /// As progress of its step.
    pub(super) fn told(&self) -> Value {
        json!({ "process": self })
    }

    fn in_progress(progress: &Value) -> Option<Self> {
        serde_json::from_value(progress.get("process")?.clone()).ok()
    }

    fn fate(&self, here: &str, members: Option<&[Member]>) -> Fate {
        if self.host != here {
            return Fate::Unknown(format!("it was started on {}, and this is {here}", self.host));
        }
        let Some(members) = members else {
            return Fate::Unknown("this machine does not tell which processes there are".to_owned());
        };
        // A number is not given again while a group is called by it.
        let another = members.iter().any(|member| member.id == self.id && member.began != self.began);
        let alive = members.iter().any(|member| member.group == self.id && !member.dead);
        if alive && !another { Fate::AtWork } else { Fate::Ended }
    }
}

/// Why an attempt must not be made again yet, by what its step had recorded and by the mark of
/// its programs: one is still at work, or nobody can tell here. `None` where nothing speaks
/// against it.
pub(super) fn still_at_work(progress: Option<&Value>, mark: &str) -> Option<String> {
    match recorded(progress) {
        Some((id, Fate::AtWork)) => Some(format!(
            "its program is still at work, as process {id}: wait for its end, or end it with `kill -- -{id}`"
        )),
        Some((id, Fate::Unknown(why))) => {
            Some(format!("whether its program, process {id}, is still at work is not known here: {why}"))
        }
        Some((_, Fate::Ended)) | None => marked(mark),
    }
}

/// Whether that is certain: what nobody can tell is left to the operator's word.
pub(super) fn is_at_work(progress: Option<&Value>, mark: &str) -> bool {
    matches!(recorded(progress), Some((_, Fate::AtWork))) || marked(mark).is_some()
}

fn recorded(progress: Option<&Value>) -> Option<(i32, Fate)> {
    let process = Process::in_progress(progress?)?;
    Some((process.id, process.fate(&host(), members().as_deref())))
}

fn marked(mark: &str) -> Option<String> {
    let ids: Vec<_> = bearers(Path::new("/proc"), mark).iter().map(ToString::to_string).collect();
    let ids = (!ids.is_empty()).then(|| ids.join(" "))?;
    Some(format!(
        "what it started is still at work, as process {ids}: wait for its end, or end it with `kill {ids}`"
    ))
}

/// The other processes that bear the mark, as far as Linux shows (proc_pid_environ(5)).
fn bearers(proc: &Path, mark: &str) -> Vec<i32> {
    let (own, sought) = (rustix::process::getpid().as_raw_nonzero().get(), format!("{MARK}={mark}"));
    let entries = std::fs::read_dir(proc).into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let bears = |id: &i32| {
        let told = std::fs::read(proc.join(id.to_string()).join("environ")).unwrap_or_default();
        told.split(|byte| *byte == 0).any(|variable| variable == sought.as_bytes())
    };
    ids.filter(|id| *id != own).filter(bears).collect()
}

fn host() -> String {
    uname().nodename().to_string_lossy().into_owned()
}

fn began(id: i32) -> Option<String> {
    let proc = Path::new("/proc");
    let own =
        || of_stat(&std::fs::read_to_string(proc.join(id.to_string()).join("stat")).ok()?, &boot(proc)?);
    own().or_else(|| from_ps()?.into_iter().find(|member| member.id == id)).map(|member| member.began)
}

/// Every process; `None` where the system does not tell.
fn members() -> Option<Vec<Member>> {
    in_proc(Path::new("/proc")).or_else(from_ps)
}

/// As Linux tells (proc_pid_stat(5)). The time since the start of the machine comes with the
/// id of that start.
fn in_proc(proc: &Path) -> Option<Vec<Member>> {
    let boot = boot(proc)?;
    let entries = std::fs::read_dir(proc).ok()?.flatten();
    let stats = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    Some(stats.filter_map(|stat| of_stat(&stat, &boot)).collect())
}

/// The id of this start of the machine.
fn boot(proc: &Path) -> Option<String> {
    let told = std::fs::read_to_string(proc.join("sys/kernel/random/boot_id")).ok()?;
    Some(told.trim().to_owned())
}

/// A process' name may hold anything, a closing bracket too.
fn of_stat(stat: &str, boot: &str) -> Option<Member> {
    let (head, rest) = stat.rsplit_once(')')?;
    let id = head.split_once('(')?.0.trim().parse().ok()?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let (state, group, began) = (fields.first()?, fields.get(2)?.parse().ok()?, fields.get(19)?);
    Some(Member { id, group, dead: matches!(*state, "Z" | "X"), began: format!("{boot}/{began}") })
}

/// As POSIX `ps` tells, with the start that macOS and the BSDs know.
fn from_ps() -> Option<Vec<Member>> {
    let told = Command::new("ps")
        .args(["-A", "-o", "pid=", "-o", "pgid=", "-o", "stat=", "-o", "lstart="])
        .env("LC_ALL", "C")
        .env("TZ", "UTC0")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    told.status.success().then(|| text.lines().filter_map(of_ps).collect())
}

fn of_ps(line: &str) -> Option<Member> {
    let mut words = line.split_whitespace();
    let (id, group) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let dead = words.next()?.starts_with('Z');
    Some(Member { id, group, dead, began: words.collect::<Vec<_>>().join(" ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: i32, group: i32, dead: bool, began: &str) -> Member {
        Member { id, group, dead, began: began.to_owned() }
    }

    fn process() -> Process {
        Process { id: 4711, began: "b/17".to_owned(), host: "desk".to_owned() }
    }

    #[test]
    fn a_program_is_at_work_as_long_as_one_of_its_group_lives() {
        let fate = |members: &[Member]| process().fate("desk", Some(members));
        assert_eq!(fate(&[member(4711, 4711, false, "b/17")]), Fate::AtWork);
        assert_eq!(
            fate(&[member(4711, 4711, true, "b/17"), member(4712, 4711, false, "b/18")]),
            Fate::AtWork
        );
        assert_eq!(fate(&[member(4712, 4711, false, "b/18")]), Fate::AtWork, "its first process has ended");
        assert_eq!(fate(&[member(4711, 4711, true, "b/17")]), Fate::Ended);
        assert_eq!(fate(&[member(4711, 4711, false, "b/99")]), Fate::Ended, "the number was given again");
        assert_eq!(fate(&[member(4711, 1, false, "b/99"), member(3, 4711, false, "b/3")]), Fate::Ended);
        assert_eq!(fate(&[]), Fate::Ended);
    }

    #[test]
    fn what_another_machine_started_is_not_looked_for_here() {
        assert!(matches!(process().fate("laptop", Some(&[])), Fate::Unknown(why) if why.contains("desk")));
        assert!(matches!(process().fate("desk", None), Fate::Unknown(_)));
    }

    #[test]
    fn the_lines_of_linux_and_of_ps_are_read() {
        let stat = "4711 (a) b) S 1 4711 4711 0 -1 4194560 101 0 0 0 0 0 0 0 20 0 1 0 17 2 3";
        assert_eq!(of_stat(stat, "b"), Some(member(4711, 4711, false, "b/17")));
        assert_eq!(of_stat("4711 (a", "b"), None);
        let line = "  501   501 Ss   Tue Nov 24 09:05:00 2026";
        assert_eq!(of_ps(line), Some(member(501, 501, false, "Tue Nov 24 09:05:00 2026")));
        assert_eq!(of_ps("501 501 Z "), Some(member(501, 501, true, "")));
        assert_eq!(of_ps(""), None);
    }

    #[test]
    fn what_bears_the_mark_of_a_step_is_found_as_long_as_it_lives() {
        let mark = format!("RUN/step@{}", std::process::id());
        let mut child = Command::new("sleep").arg("60").env(MARK, &mark).spawn().unwrap();
        let id = i32::try_from(child.id()).unwrap();
        if Path::new("/proc/self/environ").exists() {
            // The child is a copy of this process until it has become the program.
            while bearers(Path::new("/proc"), &mark).is_empty() {}
            assert_eq!(bearers(Path::new("/proc"), &mark), [id]);
            assert!(is_at_work(None, &mark) && still_at_work(None, &mark).unwrap().contains(&id.to_string()));
            assert!(!is_at_work(None, "RUN/step"), "a mark is whole");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_at_work(None, &mark));
    }

    /// Both ways of this machine know this very process; `ps` needs not be there.
    #[test]
    fn this_machine_tells_of_this_process() {
        let own = rustix::process::getpid();
        let known = Process::started(own);
        let raw = own.as_raw_nonzero().get();
        assert!(!known.began.is_empty());
        for members in [in_proc(Path::new("/proc")), from_ps()].into_iter().flatten() {
            assert!(
                members.iter().any(|member| member.id == raw && !member.dead && !member.began.is_empty())
            );
        }
        assert_eq!(Process::in_progress(&known.told()), Some(known));
        assert_eq!(Process::in_progress(&json!({ "arn": "x" })), None);
    }
}
