//! A name shows the whole file or nothing, and what broke off goes on where it stopped.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};
use traitwire::{Code, Sender, Status, Streaming, stream_fn};

use crate::{
    client::Source,
    contract::{
        CHUNK, Content, File, GetUploadRequest, GetUploadResponse, UploadHeader, UploadRequest,
        UploadResponse, UploadService, UploadServiceClient, UploadServiceServer,
    },
    disk::failed,
    serve,
    server::Uploads,
    store::{Limits, Store},
};

/// A service and its folder.
struct Server {
    store: Arc<Store>,
    uploads: Arc<Uploads>,
    folder: TempDir,
}

impl Server {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self::over(tempfile::tempdir().unwrap(), limits)
    }

    fn over(folder: TempDir, limits: Limits) -> Self {
        let store = Arc::new(Store::open(folder.path(), limits).unwrap());
        Self { uploads: Arc::new(Uploads::new(store.clone())), store, folder }
    }

    /// What is on the disk is all that there is after a restart.
    fn restart(self) -> Self {
        let Self { store, uploads, folder } = self;
        drop((store, uploads));
        Self::over(folder, Limits::default())
    }

    /// A client without a socket.
    fn client(&self) -> UploadServiceClient<UploadServiceServer<Uploads>> {
        UploadServiceClient::new(UploadServiceServer::from_arc(self.uploads.clone()))
    }

    async fn send(&self, file: &File, offset: u64, bytes: &[u8]) -> Result<u64, Status> {
        let pieces: Streaming<_> = pieces(file, offset, bytes).into_iter().collect();
        self.uploads.upload(pieces).await.map(|it| it.size)
    }

    /// Sends the header and waits for the answer, with the bytes still to come.
    async fn announce(&self, file: &File) -> Result<u64, Status> {
        let (mut out, requests) = Streaming::channel(1);
        out.send(header(file, 0)).await.unwrap();
        let answer = self.uploads.upload(requests).await;
        drop(out);
        answer.map(|it| it.size)
    }

    /// Begins an upload, and waits until `bytes` of it are stored.
    async fn begin(&self, file: &File, bytes: &[u8]) -> Upload {
        let (mut out, requests) = Streaming::channel(1);
        let uploads = self.uploads.clone();
        let call = tokio::spawn(async move { uploads.upload(requests).await });
        for piece in pieces(file, 0, bytes) {
            out.send(piece).await.unwrap();
        }
        while self.get(file).await.unwrap().stored < bytes.len() as u64 {}
        Upload { out, call }
    }

    /// The caller goes away, and the server has noticed.
    async fn break_off(&self, upload: Upload) {
        upload.call.abort();
        assert!(upload.call.await.unwrap_err().is_cancelled());
        // The last chunk may still be on its way to the disk. It holds the store until it is there.
        while Arc::strong_count(&self.store) > 2 {
            tokio::task::yield_now().await;
        }
    }

    /// An upload of which only the first bytes come.
    async fn begin_and_break_off(&self, file: &File, bytes: &[u8]) {
        let upload = self.begin(file, bytes).await;
        self.break_off(upload).await;
    }

    async fn get(&self, file: &File) -> Result<GetUploadResponse, Status> {
        self.uploads.get_upload(GetUploadRequest { file: Some(file.clone()) }).await
    }

    async fn stored(&self, file: &File) -> u64 {
        let answer = self.get(file).await.unwrap();
        assert!(!answer.complete);
        answer.stored
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).unwrap()
    }

    /// The names that a visitor of the folder sees.
    fn visible(&self) -> Vec<String> {
        let names = names(self.folder.path());
        names.into_iter().filter(|name| !name.starts_with('.')).collect()
    }

    fn parts(&self) -> Vec<String> {
        names(&self.folder.path().join(".parts"))
    }
}

/// An upload that has not ended.
struct Upload {
    out: Sender<UploadRequest>,
    call: JoinHandle<Result<UploadResponse, Status>>,
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|it| (it % 251) as u8).collect()
}

fn file(name: &str, bytes: &[u8]) -> File {
    File { name: name.to_owned(), size: bytes.len() as u64, sha256: Sha256::digest(bytes).to_vec() }
}

fn header(file: &File, offset: u64) -> UploadRequest {
    let header = UploadHeader { file: Some(file.clone()), offset };
    UploadRequest { content: Some(Content::Header(header)) }
}

fn chunk(bytes: &[u8]) -> UploadRequest {
    UploadRequest { content: Some(Content::Chunk(bytes.to_vec())) }
}

fn pieces(file: &File, offset: u64, bytes: &[u8]) -> Vec<UploadRequest> {
    std::iter::once(header(file, offset)).chain(bytes.chunks(CHUNK).map(chunk)).collect()
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T, Status>, code: Code, why: &str) {
    let status = result.unwrap_err();
    assert_eq!((status.code(), status.message()), (code, why));
}

#[tokio::test]
async fn a_file_of_any_size_arrives_whole() {
    let server = Server::new();
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5] {
        let bytes = bytes(size);
        let name = format!("{size}.bin");
        let file = file(&name, &bytes);
        assert_eq!(server.send(&file, 0, &bytes).await.unwrap(), size as u64);
        assert_eq!(server.read(&name), bytes);
        let complete = GetUploadResponse { stored: size as u64, complete: true };
        assert_eq!(server.get(&file).await.unwrap(), complete);
    }
    assert_eq!(server.parts(), [""; 0]);
}

#[tokio::test]
async fn a_broken_off_upload_is_not_visible_and_goes_on_where_it_stopped() {
    let server = Server::new();
    let bytes = bytes(3 * CHUNK + 5);
    let file = file("a.bin", &bytes);
    server.begin_and_break_off(&file, &bytes[..2 * CHUNK]).await;

    assert_eq!(server.visible(), [""; 0]);
    assert_eq!(server.stored(&file).await, 2 * CHUNK as u64);

    server.send(&file, 2 * CHUNK as u64, &bytes[2 * CHUNK..]).await.unwrap();
    assert_eq!(server.read("a.bin"), bytes);
    assert_eq!(server.parts(), [""; 0]);
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_of_the_server() {
    let server = Server::new();
    let bytes = bytes(2 * CHUNK);
    let file = file("a.bin", &bytes);
    server.begin_and_break_off(&file, &bytes[..CHUNK]).await;

    let server = server.restart();
    assert_eq!(server.stored(&file).await, CHUNK as u64);
    server.send(&file, CHUNK as u64, &bytes[CHUNK..]).await.unwrap();
    assert_eq!(server.read("a.bin"), bytes);
}

#[tokio::test]
async fn an_upload_may_start_again_before_the_end_of_what_is_stored() {
    let server = Server::new();
    let bytes = bytes(3 * CHUNK);
    let file = file("a.bin", &bytes);
    for offset in [CHUNK, 0] {
        server.begin_and_break_off(&file, &bytes[..2 * CHUNK]).await;
        let answer = server.send(&file, offset as u64, &bytes[offset..][..1]).await;
        assert_eq!(answer.unwrap_err().code(), Code::Aborted);
        assert_eq!(server.stored(&file).await, offset as u64 + 1);

        server.send(&file, offset as u64, &bytes[offset..]).await.unwrap();
        assert_eq!(server.read("a.bin"), bytes);
        fs::remove_file(server.folder.path().join("a.bin")).unwrap();
    }
}

#[tokio::test]
async fn an_upload_cannot_start_beyond_what_is_stored() {
    let server = Server::new();
    let bytes = bytes(2 * CHUNK);
    let file = file("a.bin", &bytes);
    server.begin_and_break_off(&file, &bytes[..CHUNK]).await;

    let answer = server.send(&file, CHUNK as u64 + 1, &bytes[CHUNK + 1..]).await;
    let why = "65536 bytes of a.bin are stored, so none can follow at 65537";
    assert_refused(answer, Code::OutOfRange, why);
    assert_eq!(server.stored(&file).await, CHUNK as u64);
}

#[tokio::test]
async fn all_bytes_may_be_there_before_the_file_is() {
    let server = Server::new();
    let bytes = bytes(CHUNK);
    let file = file("a.bin", &bytes);
    server.begin_and_break_off(&file, &bytes).await;

    assert_eq!(server.stored(&file).await, CHUNK as u64);
    server.send(&file, CHUNK as u64, &[]).await.unwrap();
    assert_eq!(server.read("a.bin"), bytes);
}

#[tokio::test]
async fn a_stream_that_ends_too_early_is_kept() {
    let server = Server::new();
    let bytes = bytes(CHUNK + 1);
    let file = file("a.bin", &bytes);
    let answer = server.send(&file, 0, &bytes[..CHUNK]).await;
    assert_refused(answer, Code::Aborted, "the stream ended at 65536 of 65537 bytes");
    assert_eq!(server.visible(), [""; 0]);
    assert_eq!(server.stored(&file).await, CHUNK as u64);
}

#[tokio::test]
async fn more_bytes_than_announced_leave_nothing() {
    let server = Server::new();
    let bytes = bytes(CHUNK + 2);
    let file = file("a.bin", &bytes[..CHUNK + 1]);
    let answer = server.send(&file, 0, &bytes).await;
    let why = "65537 bytes were announced, and the chunk at 65536 ends at 65538";
    assert_refused(answer, Code::InvalidArgument, why);
    assert_eq!((server.visible(), server.parts()), (vec![], vec![]));
}

#[tokio::test]
async fn another_checksum_than_announced_leaves_nothing() {
    let server = Server::new();
    let bytes = bytes(CHUNK);
    let file = file("a.bin", &bytes);
    let mut other = bytes.clone();
    other[1000] ^= 1;
    let answer = server.send(&file, 0, &other).await;
    let why = format!("the 65536 bytes have the SHA-256 {}", hex::encode(Sha256::digest(&other)));
    assert_refused(answer, Code::DataLoss, &why);
    assert_eq!((server.visible(), server.parts()), (vec![], vec![]));
}

#[tokio::test]
async fn a_part_that_the_disk_spoiled_is_found_out_and_sent_anew() {
    let server = Server::new();
    let bytes = bytes(2 * CHUNK);
    let file = file("a.bin", &bytes);
    server.begin_and_break_off(&file, &bytes[..CHUNK]).await;
    let part = server.folder.path().join(".parts").join(&server.parts()[0]);
    fs::write(part, vec![0; CHUNK]).unwrap();

    let answer = server.send(&file, CHUNK as u64, &bytes[CHUNK..]).await;
    assert_eq!(answer.unwrap_err().code(), Code::DataLoss);
    assert_eq!(server.stored(&file).await, 0);
    server.send(&file, 0, &bytes).await.unwrap();
    assert_eq!(server.read("a.bin"), bytes);
}

#[tokio::test]
async fn a_name_must_stay_in_the_folder() {
    let server = Server::new();
    let long = "x".repeat(256);
    for (name, why) in [
        ("", "the name is empty"),
        (".", r#"the name "." begins with a dot"#),
        ("..", r#"the name ".." begins with a dot"#),
        (".lock", r#"the name ".lock" begins with a dot"#),
        ("../x", r#"the name "../x" begins with a dot"#),
        ("/etc/x", r#"the name "/etc/x" has '/' in it"#),
        ("a/../../x", r#"the name "a/../../x" has '/' in it"#),
        (r"a\x", r#"the name "a\\x" has '\\' in it"#),
        ("a\0", r#"the name "a\0" has '\0' in it"#),
        ("a\n", r#"the name "a\n" has '\n' in it"#),
        (&long, "the name has 256 bytes, and the limit is 255"),
    ] {
        let file = file(name, b"x");
        assert_refused(server.send(&file, 0, b"x").await, Code::InvalidArgument, why);
        assert_refused(server.get(&file).await, Code::InvalidArgument, why);
    }
    assert_eq!((server.visible(), server.parts()), (vec![], vec![]));

    let longest = "x".repeat(255);
    for name in [&longest, "ä ö.txt", "x.."] {
        server.send(&file(name, b"x"), 0, b"x").await.unwrap();
        assert_eq!(server.read(name), b"x");
    }
}

#[tokio::test]
async fn a_checksum_has_32_bytes() {
    let server = Server::new();
    let file = File { sha256: vec![0; 31], ..file("a.bin", b"x") };
    let why = "a SHA-256 has 32 bytes, and this one 31";
    assert_refused(server.send(&file, 0, b"x").await, Code::InvalidArgument, why);
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused_before_its_bytes() {
    let server = Server::with(Limits { size: 3, ..Limits::default() });
    server.send(&file("a", b"abc"), 0, b"abc").await.unwrap();
    let answer = server.announce(&file("b", b"abcd")).await;
    assert_refused(answer, Code::ResourceExhausted, "b has 4 bytes, and the limit is 3");
}

#[tokio::test]
async fn messages_come_in_their_order() {
    let server = Server::new();
    let file = file("a", b"abc");
    let nothing = UploadRequest { content: None };
    let no_file = UploadHeader { file: None, offset: 0 };
    let no_file = UploadRequest { content: Some(Content::Header(no_file)) };
    for (messages, why) in [
        (vec![], "the first message is not a header"),
        (vec![chunk(b"abc")], "the first message is not a header"),
        (vec![no_file], "no file is announced"),
        (vec![nothing.clone()], "a message with nothing in it"),
        (vec![header(&file, 0), nothing], "a message with nothing in it"),
        (vec![header(&file, 0), chunk(b"")], "a message with nothing in it"),
        (vec![header(&file, 0), header(&file, 0)], "a second header"),
    ] {
        let answer = server.uploads.upload(messages.into_iter().collect()).await;
        assert_refused(answer, Code::InvalidArgument, why);
    }
    assert_eq!((server.visible(), server.parts()), (vec![], vec![]));
}

#[tokio::test]
async fn a_name_that_is_taken_keeps_its_file() {
    let server = Server::new();
    let (old, new) = (file("a.bin", b"old"), file("a.bin", b"newer"));
    server.send(&old, 0, b"old").await.unwrap();
    let why = "there is a file a.bin already";
    assert_refused(server.get(&new).await, Code::AlreadyExists, why);
    assert_refused(server.announce(&new).await, Code::AlreadyExists, why);
    assert_refused(server.send(&old, 0, b"old").await, Code::AlreadyExists, why);
    assert_refused(server.get(&file("a.bin", b"odd")).await, Code::AlreadyExists, why);
    assert_eq!(server.read("a.bin"), b"old");
    assert_eq!(server.parts(), [""; 0]);
}

#[tokio::test]
async fn of_two_files_with_one_name_the_first_to_be_complete_gets_it() {
    let server = Server::new();
    let (one, other) = (file("a.bin", b"one"), file("a.bin", b"other"));
    let slow = server.begin(&one, b"one").await;
    server.send(&other, 0, b"other").await.unwrap();
    drop(slow.out);
    let answer = slow.call.await.unwrap();
    assert_refused(answer, Code::AlreadyExists, "there is a file a.bin already");
    assert_eq!(server.read("a.bin"), b"other");
    assert_eq!(server.parts(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn while_one_upload_of_a_file_is_at_work_another_is_refused() {
    let server = Server::new();
    let bytes = bytes(3 * CHUNK);
    let file = file("a.bin", &bytes);
    let mut first = server.begin(&file, &bytes[..CHUNK]).await;
    let second = server.send(&file, 0, &bytes);
    let first = async {
        for bytes in bytes[CHUNK..].chunks(CHUNK) {
            // Slow, and within the patience of the server.
            tokio::time::sleep(Duration::from_secs(9)).await;
            first.out.send(chunk(bytes)).await.unwrap();
        }
        drop(first.out);
        first.call.await.unwrap()
    };
    let (first, second) = tokio::join!(first, second);
    assert_refused(second, Code::Aborted, "another upload of a.bin is running");
    assert_eq!(first.unwrap().size, 3 * CHUNK as u64);
    assert_eq!(server.read("a.bin"), bytes);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_falls_silent_is_given_up_and_whoever_comes_back_goes_on() {
    let server = Server::new();
    let bytes = bytes(2 * CHUNK);
    let file = file("a.bin", &bytes);
    let silent = server.begin(&file, &bytes[..CHUNK]).await;

    server.send(&file, CHUNK as u64, &bytes[CHUNK..]).await.unwrap();
    assert_refused(silent.call.await.unwrap(), Code::Aborted, "nothing was sent for 10s");
    assert_eq!(server.read("a.bin"), bytes);
}

#[tokio::test]
async fn a_part_is_dropped_when_it_is_old() {
    let server = Server::new();
    let bytes = bytes(CHUNK + 1);
    let (old, young) = (file("old", &bytes), file("young", &bytes[1..]));
    for (file, bytes) in [(&old, &bytes[..1]), (&young, &bytes[1..2])] {
        server.begin_and_break_off(file, bytes).await;
    }
    let part = server.parts().into_iter().find(|it| it.ends_with("-65537")).unwrap();
    let part = fs::File::open(server.folder.path().join(".parts").join(part)).unwrap();
    part.set_modified(SystemTime::now() - Duration::from_secs(25 * 60 * 60)).unwrap();

    server.send(&file("other", b"x"), 0, b"x").await.unwrap();
    assert_eq!((server.stored(&old).await, server.stored(&young).await), (0, 1));
}

#[tokio::test]
async fn there_are_so_many_parts_and_no_more() {
    let server = Server::with(Limits { parts: 2, ..Limits::default() });
    let files = ["a", "b", "c"].map(|name| file(name, name.repeat(2).as_bytes()));
    server.begin_and_break_off(&files[0], b"a").await;
    let running = server.begin(&files[1], b"b").await;

    let why = "2 files are not complete, and there may be no more";
    assert_refused(server.send(&files[2], 0, b"cc").await, Code::ResourceExhausted, why);
    server.send(&files[0], 1, b"a").await.unwrap();
    server.send(&files[2], 0, b"cc").await.unwrap();
    server.break_off(running).await;
}

#[test]
fn a_folder_has_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Limits::default()).unwrap();
    let second = Store::open(folder.path(), Limits::default());
    assert_eq!(second.err().unwrap().to_string(), "another server has it");
    drop(store);
    Store::open(folder.path(), Limits::default()).unwrap();
}

#[tokio::test]
async fn a_disk_that_fails_is_an_internal_error() {
    let server = Server::new();
    fs::remove_dir(server.folder.path().join(".parts")).unwrap();
    let status = server.send(&file("a", b"abc"), 0, b"abc").await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    assert!(status.message().starts_with("the disk: "), "{status}");
    let path = server.folder.path().to_str().unwrap();
    assert!(!status.message().contains(path), "{status}");
}

#[test]
fn a_quota_is_no_room_too() {
    let status = failed(std::io::ErrorKind::QuotaExceeded.into());
    assert_eq!(status.code(), Code::ResourceExhausted);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_no_room() {
    let server = Server::new();
    let file = file("a", b"abc");
    let key = format!("{}-3", hex::encode(&file.sha256));
    // A device that has no room for a single byte, in the place of the part.
    std::os::unix::fs::symlink("/dev/full", server.folder.path().join(".parts").join(key)).unwrap();
    let status = server.send(&file, 0, b"abc").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert_eq!(server.visible(), [""; 0]);
}

/// A file of a caller.
async fn source(folder: &Path, bytes: &[u8]) -> Source {
    fs::write(folder.join("a.bin"), bytes).unwrap();
    Source::read(&folder.join("a.bin")).await.unwrap()
}

#[tokio::test]
async fn a_client_sends_what_the_server_does_not_have() {
    let (server, folder) = (Server::new(), tempfile::tempdir().unwrap());
    let bytes = bytes(2 * CHUNK + 5);
    let source = source(folder.path(), &bytes).await;
    assert_eq!(source.file, file("a.bin", &bytes));
    server.begin_and_break_off(&source.file, &bytes[..CHUNK]).await;

    let client = server.client();
    assert_eq!(source.upload(&client).await.unwrap(), CHUNK as u64 + 5);
    assert_eq!(server.read("a.bin"), bytes);
    assert_eq!(source.upload(&client).await.unwrap(), 0);
}

#[tokio::test]
async fn a_client_whose_file_became_shorter_breaks_off() {
    let (server, folder) = (Server::new(), tempfile::tempdir().unwrap());
    let bytes = bytes(2 * CHUNK);
    let source = source(folder.path(), &bytes).await;
    fs::write(folder.path().join("a.bin"), &bytes[..CHUNK]).unwrap();

    let client = server.client();
    let status = source.upload(&client).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert!(status.message().ends_with("a.bin: early eof"), "{status}");
    assert_eq!(server.visible(), [""; 0]);
}

/// Runs a test against a server behind a socket.
async fn over_a_socket(
    limits: Limits,
    test: impl AsyncFnOnce(UploadServiceClient, &Path),
) -> workbook::Result {
    let folder = tempfile::tempdir()?;
    let place = Some(folder.path().to_owned());
    workbook::both(
        async |socket| serve(socket, place, limits).await,
        async |server| {
            let client = UploadServiceClient::connect(server).await?;
            timeout(Duration::from_secs(60), test(client, folder.path())).await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_refused_client_stops_sending() -> workbook::Result {
    over_a_socket(Limits { size: 1 << 20, ..Limits::default() }, async |client, folder| {
        let sent = Arc::new(AtomicUsize::new(0));
        let count = sent.clone();
        let large = File { size: 1 << 30, ..file("large", b"") };
        let requests = Streaming::new(stream_fn(async move |mut out| {
            out.send(header(&large, 0)).await?;
            loop {
                out.send(chunk(&[0; CHUNK])).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
        }));
        let why = "large has 1073741824 bytes, and the limit is 1048576";
        assert_refused(client.upload(requests).await, Code::ResourceExhausted, why);
        // The stream is gone, and with it the other holder of the count.
        while Arc::strong_count(&sent) > 1 {
            tokio::task::yield_now().await;
        }
        // No more than the connection takes without being read.
        assert!(sent.load(Ordering::Relaxed) < 100, "{sent:?}");
        assert_eq!(names(folder), [".lock", ".parts"]);
    })
    .await
}

#[tokio::test]
async fn a_chunk_may_have_64_kib() -> workbook::Result {
    over_a_socket(Limits::default(), async |client, folder| {
        let bytes = bytes(2 * CHUNK);
        let file = file("a.bin", &bytes);
        let whole: Streaming<_> = [header(&file, 0), chunk(&bytes)].into_iter().collect();
        let status = client.upload(whole).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
        client.upload(pieces(&file, 0, &bytes).into_iter().collect()).await.unwrap();
        assert_eq!(fs::read(folder.join("a.bin")).unwrap(), bytes);
    })
    .await
}

#[tokio::test]
async fn the_story_is_told_again_to_a_server_that_knows_it() -> workbook::Result {
    over_a_socket(Limits::default(), async |client, folder| {
        for _ in 0..2 {
            crate::story::tell(&client).await.unwrap();
            assert_eq!(names(folder), [".lock", ".parts", "sample.txt"]);
            assert_eq!(names(&folder.join(".parts")), [""; 0]);
        }
    })
    .await
}
