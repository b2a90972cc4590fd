//! The link section that holds the records: the only place that knows its spelling on each object format.

/// Declares the static that holds a record: `record_static!(NAME, PARTS)`, with `PARTS: Parts`.
///
/// The bytes are inline and hold no pointer, so the section needs no relocation and reads the same from the file as in
/// memory. `#[used]` keeps the linker from collecting it; the call site refers to it as well, so that code that can
/// record an event always carries the event's record, also where the linker may drop `#[used]` statics.
///
/// Mach-O names a segment and a section; PE section names are cut after eight characters in images, and the part after
/// `$` only orders; ELF and wasm take the plain name.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_static {
    ($name:ident, $parts:expr) => {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__telemetry"))]
        #[cfg_attr(windows, unsafe(link_section = ".telem$m"))]
        #[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".telemetry"))]
        static $name: [u8; $crate::__private::total($parts)] = $crate::__private::concat($parts);
    };
}
