//! Pages in the encodings that a crawler has to know: of letters, and packed.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::corners::linked;

/// Packed once, not for each visitor.
#[derive(Debug)]
pub(super) struct Packed {
    /// The page `/gzip`.
    pub(super) gzip: Bytes,
    /// The page `/deflate`, as the name is meant (RFC 9110, 8.4.1.2): in zlib's format.
    pub(super) deflate: Bytes,
}

impl Packed {
    pub(super) fn new() -> Self {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        // Into memory: does not fail.
        gzip.write_all(linked("Gzip", "/query?packed=gzip").as_bytes()).ok();
        zlib.write_all(linked("Deflate", "/query?packed=deflate").as_bytes()).ok();
        Self {
            gzip: gzip.finish().unwrap_or_default().into(),
            deflate: zlib.finish().unwrap_or_default().into(),
        }
    }
}

/// `text` (1 to 65,536 bytes) as brotli has it when nothing is packed (RFC 7932, 9.2): a window of 2^16 bytes, a
/// block with its length and as it is, and an empty last block.
pub(super) fn brotli(text: &[u8]) -> Bytes {
    let length = u32::try_from(text.len()).unwrap_or(0).saturating_sub(1);
    let [a, b, c, _] = (length << 4 | 1 << 20).to_le_bytes();
    [&[a, b, c], text, &[3]].concat().into()
}

/// A page whose letters beyond ASCII are one byte each, and so they are in the query of its link.
pub(super) fn latin1() -> Bytes {
    let html = "<!DOCTYPE html>\n<title>Grüße</title>\n<p><a href=\"/query?name=Jäger\">Jäger</a></p>\n";
    html.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// A page in UTF-16, little-endian. A query is in UTF-8 all the same.
pub(super) fn utf16() -> Bytes {
    let html =
        "\u{FEFF}<!DOCTYPE html>\n<title>Grüße</title>\n<p><a href=\"/query?name=Försterin\">F.</a></p>\n";
    html.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use hyper::header::CONTENT_ENCODING;

    use super::super::tests::{get, site};

    #[test]
    fn packed_pages_unpack() {
        let unpacked = |packed: &[u8], encoding: &str| {
            let mut html = String::new();
            match encoding {
                "gzip" => flate2::read::GzDecoder::new(packed).read_to_string(&mut html),
                "deflate" => flate2::read::ZlibDecoder::new(packed).read_to_string(&mut html),
                _ => brotli_decompressor::Decompressor::new(packed, 4096).read_to_string(&mut html),
            }
            .unwrap();
            html
        };
        let site = site();
        for (path, encoding) in [("/gzip", "gzip"), ("/deflate", "deflate"), ("/br", "br")] {
            let response = get(&site, path);
            assert_eq!(response.headers()[CONTENT_ENCODING], encoding);
            let super::super::Body::Whole(Some(body)) = response.into_body() else { panic!("{path}") };
            assert!(unpacked(&body, encoding).contains(&format!("/query?packed={encoding}")));
        }
    }
}
