//! The calls that the walk is made of. None follows a symbolic link, and none has an effect beyond the file that it
//! names: a FIFO or a device is never opened.

use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Statx, StatxAttributes, StatxFlags, openat, statx};
use rustix::io::{Errno, Result, retry_on_intr};

use super::{Id, Seen};

/// What the walk wants to know of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// None when it was not told.
    pub(super) kind: FileType,
    pub(super) size: u64,
    /// Allocated.
    pub(super) disk: u64,
    pub(super) names: u32,
    pub(super) id: Id,
    /// Whether something is mounted on it; true when the system cannot tell.
    pub(super) mounted: bool,
}

impl Look {
    /// As that of a directory in `parent`, or of a root.
    pub(super) fn seen(&self, parent: Option<&Seen>) -> Seen {
        Seen { id: self.id, mounted: parent.is_some_and(|parent| self.mounted || parent.mounted) }
    }
}

/// Looks at `name` in `dir`.
pub(super) fn look(dir: impl AsFd, name: &CStr) -> Result<Look> {
    // A mount that waits to be used is not to be woken.
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    retry_on_intr(|| statx(&dir, name, flags, wanted())).map(Look::from)
}

/// Looks at a directory that is open.
pub(super) fn look_at(dir: impl AsFd) -> Result<Look> {
    retry_on_intr(|| statx(&dir, c"", AtFlags::EMPTY_PATH, wanted())).map(Look::from)
}

/// Opens the directory `name` in `dir`, if it is one.
pub(super) fn open(dir: impl AsFd, name: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    retry_on_intr(|| openat(&dir, name, flags, Mode::empty()))
}

/// Whether the process, or the system, has too many files open.
pub(super) fn is_short(error: Errno) -> bool {
    matches!(error, Errno::MFILE | Errno::NFILE)
}

/// Whether a name that was found as a directory is something else by now.
pub(super) fn is_no_directory(error: Errno) -> bool {
    matches!(error, Errno::NOTDIR | Errno::LOOP)
}

fn wanted() -> StatxFlags {
    StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::BLOCKS | StatxFlags::NLINK | StatxFlags::INO
}

impl From<Statx> for Look {
    fn from(stat: Statx) -> Self {
        let root = StatxAttributes::MOUNT_ROOT;
        let told = stat.stx_attributes_mask.contains(root);
        Self {
            kind: FileType::from_raw_mode(stat.stx_mode.into()),
            size: stat.stx_size,
            // In units of 512 bytes, whatever the file system's are.
            disk: stat.stx_blocks.saturating_mul(512),
            names: stat.stx_nlink,
            id: Id { device: (stat.stx_dev_major, stat.stx_dev_minor), inode: stat.stx_ino },
            mounted: !told || stat.stx_attributes.contains(root),
        }
    }
}
