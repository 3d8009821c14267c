//! The check of exercise 16.

exercises::exercise! {
    use exercises::{Checked, ensure};
    use traitwire::{Code, Peer, Request, Status};

    /// What a caller gets with this certificate, if it has one, that calls itself Ada.
    async fn open(names: Option<&[&str]>) -> Result<String, Status> {
        let vault = Vault { owners: vec!["ada.example".to_owned(), "bob.example".to_owned()] };
        let mut request = Request::new(());
        request.metadata_mut().insert("x-user", "ada.example".parse().expect("it is text"));
        if let Some(names) = names {
            let peer = Peer::unknown().with_names(names.iter().copied());
            request.extensions_mut().insert(peer);
        }
        vault.open(request).await
    }

    fn code(answer: Result<String, Status>) -> Code {
        answer.map_or_else(|status| status.code(), |_| Code::Ok)
    }

    pub(crate) async fn check() -> Checked {
        let bob: &[&str] = &["bob.example"];
        ensure(
            open(Some(bob)).await.is_ok_and(|inside| inside == "gold"),
            "an owner whose certificate says so does not get the gold.",
        )?;
        for nobody in [None, Some(&[][..])] {
            let code = code(open(nobody).await);
            ensure(
                code == Code::Unauthenticated,
                format!("a caller without a name in a certificate gets {code:?}, and UNAUTHENTICATED is meant."),
            )?;
        }
        let mallory = code(open(Some(&["mallory.example"])).await);
        ensure(
            mallory == Code::PermissionDenied,
            format!("Mallory, who calls herself Ada, gets {mallory:?}, and PERMISSION_DENIED is meant."),
        )?;
        ensure(
            open(Some(&["10.0.0.7", "ada.example"])).await.is_ok(),
            "an owner whose name is the second in the certificate is not let in.",
        )
    }
}
