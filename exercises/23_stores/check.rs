//! The check of exercise 23.

exercises::exercise! {
    use exercises::{Checked, ensure, soon};
    use tokio::sync::watch;
    use traitwire::{
        Code,
        health::{Health, HealthCheckRequest, HealthClient, HealthReporter, ServingStatus},
    };

    /// What a caller hears of a service, once nothing happens any more.
    async fn hears(reporter: &HealthReporter, service: &str) -> Result<ServingStatus, Code> {
        // Until `report` has seen what there is to see.
        soon(std::future::pending::<()>()).await;
        let client = HealthClient::in_process(reporter.clone());
        let answer = client.check(HealthCheckRequest { service: service.to_owned() }).await;
        answer.map(|it| it.status()).map_err(|status| status.code())
    }

    async fn expect(
        when: &str,
        reporter: &HealthReporter,
        service: &str,
        expected: ServingStatus,
    ) -> Checked {
        let found = hears(reporter, service).await;
        let found = found.map_or_else(|code| format!("{code:?}"), |status| status.to_string());
        let what = if service.is_empty() { "the server as a whole" } else { service };
        let sentence = format!("{when}, {what} is {found}, and {expected} is meant.");
        ensure(found == expected.to_string(), sentence)
    }

    pub(crate) async fn check() -> Checked {
        use ServingStatus::{NotServing, Serving};

        let health = HealthReporter::new();
        let (sender, receiver) = watch::channel(Stores::default());
        tokio::spawn(report(health.clone(), receiver));
        for (when, words, sounds, is_words, is_speech) in [
            ("before a store has come", false, false, NotServing, NotServing),
            ("with the words alone", true, false, Serving, NotServing),
            ("with both stores", true, true, Serving, Serving),
            ("without the words", false, true, NotServing, NotServing),
            ("when the words are back", true, true, Serving, Serving),
        ] {
            sender.send_replace(Stores { words, sounds });
            expect(when, &health, WORDS, is_words).await?;
            expect(when, &health, SPEECH, is_speech).await?;
            expect(when, &health, "", Serving).await?;
        }
        drop(sender);
        for service in [WORDS, SPEECH, ""] {
            expect("when nobody looks after the stores", &health, service, NotServing).await?;
        }
        Ok(())
    }
}
