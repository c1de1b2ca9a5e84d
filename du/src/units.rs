//! Sizes for people.

use bytesize::ByteSize;

/// How a size is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Units {
    /// As the book does: GB, of 10⁹ bytes.
    #[default]
    Book,
    /// kB, MB, GB, …: powers of 1000.
    Si,
    /// KiB, MiB, GiB, …: powers of 1024.
    Iec,
}

impl Units {
    /// So many bytes.
    pub(crate) fn show(self, bytes: u64) -> String {
        match self {
            Self::Book => format!("{:.1} GB", bytes as f64 / 1e9),
            Self::Si => ByteSize(bytes).display().si().to_string(),
            Self::Iec => ByteSize(bytes).display().iec().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(Units::Book.show(0), "0.0 GB");
        assert_eq!(Units::Book.show(12_345_678_901), "12.3 GB");
        assert_eq!(Units::Book.show(50_000_000), "0.1 GB");
        assert_eq!(Units::Si.show(12_345_678_901), "12.3 GB");
        assert_eq!(Units::Si.show(999), "999 B");
        assert_eq!(Units::Iec.show(1536), "1.5 KiB");
        assert_eq!(Units::Iec.show(u64::MAX), "16.0 EiB");
    }
}
