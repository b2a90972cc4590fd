//! `#[telemetry(…)]` on a type that derives `TelemetryValue`, and on its variants.

use syn::{Ident, LitStr, Path, parse::ParseStream};

use super::{At, Fault, Words, common, path, text};
use crate::{case::Case, errors::Errors};

/// The attributes of the type.
#[derive(Default)]
pub(crate) struct TypeArgs {
    pub(crate) rename_all: Option<At<Case>>,
    pub(crate) crate_path: Option<Path>,
}

impl Words for TypeArgs {
    const KNOWN: &'static [(&'static str, &'static str)] =
        &[("rename_all", "rename_all = \"camelCase\""), ("crate", "crate = telemetry_runtime")];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        if word == "crate" {
            self.crate_path = Some(path(input)?);
        } else {
            self.rename_all = Some(common::case(input)?);
        }
        Ok(())
    }
}

/// The attributes of a variant.
#[derive(Default)]
pub(crate) struct VariantArgs {
    pub(crate) rename: Option<LitStr>,
}

impl Words for VariantArgs {
    const KNOWN: &'static [(&'static str, &'static str)] = &[("rename", "rename = \"name\"")];

    fn word(&mut self, _: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        self.rename = Some(text(input)?);
        Ok(())
    }
}
