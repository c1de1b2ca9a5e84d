//! What pages are made of besides HTML: for a copy of the site, which should have them as well.

use super::Answer;

/// The colours, which ask for a style, which asks for an image.
const STYLE: &str = "@charset \"utf-8\";\n@import url(\"more.css\");\n/* url(/trap/style-comment) is none */\n\
    body { font-family: sans-serif; margin: 2em auto; max-width: 45em; line-height: 1.5; \
    background: #fdfcf8 url(dot.png) repeat; }\n";

const MORE: &str = "@import 'empty.css' screen;\nh1 { padding-left: 1.2em; \
    background: url( 'ring.svg' ) left center / 1em no-repeat; }\ntd { padding: .2em 1em .2em 0; vertical-align: top; }\n\
    .gallery img { border: 1px solid #999; margin: 1em; }\n";

const RING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\">\
    <circle cx=\"16\" cy=\"16\" r=\"12\" fill=\"none\" stroke=\"#0a7\" stroke-width=\"5\"/></svg>\n";

const SCRIPT: &str = "// No link: <a href=\"/trap/script-file\">\n\
    document.addEventListener('DOMContentLoaded', () => document.body.dataset.script = 'ran');\n";

/// A pixel, nearly white.
const DOT: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xDE, 0x00,
    0x00, 0x00, 0x0C, 0x49, 0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0xF8, 0xFB, 0xE7, 0x07, 0x00, 0x05, 0xEB,
    0x02, 0xF2, 0x18, 0x1B, 0xE1, 0x37, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60,
    0x82,
];

/// A second of silence would be long: ten samples of it.
const SOUND: &[u8] =
    b"RIFF\x2e\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x0a\0\0\0\
    \x80\x80\x80\x80\x80\x80\x80\x80\x80\x80";

/// The file at `path`; none if there is none.
pub(super) fn at(path: &str) -> Option<Answer> {
    let (content_type, body): (&str, &[u8]) = match path.strip_prefix("/assets/")? {
        "style.css" => ("text/css", STYLE.as_bytes()),
        "more.css" => ("text/css", MORE.as_bytes()),
        "empty.css" => ("text/css", b""),
        "script.js" => ("text/javascript", SCRIPT.as_bytes()),
        "ring.svg" | "large.svg" => ("image/svg+xml", RING.as_bytes()),
        "dot.png" => ("image/png", DOT),
        "sound.wav" => ("audio/wav", SOUND),
        _ => return None,
    };
    Some(Answer::of(content_type, body))
}
