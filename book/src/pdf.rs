//! The book as a PDF: mdBook's page that has all chapters, printed by a browser without a window.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

/// Browsers that can print, by the names that they have on Linux, macOS and Windows.
const BROWSERS: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "chrome",
    "msedge",
];

/// Prints the book that was made into this folder.
pub fn print(folder: &Path) -> Result<PathBuf> {
    let file = folder.join("from-trait-to-wire.pdf");
    for browser in BROWSERS {
        let outcome = Command::new(browser)
            // The page is our own, and in a container the browser is run by root.
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
            // A large page is laid out as long as it takes.
            .args(["--timeout=300000", "--allow-file-access-from-files"])
            .arg(format!("--print-to-pdf={}", file.display()))
            .arg(folder.join("print.html"))
            .output();
        match outcome {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            outcome => {
                let output = outcome.context(browser)?;
                let said = String::from_utf8_lossy(&output.stderr);
                ensure!(output.status.success() && file.is_file(), "{browser}: {}", said.trim());
                return Ok(file);
            }
        }
    }
    bail!("no browser to print with: install one of {}", BROWSERS.join(", "))
}
