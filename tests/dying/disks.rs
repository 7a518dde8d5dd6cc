//! A disk that is really full.

use std::process::{Command, Stdio};

use super::Mortal;

/// Runs on a small tmpfs in a mount namespace of its own. Each time the run stops, the
/// operator makes a little room, looks at the ledger, and says what took place. At the end the
/// record is taken out. `$1` is the program.
const SCRIPT: &str = r#"
mkdir evidence && mount -t tmpfs -o size=16k none evidence || exit 99
"$1" run mortal --non-interactive >said 2>&1
echo "run $?" >> codes
for size in 20k 24k 28k 32k 36k 40k 44k 48k 52k 56k 60k 64k 256k; do
    mount -o remount,size=$size none evidence || exit 99
    echo "{}" > answers.yaml
    if [ -s ledger ]; then sed 's/$/: { answer: done, reason: I looked }/' ledger > answers.yaml; fi
    "$1" resume RUN --answers answers.yaml --non-interactive >>said 2>&1
    code=$?
    echo "resume $code" >> codes
    [ $code = 0 ] && break
done
cp -r evidence taken && umount evidence && rmdir evidence && mv taken evidence
"#;

/// In a mount namespace of its own: of this user, or of a user namespace where that is what is
/// allowed.
fn namespace() -> Option<&'static [&'static str]> {
    let ways: [&'static [&'static str]; 2] = [&["-m"], &["-rm"]];
    ways.into_iter().find(|way| {
        let mut try_it = Command::new("unshare");
        try_it.args(*way).args(["sh", "-c", "mount -t tmpfs none /mnt"]);
        try_it.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    })
}

#[test]
fn a_run_whose_disk_is_full_stops_before_its_next_write_and_goes_on_when_there_is_room() {
    let Some(way) = namespace() else {
        eprintln!("skipped: no mount namespace can be made here");
        return;
    };
    let mortal = Mortal::new(20, "0");
    let mut unshare = Command::new("unshare");
    unshare.args(way).args(["sh", "-c", SCRIPT, "sh", env!("CARGO_BIN_EXE_playbook")]);
    unshare.current_dir(mortal.drill.path()).env_clear().envs(mortal.drill.variables());
    let output = unshare.output().expect("unshare starts");
    let read = |name: &str| std::fs::read_to_string(mortal.drill.path().join(name)).unwrap_or_default();
    let (codes, said) = (read("codes"), read("said"));
    assert!(output.status.success(), "{output:?}\n{codes}\n{said}");
    assert!(codes.starts_with("run 1\nresume 1\n"), "the disk was full again and again: {codes}\n{said}");
    assert!(codes.ends_with("resume 0\n"), "{codes}\n{said}");
    assert!(said.contains("make room"), "{said}");
    mortal.holds("on a disk that was full");
}
