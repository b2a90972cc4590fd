use telemetry_schema::{
    node::Node,
    ready_made::{self, OS_VERSION_NUMBERS},
};

use crate::declare::{sink::Sink, value::TelemetryValue};

/// The operating system this program was built for, by name: one of [`OS_NAMES`](telemetry_schema::ready_made::OS_NAMES).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Os(u16);

impl Os {
    /// The operating system of this program.
    pub const fn current() -> Self {
        Self(if cfg!(target_os = "linux") {
            0
        } else if cfg!(target_os = "macos") {
            1
        } else if cfg!(target_os = "windows") {
            2
        } else if cfg!(target_os = "android") {
            3
        } else if cfg!(target_os = "ios") {
            4
        } else if cfg!(target_os = "freebsd") {
            5
        } else if cfg!(target_os = "netbsd") {
            6
        } else if cfg!(target_os = "openbsd") {
            7
        } else {
            8
        })
    }
}

impl TelemetryValue for Os {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::leaf("\"os\"");
    const DIGEST: u128 = ready_made::OS.digest;

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        sink.variant(self.0);
    }
}

/// The version of an operating system: up to three numbers, without build names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OsVersion {
    numbers: [u32; OS_VERSION_NUMBERS],
    count: u16,
}

impl OsVersion {
    /// Takes the leading numbers of `text`: `6.18.3-generic` becomes `6.18.3`, `bookworm` becomes the empty version.
    pub fn parse(text: &str) -> Self {
        let mut version = Self { numbers: [0; OS_VERSION_NUMBERS], count: 0 };
        for (number, part) in version.numbers.iter_mut().zip(text.split('.')) {
            let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            let Ok(value) = digits.parse() else { break };
            *number = value;
            version.count += 1;
            if digits.len() < part.len() {
                break;
            }
        }
        version
    }

    /// The version of the running kernel. Asks the system once per call.
    pub fn current() -> Self {
        #[cfg(unix)]
        {
            Self::parse(&rustix::system::uname().release().to_string_lossy())
        }
        #[cfg(not(unix))]
        {
            Self::parse("")
        }
    }
}

impl TelemetryValue for OsVersion {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::leaf("\"os_version\"");
    const DIGEST: u128 = ready_made::OS_VERSION.digest;

    fn write(&self, sink: &mut Sink<'_>) {
        sink.count(self.count);
        for number in self.numbers.iter().take(usize::from(self.count)) {
            sink.integer(i64::from(*number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_versions_keep_numbers_only() {
        for (text, numbers) in [
            ("6.18.3-generic", &[6, 18, 3][..]),
            ("10.0.19045.1", &[10, 0, 19045]),
            ("6.18", &[6, 18]),
            ("6-rc1.5", &[6]),
            ("bookworm", &[]),
            ("", &[]),
            ("99999999999.1", &[]),
        ] {
            let version = OsVersion::parse(text);
            assert_eq!(&version.numbers[..usize::from(version.count)], numbers, "{text}");
        }
    }
}
