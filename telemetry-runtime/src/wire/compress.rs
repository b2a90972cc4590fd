//! `compress: Gzip`: bodies as they travel.

use telemetry_schema::Compress;

use crate::declare::transport::Request;

/// For `sdk!`: what it says, where this runtime was built for it.
#[cfg(feature = "gzip")]
pub const fn gzip() -> Compress {
    Compress::Gzip
}

/// For `sdk!`: why there is no such declaration.
#[cfg(not(feature = "gzip"))]
#[allow(clippy::panic, reason = "the compiler evaluates it, and shows the text where `sdk!` stands")]
pub const fn gzip() -> Compress {
    panic!("`compress: Gzip` needs the feature `gzip` of telemetry-runtime")
}

/// The same request with a compressed body and the header that says so; `None` where that makes it no shorter.
#[cfg(all(feature = "gzip", native))]
pub(crate) fn request(compress: Compress, request: &Request) -> Option<Request> {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    let Compress::Gzip = compress;
    // Level 6, which zlib has by default: level 9 takes twice the time for a hundredth of the bytes.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(request.body()).ok()?;
    let body = encoder.finish().ok()?;
    (body.len() < request.body().len()).then(|| {
        let mut headers = request.headers().to_vec();
        headers.push((Compress::HEADER.to_owned(), compress.word().to_owned()));
        Request::new(request.method(), request.url().to_owned(), headers, body)
    })
}

/// Nobody can have asked for it; a page sends bodies as they are.
#[cfg(not(all(feature = "gzip", native)))]
pub(crate) fn request(_: Compress, _: &Request) -> Option<Request> {
    None
}
