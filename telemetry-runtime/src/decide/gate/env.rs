//! Layers 3 and 4, and everything else that is read from the environment: once, at first use.

use std::{env, ffi::OsStr};

use crate::{
    base::process,
    decide::{
        gate::environment::{self, Surroundings},
        layer::{Layer, Verdict},
    },
    declare::sdk::Sdk,
};

/// What the environment said when it was read.
#[derive(Debug, Clone)]
pub(crate) struct EnvReading {
    pub(crate) do_not_track: Layer,
    pub(crate) disabled: Layer,
    pub(crate) debug: bool,
    pub(crate) surroundings: Surroundings,
    /// The variable that should name a proxy and does not; see `proxy.rs`.
    pub(crate) malformed_proxy: Option<&'static str>,
}

impl EnvReading {
    pub(crate) fn of(sdk: Sdk) -> Self {
        let stem = sdk.info.env;
        Self {
            do_not_track: variables(3, "DO_NOT_TRACK", &["DO_NOT_TRACK".to_owned()]),
            disabled: variables(
                4,
                "variables",
                &std::iter::once(format!("{stem}_TELEMETRY_DISABLED"))
                    .chain(sdk.info.env_aliases.iter().map(|alias| (*alias).to_owned()))
                    .collect::<Vec<_>>(),
            ),
            // What a program with raised rights would record is not for whoever started it to read.
            debug: process::raised_by().is_none()
                && env::var_os(format!("{stem}_TELEMETRY_DEBUG")).is_some_and(|value| says_off(&value)),
            surroundings: environment::read(),
            malformed_proxy: malformed_proxy(),
        }
    }
}

/// The variable that should name a proxy and does not: the built-in transport sends nothing then, except to this machine.
fn malformed_proxy() -> Option<&'static str> {
    #[cfg(feature = "http")]
    return super::proxy::malformed();
    #[cfg(not(feature = "http"))]
    None
}

/// One layer over variables of which each turns telemetry off.
fn variables(number: u8, name: &'static str, names: &[String]) -> Layer {
    for variable in names {
        if let Some(value) = env::var_os(variable)
            && says_off(&value)
        {
            let value = format!("{variable}={}", value.to_string_lossy());
            return Layer::new(number, name, Verdict::Off, value, "environment");
        }
    }
    Layer::new(number, name, Verdict::Allows, format!("{} not set", names.join(", ")), "environment")
}

/// Whether a variable's value is a signal: anything but empty, `0`, `false`, `no` and `off`, in any case.
///
/// A misspelt value turns telemetry off rather than on, so `ture` and text that is no UTF-8 are signals too. The debug variable is
/// read in the same way: a doubtful value prints instead of sending.
pub(crate) fn says_off(value: &OsStr) -> bool {
    let Some(text) = value.to_str() else { return true };
    let text = text.trim();
    !(text.is_empty() || ["0", "false", "no", "off"].iter().any(|word| text.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_signals_unless_they_clearly_are_none() {
        for value in ["", "0", "false", "FALSE", "no", "No", "off", " off ", "\t0\n"] {
            assert!(!says_off(OsStr::new(value)), "{value:?}");
        }
        for value in ["1", "true", "yes", "on", "y", "2", "-1", "00", "ture", "disabled", "enabled", "null", "\u{ff11}"]
        {
            assert!(says_off(OsStr::new(value)), "{value:?}");
        }
    }
}
