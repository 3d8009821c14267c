//! Serves the book, makes it anew when a source changes, and reloads the pages that show it.

use std::{net::Ipv4Addr, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use axum::Router;
use notify::{Event, RecursiveMode, Watcher};
use tokio::{net::TcpListener, sync::mpsc, time::sleep};
use tower_http::services::ServeDir;
use tower_livereload::LiveReloadLayer;

use crate::{Project, make::make};

/// Where the book is served.
const PORT: u16 = 3000;
/// Editors write a file several times.
const QUIET: Duration = Duration::from_millis(200);

/// Serves until it is interrupted. Faults are printed, and serving goes on.
pub async fn serve(project: Project, open: bool) -> Result<()> {
    let (changed, mut changes) = mpsc::channel(1);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Making the book reads the files that are watched.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            // A change that is waiting already stands for this one.
            let _ = changed.try_send(());
        }
    })?;
    let config = &project.config;
    let watched = config.build.extra_watch_dirs.iter().chain([&config.book.src]);
    for path in watched.map(PathBuf::as_path).chain(["mdbook.toml".as_ref()]) {
        watcher.watch(&project.root.join(path), RecursiveMode::Recursive)?;
    }
    let reload = LiveReloadLayer::new();
    let reloader = reload.reloader();
    let folder = project.root.join(&config.build.build_dir);
    let app = Router::new().fallback_service(ServeDir::new(folder)).layer(reload);
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT)).await;
    let listener = bound.with_context(|| format!("cannot listen on port {PORT}"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut server = tokio::spawn(axum::serve(listener, app).into_future());
    let root = project.root.clone();
    report(&project);
    println!("{url}");
    if open {
        opener::open_browser(&url)?;
    }
    loop {
        tokio::select! {
            outcome = &mut server => return Ok(outcome??),
            _ = changes.recv() => sleep(QUIET).await,
        }
        let _ = changes.try_recv();
        // The configuration may be what has changed.
        match tokio::task::block_in_place(|| Project::open(&root)) {
            Ok(project) => tokio::task::block_in_place(|| report(&project)),
            Err(error) => eprintln!("{error:#}"),
        }
        reloader.reload();
    }
}

fn report(project: &Project) {
    match make(project) {
        Ok(_) => println!("made"),
        Err(error) => eprintln!("{error:#}"),
    }
}
