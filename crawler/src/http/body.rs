//! A body as it comes over the network, unpacked and bounded.
//!
//! A server may say of a few KiB that they are gigabytes when unpacked: what is counted is what comes out, and it is
//! counted before it is passed on, in pieces of at most 32 KiB.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::Failure;

/// What `Accept-Encoding` asks for: what [`Unpacker`] understands.
pub(crate) const ACCEPTED: &str = "gzip, br, deflate";

/// The room for what is unpacked but not passed on.
const PIECE: usize = 32 << 10;

/// Unpacks a body and passes it on to `sink`.
pub(super) struct Unpacker<S: FnMut(&[u8]) -> Result<(), Failure>> {
    coding: Coding<Bounded<S>>,
    /// Nothing has come: an empty body is whole, whatever it is said to be.
    empty: bool,
}

/// By RFC 9110, 8.4.1.
enum Coding<W: Write> {
    Identity(W),
    Gzip(MultiGzDecoder<W>),
    Zlib(ZlibDecoder<W>),
    Deflate(DeflateDecoder<W>),
    Brotli(Box<DecompressorWriter<W>>),
    /// `deflate` before its first byte: some servers send it without the wrapping of zlib.
    Unknown(Option<W>),
}

impl<S: FnMut(&[u8]) -> Result<(), Failure>> Unpacker<S> {
    /// For a body with this `Content-Encoding`; at most `most` bytes are passed on.
    ///
    /// # Errors
    /// A coding that was not asked for.
    pub(super) fn new(encoding: &str, most: usize, sink: S) -> Result<Self, Failure> {
        let out = Bounded { sink, left: most, most, failure: None };
        let coding = match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Coding::Identity(out),
            "gzip" | "x-gzip" => Coding::Gzip(MultiGzDecoder::new(out)),
            "br" => Coding::Brotli(Box::new(DecompressorWriter::new(out, PIECE))),
            "deflate" => Coding::Unknown(Some(out)),
            other => return Err(Failure::Decode(format!("it is packed as {other:?}"))),
        };
        Ok(Self { coding, empty: true })
    }

    /// Takes what came next.
    ///
    /// # Errors
    /// When it cannot be unpacked, comes to too much, or `sink` fails. What was within the bound was passed on.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.empty &= bytes.is_empty();
        if let Coding::Unknown(out) = &mut self.coding
            && let Some(first) = bytes.first()
            && let Some(out) = out.take()
        {
            // RFC 1950, 2.2: the method, 8, is in the low four bits. No block of RFC 1951 that a packer writes has them.
            let wrapped = first & 0x0f == 8;
            self.coding = match wrapped {
                true => Coding::Zlib(ZlibDecoder::new(out)),
                false => Coding::Deflate(DeflateDecoder::new(out)),
            };
        }
        let written = match &mut self.coding {
            Coding::Identity(out) => out.write_all(bytes),
            Coding::Gzip(out) => out.write_all(bytes),
            Coding::Zlib(out) => out.write_all(bytes),
            Coding::Deflate(out) => out.write_all(bytes),
            Coding::Brotli(out) => out.write_all(bytes),
            Coding::Unknown(_) => Ok(()),
        };
        written.map_err(|error| self.failure(&error))
    }

    /// Takes the end of the body.
    ///
    /// # Errors
    /// As [`push`](Self::push); and when the packed body is not whole.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let written = match &mut self.coding {
            _ if self.empty => Ok(()),
            Coding::Identity(_) | Coding::Unknown(_) => Ok(()),
            Coding::Gzip(out) => out.try_finish(),
            Coding::Zlib(out) => out.try_finish(),
            Coding::Deflate(out) => out.try_finish(),
            Coding::Brotli(out) => out.close(),
        };
        written.map_err(|error| self.failure(&error))
    }

    fn failure(&mut self, error: &io::Error) -> Failure {
        let out = match &mut self.coding {
            Coding::Identity(out) => Some(out),
            Coding::Gzip(out) => Some(out.get_mut()),
            Coding::Zlib(out) => Some(out.get_mut()),
            Coding::Deflate(out) => Some(out.get_mut()),
            Coding::Brotli(out) => Some(out.get_mut()),
            Coding::Unknown(out) => out.as_mut(),
        };
        out.and_then(|out| out.failure.take()).unwrap_or_else(|| Failure::Decode(error.to_string()))
    }
}

/// What comes out, counted.
struct Bounded<S> {
    sink: S,
    left: usize,
    most: usize,
    /// Why the last write failed: the decoders know only errors of input and output.
    failure: Option<Failure>,
}

impl<S: FnMut(&[u8]) -> Result<(), Failure>> Write for Bounded<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let within = &bytes[..bytes.len().min(self.left)];
        self.left -= within.len();
        let mut passed = (self.sink)(within);
        if passed.is_ok() && within.len() < bytes.len() {
            passed = Err(Failure::TooLarge(self.most));
        }
        passed.map(|()| bytes.len()).map_err(|failure| {
            self.failure = Some(failure);
            io::Error::other("told elsewhere")
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn unpacked(encoding: &str, most: usize, parts: &[&[u8]]) -> (Vec<u8>, Result<(), Failure>) {
        let mut out = Vec::new();
        let mut unpacker = Unpacker::new(encoding, most, |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
        let result = parts.iter().try_for_each(|part| unpacker.push(part)).and_then(|()| unpacker.finish());
        drop(unpacker);
        (out, result)
    }

    fn packed(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        for out in [&mut gzip as &mut dyn Write, &mut zlib, &mut deflate] {
            out.write_all(text).unwrap();
        }
        vec![
            ("", text.to_vec()),
            ("GZIP", gzip.finish().unwrap()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", deflate.finish().unwrap()),
        ]
    }

    #[test]
    fn each_coding_in_any_parts() {
        let text = b"all the same ".repeat(1000);
        for (encoding, bytes) in packed(&text) {
            for size in [1, 7, bytes.len()] {
                let parts: Vec<&[u8]> = bytes.chunks(size).collect();
                let (out, result) = unpacked(encoding, text.len(), &parts);
                assert!(result.is_ok() && out == text, "{encoding} in parts of {size}: {result:?}");
            }
        }
        // "Hello" and a newline, by `brotli -c`.
        let brotli = b"\x8f\x02\x80Hello\n\x03";
        let (out, result) = unpacked("br", 100, &[brotli]);
        assert!(result.is_ok() && out == b"Hello\n", "{result:?}");
    }

    #[test]
    fn no_more_than_the_bound() {
        let text = vec![0; 1 << 20];
        for (encoding, bytes) in packed(&text) {
            let (out, result) = unpacked(encoding, 1000, &[&bytes]);
            assert!(matches!(result, Err(Failure::TooLarge(1000))), "{encoding}: {result:?}");
            assert_eq!(out.len(), 1000, "{encoding}");
        }
        // 1 MiB of zeros, by `brotli -c`.
        let brotli = b"\x5f\xff\xff\x8f\x7f\x02\x20\x1e\x0b\x04\x72\xef\x1f\x00";
        let (out, result) = unpacked("br", 1000, &[brotli]);
        assert!(matches!(result, Err(Failure::TooLarge(1000))), "{result:?}");
        assert_eq!(out.len(), 1000);
    }

    #[test]
    fn what_is_broken_or_cut_is_told() {
        let text = b"all the same ".repeat(1000);
        for (encoding, bytes) in packed(&text).into_iter().filter(|(encoding, _)| !encoding.is_empty()) {
            let (_, result) = unpacked(encoding, text.len(), &[&bytes[..bytes.len() / 2]]);
            assert!(matches!(result, Err(Failure::Decode(_))), "{encoding}: {result:?}");
        }
        let (_, result) = unpacked("gzip", 100, &[b"no gzip at all"]);
        assert!(matches!(result, Err(Failure::Decode(_))), "{result:?}");
        assert!(Unpacker::new("zstd", 100, |_: &[u8]| Ok(())).is_err());
    }
}
