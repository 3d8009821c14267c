//! The check of exercise 14.

exercises::exercise! {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use exercises::{Checked, ensure, equal, soon};
    use traitwire::{CallOptions, Code, InProcess, Status, deadline};

    const DAYS: u32 = 14;

    /// Stacks that keep what they were told of the time. Only "Emma" is found.
    #[derive(Clone, Default)]
    struct Shelves {
        told: Arc<Mutex<Vec<Option<Duration>>>>,
    }

    impl Stacks for Shelves {
        async fn give(&self, book: &str) -> Result<u32, Status> {
            self.told.lock().unwrap().push(deadline::remaining());
            match book {
                "Emma" => Ok(DAYS),
                _ => std::future::pending().await,
            }
        }
    }

    type Client = DeskClient<InProcess<DeskServer<FrontDesk<InProcess<StacksServer<Shelves>>>>>>;

    fn desk() -> (Client, Shelves, Register) {
        let (shelves, register) = (Shelves::default(), Register::default());
        let stacks = StacksClient::in_process(shelves.clone());
        let desk = FrontDesk { stacks, register: register.clone() };
        (DeskClient::in_process(desk), shelves, register)
    }

    /// The only thing that the stacks were told.
    fn told(shelves: &Shelves) -> Checked<Option<Duration>> {
        match shelves.told.lock().unwrap().as_slice() {
            &[told] => Ok(told),
            calls => Err(format!("for one book the stacks are asked {} times.", calls.len())),
        }
    }

    pub(crate) async fn check() -> Checked {
        let (desk, shelves, register) = desk();
        let patience = Duration::from_secs(10);
        let hasty = desk.with(CallOptions::new().timeout(patience));
        let end = hasty.lend("Ulysses").await.map_err(|status| status.code());
        equal("a book that is never found", end, Err(Code::DeadlineExceeded))?;
        let told_of = told(&shelves)?.ok_or(
            "the stacks are not told how long a reader waits. If you ask them in a task: a task is not \
             the handler.",
        )?;
        ensure(
            told_of <= patience,
            format!("a reader waits for {patience:?}, and the stacks are told {told_of:?}."),
        )?;
        equal("a book that was not given out is entered:", register.entries(), Vec::new())?;

        let (desk, shelves, register) = self::desk();
        let days = desk.lend("Emma").await.map_err(|status| format!("a loan fails: {status}."))?;
        equal("days of a loan", days, DAYS)?;
        equal("a reader without a deadline, as the stacks are told", told(&shelves)?, None)?;
        equal("entries when a loan has been answered", register.entries(), vec!["Emma".to_owned()])?;

        let (desk, _, register) = self::desk();
        ensure(soon(desk.lend("Emma")).await.is_none(), "a loan is answered before it is entered.")?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let entries = register.entries();
        ensure(
            !entries.is_empty(),
            "a reader left while the book was entered, and it is not in the register: the handler was \
             dropped at that `await`.",
        )?;
        equal("entries when a reader has left", entries, vec!["Emma".to_owned()])
    }
}
