//! A pseudo-terminal with the program in it, and a person who reads and types.

use rexpect::session::{PtySession, spawn_command};

use super::Drill;

pub struct Terminal {
    session: PtySession,
}

impl Terminal {
    /// Starts the program at a terminal of 80 columns.
    pub fn start(drill: &Drill, args: &[&str]) -> Self {
        let mut command = drill.command(args);
        command.env("TERM", "xterm").env("COLUMNS", "80").env("NO_COLOR", "1");
        Self { session: spawn_command(command, Some(30_000)).expect("the program starts at a terminal") }
    }

    /// Waits until the screen says this.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        // The reader of the pseudo-terminal takes every byte for a character.
        let bytes: String = text.bytes().map(char::from).collect();
        if let Err(error) = self.session.exp_string(&bytes) {
            panic!("`{text}` does not appear: {error}");
        }
        self
    }

    #[track_caller]
    pub fn types(&mut self, line: &str) -> &mut Self {
        self.session.send_line(line).expect("the terminal takes a line");
        self
    }

    /// Keys as they are, without Enter.
    #[track_caller]
    pub fn presses(&mut self, keys: &str) -> &mut Self {
        self.session.send(keys).expect("the terminal takes keys");
        self.session.flush().expect("and passes them on");
        self
    }

    pub fn presses_ctrl_c(&mut self) -> &mut Self {
        self.session.send_control('c').expect("the terminal takes Ctrl-C");
        self.session.flush().expect("and passes it on");
        self
    }

    /// Waits for the end and tells the exit code.
    #[track_caller]
    pub fn exits(mut self, code: i32) -> String {
        use rexpect::process::WaitStatus;
        let rest = self.session.exp_eof().expect("the program ends");
        match self.session.process().wait() {
            Ok(WaitStatus::Exited(_, ended)) => assert_eq!(ended, code, "exit code; last seen:\n{rest}"),
            other => panic!("the program did not exit: {other:?}; last seen:\n{rest}"),
        }
        rest
    }
}
