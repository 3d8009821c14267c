//! The check of exercise 12.

exercises::exercise! {
    use std::{pin::pin, sync::Arc};

    use exercises::{Checked, broken_off, ensure, equal, soon};
    use traitwire::{Code, StreamExt, Streaming};

    fn line(text: impl Into<String>) -> ChatRequest {
        ChatRequest { text: text.into() }
    }

    /// What a member hears until nothing comes any more.
    async fn heard(member: &mut Streaming<ChatResponse>) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(Ok(Some(ChatResponse { text }))) = soon(member.message()).await {
            lines.push(text);
        }
        lines
    }

    /// Bob hears that Ada came, and that she left, once.
    async fn left(bob: &mut Streaming<ChatResponse>, how: &str, said: &[&str]) -> Checked {
        let lines = heard(bob).await;
        let times = lines.iter().filter(|line| *line == "Ada left").count();
        ensure(times > 0, format!("Ada {how}, and nobody hears that she left."))?;
        ensure(times == 1, format!("Ada {how}, and the others hear {times} times that she left."))?;
        let what = format!("Ada {how}, and the others hear");
        let expected = [&["Ada joined"], said, &["Ada left"]].concat();
        equal(&what, lines.iter().map(String::as_str).collect(), expected)
    }

    pub(crate) async fn check() -> Checked {
        let room = Arc::new(Room::default());
        let client = ChatServiceClient::new(ChatServiceServer::from_arc(room.clone()));
        let (mut bob_says, requests) = Streaming::channel(1);
        bob_says.send(line("Bob")).await.unwrap();
        let mut bob = client.chat(requests);
        equal(
            "while Bob is there, he hears",
            heard(&mut bob).await,
            vec!["Bob joined".to_owned()],
        )?;

        let mut ada = client.chat([line("Ada"), line("hello")].into_iter().collect());
        heard(&mut ada).await;
        left(&mut bob, "closed her side", &["Ada: hello"]).await?;

        let mut ada = pin!(room.chat(broken_off(vec![line("Ada"), line("hel")])));
        while let Some(Ok(_)) = ada.next().await {}
        left(&mut bob, "broke off", &["Ada: hel"]).await?;

        let lines = [line("Ada"), line("x".repeat(LONGEST + 1)), line("hello")];
        let mut ada = client.chat(lines.into_iter().collect());
        let mut end = ada.message().await;
        while let Ok(Some(_)) = end {
            end = ada.message().await;
        }
        let end = end.map_err(|status| status.code());
        equal("a line that is too long", end, Err(Code::InvalidArgument))?;
        left(&mut bob, "said too much, and was sent out", &[]).await?;

        let (mut says, requests) = Streaming::channel(1);
        says.send(line("Ada")).await.unwrap();
        let mut ada = client.chat(requests);
        heard(&mut ada).await;
        let lines = heard(&mut bob).await;
        equal("while Ada is there, the others hear", lines, vec!["Ada joined".to_owned()])?;
        drop(ada);
        let lines = heard(&mut bob).await;
        equal(
            "when Ada goes away in the middle of the call, the others hear",
            lines,
            vec!["Ada left".to_owned()],
        )?;

        heard(&mut client.chat([line("")].into_iter().collect())).await;
        heard(&mut client.chat([].into_iter().collect())).await;
        let lines = heard(&mut bob).await;
        equal("when somebody never joined, the others hear", lines, Vec::new())
    }
}
