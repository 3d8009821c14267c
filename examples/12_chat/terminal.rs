//! The client in a terminal: what others say appears above the line that is being typed.
//!
//! Without a terminal, as in `echo hello | …`, lines are read and printed as they are.

use std::{
    io::{self, IsTerminal, Write},
    pin::pin,
    thread,
    time::Duration,
};

use rustyline::{Config, DefaultEditor, ExternalPrinter};
use tokio::sync::mpsc;
use workbook::Result;

use crate::{
    contract::{ChatClient, Event},
    member::{Ear, Member, Voice},
};

/// How long the server may take to end a call that this side has closed.
const GOODBYE: Duration = Duration::from_secs(1);

/// Talks until the input ends, Ctrl-C, Ctrl-D, or the end of the call.
pub(crate) async fn chat(room: ChatClient, name: String) -> Result {
    let Member { voice, ear, .. } = Member::join(&room, &name).await?;
    #[cfg(unix)]
    let _modes = Modes::keep();
    let (lines, print) = open(name)?;
    talk(lines, print, voice, ear).await
}

/// Both directions at once: neither waits for the other.
pub(crate) async fn talk(
    mut lines: mpsc::Receiver<String>,
    mut print: impl FnMut(&Event) -> Result,
    mut voice: Voice,
    mut ear: Ear,
) -> Result {
    let speak = async move {
        let interrupted = tokio::signal::ctrl_c();
        let all_said = async {
            while let Some(line) = lines.recv().await {
                if !line.trim().is_empty() && !voice.say(line).await {
                    return;
                }
            }
        };
        tokio::select! {
            _ = interrupted => {}
            () = all_said => {}
        }
        // Out of scope goes the voice, and that closes our side.
    };
    let mut listen = pin!(async move {
        while let Some(event) = ear.hear().await? {
            print(&event)?;
        }
        Ok(())
    });
    tokio::select! {
        outcome = &mut listen => return outcome,
        () = speak => {}
    }
    tokio::time::timeout(GOODBYE, listen).await.unwrap_or(Ok(()))
}

/// Prints an event.
type Print = Box<dyn FnMut(&Event) -> Result>;

/// The terminal if there is one, or else the standard input and output. The lines end when the user
/// leaves.
///
/// A thread reads: nothing can break off a read, and the end of the process need not wait for it.
fn open(name: String) -> Result<(mpsc::Receiver<String>, Print)> {
    let (sender, lines) = mpsc::channel(16);
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        thread::spawn(move || {
            let mut lines = io::stdin().lines().map_while(io::Result::ok);
            lines.try_for_each(|line| sender.blocking_send(line))
        });
        return Ok((lines, Box::new(|event| Ok(writeln!(io::stdout(), "{event}")?))));
    }

    let mut editor = DefaultEditor::with_config(Config::builder().auto_add_history(true).build())?;
    let mut printer = editor.create_external_printer()?;
    let prompt = format!("{name}: ");
    thread::spawn(move || {
        // An error is Ctrl-C, Ctrl-D or a terminal that is gone: all of them mean to leave.
        while let Ok(line) = editor.readline(&prompt)
            && sender.blocking_send(line).is_ok()
        {}
    });
    let print = move |event: &Event| {
        match event {
            // It stands there, behind the prompt.
            Event::Said(said) if said.name == name => {}
            Event::Said(_) => printer.print(format!("{event}\n"))?,
            _ => printer.print(format!("{DIM}{event}{PLAIN}\n"))?,
        }
        Ok(())
    };
    Ok((lines, Box::new(print)))
}

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// The modes of the terminal before the line editor changed them. The editor sets them back when a
/// line ends, but the call may end in the middle of one.
#[cfg(unix)]
struct Modes(Option<nix::sys::termios::Termios>);

#[cfg(unix)]
impl Modes {
    fn keep() -> Self {
        Self(nix::sys::termios::tcgetattr(io::stdin()).ok())
    }
}

#[cfg(unix)]
impl Drop for Modes {
    fn drop(&mut self) {
        use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};

        if let Some(modes) = &self.0
            && tcgetattr(io::stdin()).as_ref() != Ok(modes)
        {
            // There is nobody left to tell of an error.
            let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, modes);
            let _ = writeln!(io::stdout(), "{PASTE_AS_TYPED}");
        }
    }
}

/// Ends the mode in which a terminal marks what is pasted.
#[cfg(unix)]
const PASTE_AS_TYPED: &str = "\x1b[?2004l";
