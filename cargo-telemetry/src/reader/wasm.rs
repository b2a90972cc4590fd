//! The sections of a WebAssembly module, and the modules of a component.
//!
//! Only names and sizes of sections are looked at, so a dozen lines do what a parser of the whole format would.

use std::ops::Range;

use object::ReadRef as _;

use super::{
    fault::{FaultKind, Faults},
    image::Layout,
    limits::SECTIONS,
    window::Window,
};

/// What every module and every component starts with.
pub(super) const MAGIC: [u8; 4] = *b"\0asm";

/// Sections by number: a custom one, code, what is in memory at first; within components a module and a component.
const CUSTOM: u8 = 0;
const CODE: u8 = 10;
const DATA: u8 = 11;
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// The last number of a section that is defined: tags of a module. Components have as many.
const LAST: u8 = 13;

/// The longest name of a section that is looked at; ours has ten bytes.
const NAME_BYTES: u64 = 256;

/// Whether the eight bytes that a file starts with announce a component, a container of modules.
pub(super) fn is_component(start: &[u8]) -> bool {
    start.starts_with(&MAGIC) && start.get(6..8) == Some(&[1, 0])
}

/// Reads the sections of a module into `layout`, or, of a component, returns the ranges of what it contains.
pub(super) fn read(
    window: Window<'_, '_>,
    layout: &mut Layout,
    faults: &mut Faults,
) -> Result<Vec<(u64, u64)>, &'static str> {
    let start = window.read_bytes_at(0, 8).map_err(|()| "the header is cut off")?;
    let component = is_component(start);
    if !component && start.get(4..) != Some(&[1, 0, 0, 0]) {
        return Err("a version of WebAssembly that is not known");
    }
    let len = window.len().unwrap_or_default();
    let (mut offset, mut inner) = (8, Vec::new());
    for number in 0.. {
        if offset >= len {
            break;
        }
        if number == SECTIONS {
            faults.add(&layout.member, layout.range.start, FaultKind::Limit("500,000 sections of one image"));
            break;
        }
        let id = byte(window, &mut offset)?;
        let size = number_at(window, &mut offset)?;
        let end = offset.checked_add(size).filter(|&end| end <= len).ok_or("a section lies beyond the end")?;
        match id {
            CUSTOM => {
                let mut at = offset;
                let name_len = number_at(window, &mut at)?;
                if at.checked_add(name_len).is_none_or(|name_end| name_end > end) {
                    return Err("the name of a section is longer than the section");
                }
                if name_len <= NAME_BYTES {
                    let name = window.read_bytes_at(at, name_len).map_err(|()| "a section lies beyond the end")?;
                    layout.section(name, at + name_len, end - at - name_len, None)?;
                }
            }
            CORE_MODULE | COMPONENT if component => inner.push((offset, size)),
            // Bytes behind a module would read as sections of any number.
            id if id > LAST => return Err("a section of a kind that is not known"),
            CODE if !component => layout.code |= size > 1,
            DATA if !component => layout.data.push(range(layout, offset, end)),
            _ => {}
        }
        offset = end;
    }
    // Sections follow each other up to the end, or the module was refused above.
    layout.claim(0, len);
    layout.linked = !component;
    Ok(inner)
}

/// The place of a section in the file.
fn range(layout: &Layout, begin: u64, end: u64) -> Range<u64> {
    layout.range.start.saturating_add(begin)..layout.range.start.saturating_add(end)
}

fn byte(window: Window<'_, '_>, offset: &mut u64) -> Result<u8, &'static str> {
    let byte = window.read_bytes(offset, 1).ok().and_then(|bytes| bytes.first().copied());
    byte.ok_or("a section is cut off")
}

/// A number in LEB128 of at most 32 bits.
fn number_at(window: Window<'_, '_>, offset: &mut u64) -> Result<u64, &'static str> {
    let mut number = 0;
    for place in 0..5 {
        let byte = byte(window, offset)?;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err("the size of a section is wrong")
}
