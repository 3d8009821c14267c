//! When a process is told to end.

/// Waits until the process is told to end: by Ctrl-C, or by SIGTERM, as `docker stop`, Kubernetes and
/// systemd do.
///
/// ```no_run
/// # async fn example(server: traitwire::Server) -> Result<(), Box<dyn std::error::Error>> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:50051").await?;
/// server.serve(listener, traitwire::shutdown_signal()).await?;
/// # Ok(())
/// # }
/// ```
///
/// Where signals cannot be waited for, it waits for ever.
pub async fn shutdown_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    if let Ok(mut signal) = signal(SignalKind::terminate()) {
        signal.recv().await;
    } else {
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
