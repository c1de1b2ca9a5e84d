//! `du --naive` on async-std: the book's du4, as it is first written with `async_std::fs`.
//!
//! Run with: `cargo run --release -p du -- --runtime async-std --naive /usr`
//!
//! ```text
//! visit (one a directory) ─► a batch a file ─► collector
//! ```
//!
//! Here for its price. Each call to the file system is sent to a thread of the blocking pool and awaited, each file
//! is a message, and each directory has a task, of which a few may read at a time: the others have been made, and wait.
//! There is no semaphore in async-std. A channel with room for that many messages is one, as in the book.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Result;
use async_std::channel::{self, Receiver, Sender};
use async_std::fs::{read_dir, symlink_metadata};
use async_std::task;
use futures_lite::StreamExt;

use super::collect::{End, collect, finish, report};
use crate::cli::Du;
use crate::totals::Totals;
use crate::view::View;
use crate::walk::Batch;

/// What the tasks share.
struct Shared {
    /// Holds a message for each directory that is read at the time.
    reads: (Sender<()>, Receiver<()>),
}

/// Walks, and prints how much there is.
pub(super) async fn du(options: &Du, roots: Vec<PathBuf>, cancelled: impl Future<Output = ()>) -> Result<()> {
    let shared = Arc::new(Shared { reads: channel::bounded(options.limit) });
    let (found, mut batches) = channel::bounded(1);
    for (root, path) in roots.iter().enumerate() {
        task::spawn(begin(root, path.clone(), Arc::clone(&shared), found.clone()));
    }
    // The channel is closed when the last task has dropped its own.
    drop(found);
    let (mut totals, view) = (Totals::new(&roots), View::new(options.output()));
    let end = collect(options, &mut batches, &mut totals, &view, cancelled).await;
    if end == End::Cancelled {
        // Who waits for a permit gets none, and who has one is heard for a moment.
        shared.reads.0.close();
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
                task::spawn(visit(root, path, Arc::clone(&shared), found.clone()));
            } else if found.send(Batch::file(root, &metadata)).await.is_err() {
                return;
            }
        }
    })
}

/// What is in a directory, once it may be read; nothing after a cancellation.
async fn entries(dir: &Path, shared: &Shared) -> io::Result<Vec<(PathBuf, Metadata)>> {
    let (take, give_back) = &shared.reads;
    if take.send(()).await.is_err() {
        return Ok(Vec::new());
    }
    let read = async {
        let mut entries = read_dir(dir).await?;
        let mut all = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry?;
            match entry.metadata().await {
                Ok(metadata) => all.push((entry.path().into(), metadata)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    };
    let all = read.await;
    give_back.recv().await.ok();
    all
}
