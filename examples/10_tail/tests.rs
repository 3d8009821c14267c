//! What is written is sent, once and in its order, whatever becomes of the file; and nothing stays
//! behind when the caller leaves.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use notify::{
    EventKind,
    event::{AccessKind, AccessMode, DataChange, Flag, ModifyKind},
};
use tempfile::TempDir;
use tokio::time::timeout;
use traitwire::{Code, Streaming};
use workbook::both;

use crate::{
    client::{self, connect},
    contract::{
        DownloadRequest, DownloadResponse, Event, FollowRequest, FollowResponse, Logs, LogsClient,
        LogsServer, Restart, Start,
    },
    follow::BLOCK,
    serve,
    server::{CHUNK, LogFolder, refusal},
    story::{AHEAD, append, unwatched, when_it_waits},
    watch,
};

/// How long a test waits for what must come.
const BOUND: Duration = Duration::from_secs(20);

/// A folder and its service.
struct Stage {
    folder: TempDir,
    logs: Arc<LogFolder>,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let logs = Arc::new(LogFolder::new(&folder).unwrap());
        Self { folder, logs }
    }

    /// A stage with `app.log` on it, and a caller who follows it.
    async fn followed(text: &str, start: Start) -> (Self, PathBuf, Follower) {
        let stage = Self::new();
        let log = stage.write("app.log", text);
        let follower = stage.follow(start).await;
        (stage, log, follower)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn client(&self) -> LogsClient<LogsServer<LogFolder>> {
        LogsClient::new(LogsServer::from_arc(self.logs.clone()))
    }

    async fn follow(&self, start: Start) -> Follower {
        Follower(self.client().follow(app_log(start)).await.unwrap())
    }

    async fn download(&self, name: &str, offset: u64) -> Streaming<DownloadResponse> {
        self.client().download(download(name, offset)).await.unwrap()
    }

    /// A test that calls the service over a socket.
    async fn over_a_socket(&self, test: impl AsyncFnOnce(LogsClient)) {
        let serve = async |socket| serve(socket, self.logs.clone()).await;
        let call = async |server| {
            test(connect(server).await?).await;
            Ok(())
        };
        timeout(BOUND, both(serve, call)).await.expect("the server stops").unwrap();
    }
}

fn app_log(start: Start) -> FollowRequest {
    FollowRequest { name: "app.log".to_owned(), start: Some(start) }
}

fn download(name: &str, offset: u64) -> DownloadRequest {
    DownloadRequest { name: name.to_owned(), offset }
}

/// A caller who follows a file.
struct Follower(Streaming<FollowResponse>);

impl Follower {
    async fn event(&mut self) -> Event {
        let event = timeout(BOUND, self.0.message()).await.expect("something is new");
        event.unwrap().expect("the call goes on").event.unwrap()
    }

    /// The next text, and where the one after it begins.
    async fn line(&mut self) -> (String, u64) {
        match self.event().await {
            Event::Line(line) => (String::from_utf8(line.text.into()).unwrap(), line.next_offset),
            Event::Restart(how) => panic!("a line is expected, and not {how}"),
        }
    }

    async fn sees(&mut self, texts: &[&str]) {
        for text in texts {
            assert_eq!(self.line().await.0, *text);
        }
    }

    async fn sees_restart(&mut self, how: Restart) {
        assert_eq!(self.event().await, Event::Restart(how.into()));
    }
}

#[tokio::test]
async fn what_is_written_is_sent() {
    let (_stage, log, mut follower) = Stage::followed("one\n", Start::LastLines(0)).await;
    append(&log, "two\n").unwrap();
    follower.sees(&["two\n"]).await;
    append(&log, "three\n\nfour\n").unwrap();
    follower.sees(&["three\n", "\n", "four\n"]).await;
}

#[tokio::test]
async fn what_is_written_before_the_first_message_is_asked_for_is_sent() {
    let (_stage, log, mut follower) = Stage::followed("one\n", Start::LastLines(1)).await;
    append(&log, "two\n").unwrap();
    follower.sees(&["one\n", "two\n"]).await;
}

#[tokio::test]
async fn the_last_lines_are_found_however_long_they_are() {
    let long = "x".repeat(BLOCK - 1) + "\n";
    let text = format!("first\n{long}{long}{long}last\n");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (stage, log, mut all) = Stage::followed(&text, Start::LastLines(100)).await;
    all.sees(&lines).await;
    for count in 1..=lines.len() {
        let mut follower = stage.follow(Start::LastLines(count as u32)).await;
        follower.sees(&lines[lines.len() - count..]).await;
    }
    let mut none = stage.follow(Start::LastLines(0)).await;
    append(&log, "next\n").unwrap();
    none.sees(&["next\n"]).await;
}

#[tokio::test]
async fn without_a_start_the_next_line_is_the_first() {
    let (stage, log, _) = Stage::followed("one\nha", Start::LastLines(0)).await;
    let request = FollowRequest { start: None, ..app_log(Start::Offset(0)) };
    let mut follower = Follower(stage.client().follow(request).await.unwrap());
    append(&log, "lf\n").unwrap();
    follower.sees(&["half\n"]).await;
}

#[tokio::test]
async fn a_line_waits_until_it_is_whole() {
    let (_stage, log, mut follower) = Stage::followed("one\nha", Start::LastLines(1)).await;
    // The first look, which sends this line, sees the half of the other one too.
    follower.sees(&["one\n"]).await;
    append(&log, "lf\n").unwrap();
    follower.sees(&["half\n"]).await;
}

#[tokio::test]
async fn a_line_that_is_too_long_comes_in_pieces() {
    let long = "x".repeat(2 * BLOCK) + "y\n";
    let text = format!("{long}next\n");
    let (_stage, _, mut follower) = Stage::followed(&text, Start::LastLines(2)).await;
    follower.sees(&[&long[..BLOCK], &long[BLOCK..2 * BLOCK], "y\n", "next\n"]).await;
}

#[tokio::test]
async fn text_in_no_encoding_comes_as_it_is() {
    let stage = Stage::new();
    stage.write("app.log", b"\xff\xfe\0\r\n");
    let event = stage.follow(Start::LastLines(1)).await.event().await;
    assert!(matches!(event, Event::Line(line) if *line.text == *b"\xff\xfe\0\r\n"));
}

#[tokio::test]
async fn who_comes_back_goes_on_where_he_was() {
    let (stage, log, mut follower) = Stage::followed("one\ntwo\n", Start::Offset(0)).await;
    let (text, next_offset) = follower.line().await;
    assert_eq!((&*text, next_offset), ("one\n", 4));
    drop(follower);
    append(&log, "three\n").unwrap();
    stage.follow(Start::Offset(next_offset)).await.sees(&["two\n", "three\n"]).await;
}

#[tokio::test]
async fn who_comes_back_to_a_shorter_file_is_told_so() {
    for offset in [8, 300, u64::MAX] {
        let (_stage, _, mut follower) = Stage::followed("one\n", Start::Offset(offset)).await;
        follower.sees_restart(Restart::Truncated).await;
        follower.sees(&["one\n"]).await;
    }
}

#[tokio::test]
async fn a_truncated_file_is_sent_from_its_start() {
    let (_stage, log, mut follower) = Stage::followed("one\ntwo\n", Start::LastLines(1)).await;
    follower.sees(&["two\n"]).await;
    File::options().write(true).open(&log).unwrap().set_len(0).unwrap();
    follower.sees_restart(Restart::Truncated).await;
    append(&log, "three\n").unwrap();
    follower.sees(&["three\n"]).await;
}

#[tokio::test]
async fn a_truncated_file_that_is_longer_than_before_is_sent_from_its_start() {
    let (stage, _, mut follower) = Stage::followed("one\n", Start::LastLines(1)).await;
    follower.sees(&["one\n"]).await;
    stage.write("app.log", "another\nand another\n");
    follower.sees_restart(Restart::Truncated).await;
    follower.sees(&["another\n", "and another\n"]).await;
}

#[tokio::test]
async fn a_file_that_is_copied_away_and_truncated_is_sent_from_its_start() {
    let (stage, log, mut follower) = Stage::followed("one\n", Start::LastLines(1)).await;
    follower.sees(&["one\n"]).await;
    fs::copy(&log, stage.folder.path().join("app.log.1")).unwrap();
    File::options().write(true).open(&log).unwrap().set_len(0).unwrap();
    append(&log, "two\n").unwrap();
    follower.sees_restart(Restart::Truncated).await;
    follower.sees(&["two\n"]).await;
}

#[tokio::test]
async fn a_rotated_file_is_sent_to_its_end_and_then_the_new_one() {
    let (stage, log, mut follower) = Stage::followed("one\n", Start::LastLines(1)).await;
    follower.sees(&["one\n"]).await;
    append(&log, "two\nwithout end").unwrap();
    fs::rename(&log, stage.folder.path().join("app.log.1")).unwrap();
    stage.write("app.log", "three\n");
    follower.sees(&["two\n", "without end"]).await;
    follower.sees_restart(Restart::Rotated).await;
    assert_eq!(follower.line().await, ("three\n".to_owned(), 6));
}

#[tokio::test]
async fn what_a_writer_adds_to_the_old_file_until_it_opens_the_new_one_is_sent() {
    let (stage, log, mut follower) = Stage::followed("one\n", Start::LastLines(1)).await;
    follower.sees(&["one\n"]).await;
    let old = stage.folder.path().join("app.log.1");
    fs::rename(&log, &old).unwrap();
    append(&old, "two\n").unwrap();
    follower.sees(&["two\n"]).await;
    stage.write("app.log", "");
    for text in ["three\n", "four\n"] {
        append(&old, text).unwrap();
        follower.sees(&[text]).await;
    }
    append(&log, "five\n").unwrap();
    follower.sees_restart(Restart::Rotated).await;
    follower.sees(&["five\n"]).await;
}

#[tokio::test]
async fn a_file_that_is_removed_is_waited_for() {
    let (stage, log, mut follower) = Stage::followed("one\n", Start::LastLines(1)).await;
    follower.sees(&["one\n"]).await;
    let mut changes = stage.logs.folder.watch().await.unwrap().changes();
    fs::remove_file(&log).unwrap();
    changes.changed().await.unwrap();
    stage.write("app.log", "two\n");
    follower.sees_restart(Restart::Rotated).await;
    follower.sees(&["two\n"]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_is_turned_to_another_file_is_a_rotation() {
    use std::os::unix::fs::symlink;
    let stage = Stage::new();
    let current = stage.folder.path().join("app.log");
    symlink(stage.write("app.1", "one\n"), &current).unwrap();
    let mut follower = stage.follow(Start::LastLines(1)).await;
    follower.sees(&["one\n"]).await;
    let next = stage.folder.path().join("next");
    symlink(stage.write("app.2", "two\n"), &next).unwrap();
    fs::rename(next, current).unwrap();
    follower.sees_restart(Restart::Rotated).await;
    follower.sees(&["two\n"]).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_its_folder_the_call_ends_and_a_new_one_can_be_made() {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("inner");
    let begin = |text| {
        fs::create_dir(&path).unwrap();
        fs::write(path.join("app.log"), text).unwrap();
    };
    begin("one\n");
    let client = LogsClient::in_process(LogFolder::new(&path).unwrap());
    let follow = async || Follower(client.follow(app_log(Start::LastLines(1))).await.unwrap());
    let mut removed = follow().await;
    removed.sees(&["one\n"]).await;
    fs::remove_dir_all(&path).unwrap();
    let error = timeout(BOUND, removed.0.message()).await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);

    begin("two\n");
    let mut renamed = follow().await;
    renamed.sees(&["two\n"]).await;
    fs::rename(&path, outer.path().join("renamed")).unwrap();
    let error = timeout(BOUND, renamed.0.message()).await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);

    begin("three\n");
    follow().await.sees(&["three\n"]).await;
}

#[test]
fn reading_is_no_change_and_lost_events_may_be_one() {
    let folder = Path::new("/srv/logs");
    let read = EventKind::Access(AccessKind::Open(AccessMode::Any));
    let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    let is_change = |kind, path: &Path| {
        let event = notify::Event::new(kind).add_path(path.to_owned());
        watch::is_change(&event, folder)
    };
    assert!(!is_change(read, &folder.join("app.log")));
    assert!(!is_change(written, Path::new("/srv/other")));
    assert!(is_change(written, &folder.join("app.log")));
    let lost = notify::Event::new(EventKind::Other).set_flag(Flag::Rescan);
    assert!(watch::is_change(&lost, folder));
}

#[tokio::test]
async fn a_flood_of_changes_reaches_a_caller_who_was_not_reading() {
    let (stage, log, mut follower) = Stage::followed("", Start::LastLines(0)).await;
    let mut file = File::options().append(true).open(&log).unwrap();
    for number in 0..20_000 {
        file.write_all(format!("{number}\n").as_bytes()).unwrap();
    }
    stage.write("other.log", "not followed\n");
    for number in 0..20_000 {
        assert_eq!(follower.line().await.0, format!("{number}\n"));
    }
}

/// How many watches this process has on a folder: inotify lists them by inode.
#[cfg(target_os = "linux")]
fn watches(folder: &Path) -> usize {
    use std::os::unix::fs::MetadataExt;
    let inode = format!(" ino:{:x} ", fs::metadata(folder).unwrap().ino());
    let descriptors = fs::read_dir("/proc/self/fdinfo").unwrap().filter_map(|it| {
        // Other tests open and close theirs meanwhile.
        fs::read_to_string(it.ok()?.path()).ok()
    });
    let lines = descriptors.map(|it| {
        it.lines().filter(|line| line.starts_with("inotify") && line.contains(&inode)).count()
    });
    lines.sum()
}

/// How many descriptors this process has on a file.
#[cfg(target_os = "linux")]
fn descriptors(path: &Path) -> usize {
    let all = fs::read_dir("/proc/self/fd").unwrap();
    all.filter(|it| it.as_ref().is_ok_and(|it| fs::read_link(it.path()).is_ok_and(|it| it == path)))
        .count()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nothing_is_left_behind_when_the_callers_leave() {
    let stage = Stage::new();
    let folder = stage.folder.path().canonicalize().unwrap();
    stage.write("app.log", "one\n");
    let log = folder.join("app.log");
    stage
        .over_a_socket(async |client| {
            assert_eq!(watches(&folder), 0);
            let mut callers = Vec::new();
            for _ in 0..10 {
                let events = client.follow(app_log(Start::LastLines(1))).await.unwrap();
                let mut follower = Follower(events);
                follower.sees(&["one\n"]).await;
                callers.push(follower);
            }
            assert_eq!(watches(&folder), 1, "they share one");
            assert_eq!(descriptors(&log), 10);

            let watch = stage.logs.folder.watch().await.unwrap();
            drop(callers);
            timeout(BOUND, unwatched(watch)).await.expect("they are gone");
            assert_eq!(watches(&folder), 0);
            assert_eq!(descriptors(&log), 0);
        })
        .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_call_that_is_refused_watches_nothing() {
    let stage = Stage::new();
    let mut request = app_log(Start::LastLines(1));
    for (name, code) in [("app.log", Code::NotFound), ("..", Code::InvalidArgument)] {
        request.name = name.to_owned();
        let refused = stage.client().follow(request.clone()).await;
        assert_eq!(refused.unwrap_err().code(), code);
        assert_eq!(watches(stage.folder.path()), 0);
    }
}

#[tokio::test]
async fn a_server_that_stops_ends_its_calls() {
    let stage = Stage::new();
    stage.write("app.log", "one\n");
    let mut kept = None;
    stage
        .over_a_socket(async |client| {
            let events = client.follow(app_log(Start::LastLines(1))).await.unwrap();
            kept.insert(Follower(events)).sees(&["one\n"]).await;
        })
        .await;
    let ended = timeout(BOUND, kept.unwrap().0.message()).await.expect("the call is over");
    let error = ended.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::Unavailable, "the server stops"));
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_who_does_not_read() {
    let stage = Stage::new();
    let large = File::create(stage.folder.path().join("large.log")).unwrap();
    large.set_len(512 * CHUNK).unwrap();
    let mut kept = None;
    stage
        .over_a_socket(async |client| {
            kept = Some(client.download(download("large.log", 0)).await.unwrap());
            when_it_waits(&client, &stage.logs).await.unwrap();
        })
        .await;
    assert!(kept.is_some(), "the call is not over on this side");
}

/// Bytes that differ from chunk to chunk.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn a_download_is_the_whole_file_in_chunks() {
    let stage = Stage::new();
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7] {
        let bytes = pattern(length as usize);
        stage.write("large.log", &bytes);
        let mut chunks = stage.download("large.log", 0).await;
        let (mut received, mut count) = (Vec::new(), 0);
        while let Some(chunk) = chunks.message().await.unwrap() {
            assert_eq!((chunk.size, chunk.offset), (length, received.len() as u64));
            received.extend_from_slice(&chunk.data);
            count += 1;
        }
        assert_eq!(count, length.div_ceil(CHUNK).max(1));
        assert!(received == bytes, "{length} bytes are others");
    }
}

#[tokio::test]
async fn a_download_ends_where_the_file_ended_when_it_began() {
    let stage = Stage::new();
    let log = stage.write("large.log", "one\n");
    let mut chunks = stage.download("large.log", 0).await;
    append(&log, "two\n").unwrap();
    assert_eq!(*chunks.message().await.unwrap().unwrap().data, *b"one\n");
    assert_eq!(chunks.message().await.unwrap(), None);
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_where_it_was() {
    let stage = Stage::new();
    let bytes = pattern(3 * CHUNK as usize);
    stage.write("large.log", &bytes);
    for offset in [1, CHUNK as usize, bytes.len() - 1, bytes.len()] {
        let saved = stage.write("saved", &bytes[..offset]);
        let save = async |client| {
            client::save(client, "large.log".to_owned(), &saved).await.unwrap();
        };
        stage.over_a_socket(save).await;
        assert!(fs::read(saved).unwrap() == bytes, "from {offset}");
    }
}

#[tokio::test]
async fn an_offset_behind_the_end_is_out_of_range() {
    let stage = Stage::new();
    stage.write("large.log", "one\n");
    for offset in [5, u64::MAX] {
        let refused = stage.client().download(download("large.log", offset)).await;
        assert_eq!(refused.unwrap_err().code(), Code::OutOfRange);
    }
}

#[tokio::test]
async fn a_file_that_becomes_shorter_ends_its_download() {
    let stage = Stage::new();
    let log = stage.write("large.log", pattern(20 * CHUNK as usize));
    let mut chunks = stage.download("large.log", 0).await;
    chunks.message().await.unwrap().unwrap();
    File::options().write(true).open(log).unwrap().set_len(CHUNK).unwrap();
    let error = loop {
        match chunks.message().await {
            Ok(chunk) => assert!(chunk.is_some(), "it is not whole"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), Code::Aborted);
}

#[tokio::test]
async fn a_file_that_is_rotated_is_downloaded_to_its_end() {
    let stage = Stage::new();
    let log = stage.write("large.log", pattern(20 * CHUNK as usize));
    let mut chunks = stage.download("large.log", 0).await;
    chunks.message().await.unwrap().unwrap();
    fs::remove_file(log).unwrap();
    stage.write("large.log", "new\n");
    let mut count = 1;
    while chunks.message().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 20);
}

#[tokio::test]
async fn of_a_large_file_no_more_is_read_than_a_slow_reader_has_room_for() {
    let stage = Stage::new();
    let length = 512 * CHUNK;
    File::create(stage.folder.path().join("large.log")).unwrap().set_len(length).unwrap();
    stage
        .over_a_socket(async |client| {
            let mut chunks = client.download(download("large.log", 0)).await.unwrap();
            let mut taken = 0;
            while let Some(chunk) = chunks.message().await.unwrap() {
                taken += chunk.data.len() as u64;
                if taken % (128 * CHUNK) == CHUNK {
                    let read = when_it_waits(&client, &stage.logs).await.unwrap();
                    let ahead = read - taken + CHUNK;
                    assert!(ahead <= AHEAD, "{read} bytes were read, {taken} taken");
                }
            }
            assert_eq!(taken, length, "it goes on when it is read");
        })
        .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_download_that_is_left_closes_its_file() {
    let stage = Stage::new();
    let log = stage.write("large.log", pattern(20 * CHUNK as usize)).canonicalize().unwrap();
    let mut chunks = stage.download("large.log", 0).await;
    chunks.message().await.unwrap().unwrap();
    assert_eq!(descriptors(&log), 1);
    drop(chunks);
    // A read that was under way goes on to its end.
    let closes = async {
        while descriptors(&log) > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, closes).await.expect("the file is closed");
}

async fn assert_refused(stage: &Stage, name: &str, code: Code) {
    let request = FollowRequest { name: name.to_owned(), start: None };
    let error = stage.client().follow(request).await.unwrap_err();
    assert_eq!(error.code(), code, "{name:?}: {error}");
    let error = stage.client().download(download(name, 0)).await.unwrap_err();
    assert_eq!(error.code(), code, "{name:?}: {error}");
    let folder = stage.folder.path().to_str().unwrap();
    let is_told = error.message().contains(folder) && !name.contains(folder);
    assert!(!is_told, "where the folder is, is nobody's business");
    assert!(error.message().len() < 400, "a long name is not sent back");
}

#[tokio::test]
async fn a_name_that_is_none_is_invalid() {
    let stage = Stage::new();
    stage.write("app.log", "one\n");
    fs::create_dir(stage.folder.path().join("inner")).unwrap();
    stage.write("inner/app.log", "one\n");
    let long = "x".repeat(256);
    let longer = "ü".repeat(1_000_000);
    let name = stage.folder.path().join("app.log");
    for name in [
        "",
        ".",
        "..",
        "/",
        "../app.log",
        "./app.log",
        "app.log/",
        "inner/app.log",
        "inner/../app.log",
        "app.log\0",
        "/etc/passwd",
        name.to_str().unwrap(),
        &long,
        &longer,
    ] {
        assert_refused(&stage, name, Code::InvalidArgument).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_leads_out_of_the_folder_is_invalid() {
    use std::os::unix::fs::symlink;
    let stage = Stage::new();
    let outside = tempfile::NamedTempFile::new().unwrap();
    symlink(outside.path(), stage.folder.path().join("app.log")).unwrap();
    assert_refused(&stage, "app.log", Code::InvalidArgument).await;
}

#[tokio::test]
async fn what_is_not_a_file_is_not_found() {
    let stage = Stage::new();
    fs::create_dir(stage.folder.path().join("inner")).unwrap();
    for name in ["app.log", "inner"] {
        assert_refused(&stage, name, Code::NotFound).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_the_server_may_not_read_is_permission_denied() {
    use std::os::unix::fs::PermissionsExt;
    let error = refusal("app.log".to_owned())(ErrorKind::PermissionDenied.into());
    assert_eq!(error.code(), Code::PermissionDenied);

    let stage = Stage::new();
    let log = stage.write("app.log", "one\n");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&log).is_ok() {
        return eprintln!("skipped: this user may read everything");
    }
    assert_refused(&stage, "app.log", Code::PermissionDenied).await;
}
