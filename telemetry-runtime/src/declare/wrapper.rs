/// The crate that wraps an SDK, such as a framework binding around a core library.
///
/// Made by [`wrapper!`](crate::wrapper), whose text is fixed at compile time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrapper {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

impl Wrapper {
    /// For [`wrapper!`](crate::wrapper), which calls it in const context: a bad name does not compile.
    #[doc(hidden)]
    #[expect(clippy::panic, reason = "evaluated by the compiler: a bad name is a compile error")]
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        if name.is_empty() || name.len() > 64 || !is_package_name(name.as_bytes()) {
            panic!("a wrapper's name has 1 to 64 letters, digits or any of @ / . _ -: `wrapper!(\"@acme/next\")`");
        }
        Self { name, version }
    }
}

const fn is_package_name(mut bytes: &[u8]) -> bool {
    while let [first, rest @ ..] = bytes {
        if !(first.is_ascii_alphanumeric() || matches!(first, b'@' | b'/' | b'.' | b'_' | b'-')) {
            return false;
        }
        bytes = rest;
    }
    true
}

#[doc = include_str!("../../docs/wrapper.md")]
#[macro_export]
macro_rules! wrapper {
    () => {
        $crate::wrapper!(env!("CARGO_PKG_NAME"))
    };
    ($name:expr) => {{
        const WRAPPER: $crate::Wrapper = $crate::Wrapper::new($name, env!("CARGO_PKG_VERSION"));
        WRAPPER
    }};
}
