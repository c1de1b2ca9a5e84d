//! `du --naive` on tokio: the book's du4, as it is first written with `tokio::fs`.
//!
//! Run with: `cargo run --release -p du -- --runtime tokio --naive /usr`
//!
//! ```text
//! visit (one a directory) ─► a batch a file ─► collector
//! ```
//!
//! Here for its price. Each call to the file system is sent to a thread of the blocking pool and awaited, each file
//! is a message, and each directory has a task, of which a semaphore lets a few read at a time: the others have been
//! made, and wait.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Result;
use tokio::fs::{read_dir, symlink_metadata};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Sender};

use super::collect::{End, collect, finish, report};
use crate::cli::Du;
use crate::totals::Totals;
use crate::view::View;
use crate::walk::Batch;

/// What the tasks share.
struct Shared {
    /// A permit for each directory that may be read at a time.
    reads: Semaphore,
}

/// Walks, and prints how much there is.
pub(super) async fn du(options: &Du, roots: Vec<PathBuf>, cancelled: impl Future<Output = ()>) -> Result<()> {
    let shared = Arc::new(Shared { reads: Semaphore::new(options.limit) });
    let (found, mut batches) = mpsc::channel(1);
    for (root, path) in roots.iter().enumerate() {
        tokio::spawn(begin(root, path.clone(), Arc::clone(&shared), found.clone()));
    }
    // The channel is closed when the last task has dropped its own.
    drop(found);
    let (mut totals, view) = (Totals::new(&roots), View::new(options.output()));
    let end = collect(options, &mut batches, &mut totals, &view, cancelled).await;
    if end == End::Cancelled {
        // Who waits for a permit gets none, and who has one is heard for a moment.
        shared.reads.close();
        finish(&mut batches, &mut totals, &view).await;
    }
    report(&totals, view, None, end).await
}

/// Begins with a root, which may be a file.
async fn begin(root: usize, path: PathBuf, shared: Arc<Shared>, found: Sender<Batch>) {
    match symlink_metadata(&path).await {
        Ok(metadata) if metadata.is_dir() => visit(root, path, shared, found).await,
        Ok(metadata) => _ = found.send(Batch::file(root, &metadata)).await,
        Err(error) => _ = found.send(Batch::failure(root, &path, &error)).await,
    }
}

/// Reads a directory: sends the size of each file, and has a task for each directory in it.
fn visit(
    root: usize,
    dir: PathBuf,
    shared: Arc<Shared>,
    found: Sender<Batch>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let entries = match entries(&dir, &shared).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => {
                found.send(Batch::failure(root, &dir, &error)).await.ok();
                return;
            }
        };
        for (path, metadata) in entries {
            if metadata.is_dir() {
                tokio::spawn(visit(root, path, Arc::clone(&shared), found.clone()));
            } else if found.send(Batch::file(root, &metadata)).await.is_err() {
                return;
            }
        }
    })
}

/// What is in a directory, once it may be read; nothing after a cancellation.
async fn entries(dir: &Path, shared: &Shared) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let Ok(_permit) = shared.reads.acquire().await else { return Ok(Vec::new()) };
    let mut entries = read_dir(dir).await?;
    let mut all = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        match entry.metadata().await {
            Ok(metadata) => all.push((entry.path(), metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
