//! The link section that holds the records: the only place that knows its spelling on each object format.

/// Declares the static that holds a record: `record_static!(RECORD, PARTS = parts)`, with parts of type `Parts`.
///
/// The bytes are inline and hold no pointer, so the section needs no relocation and reads the same from the file as in
/// memory. `#[used]` keeps the linker from collecting it; the call site refers to it as well, so that code that can
/// record an event always carries the event's record, also where the linker may drop `#[used]` statics.
///
/// Mach-O names a segment and a section; PE section names are cut after eight characters in images, and the part after
/// `$` only orders; ELF takes the plain name. In wasm a section of a name is a second copy, which is not in memory: there a record stands among other
/// data.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_static {
    ($record:ident, $parts_name:ident = $parts:expr) => {
        const $parts_name: $crate::__private::Parts = $parts;
        $crate::__private::record_static! {
            $record, $crate::__private::total($parts_name), $crate::__private::concat($parts_name)
        }
    };
    ($record:ident, $len:expr, $bytes:expr) => {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__telemetry"))]
        #[cfg_attr(windows, unsafe(link_section = ".telem$m"))]
        #[cfg_attr(
            not(any(target_vendor = "apple", windows, target_family = "wasm")),
            unsafe(link_section = ".telemetry")
        )]
        static $record: [$crate::__private::core::primitive::u8; $len] = $bytes;
    };
}

/// Declares the statics of an event that is a struct, and registers it: `declared_statics!(RECORD, META, DECLARED = declared)`.
#[doc(hidden)]
#[macro_export]
macro_rules! __declared_statics {
    ($record:ident, $meta:ident, $name:ident = $declared:expr) => {
        const $name: &$crate::__private::Declared = $declared;
        $crate::__private::record_static! {
            $record, $crate::__private::Declared::len($name), $crate::__private::Declared::record($name)
        }
        static $meta: $crate::__private::EventMeta = $crate::__private::Declared::meta($name, &$record);
        $crate::__private::register_event! { $crate::__private::EventRegistration(&$meta) }
    };
}

/// Declares the statics of one event and registers it:
/// `event_statics!(RECORD, PARTS = parts, META = (sdk, kind, throttle, sample, last day, key, [digests]))`.
///
/// Every item here is a body that the compiler checks for each event of the author's crate, so there are few; and it is
/// a macro of this crate because the compiler writes it out faster than a procedural macro in a development build does.
#[doc(hidden)]
#[macro_export]
macro_rules! __event_statics {
    (
        $record:ident, $parts_name:ident = $parts:expr,
        $meta:ident = ($sdk:expr, $kind:ident, $throttle:ident $(($hours:literal))?, $sample:literal, $expires:literal, $key:expr, [$($told:expr),* $(,)?])
    ) => {
        $crate::__record_static!($record, $parts_name = $parts);
        static $meta: $crate::__private::EventMeta = $crate::__private::EventMeta::new(
            $sdk,
            &$record,
            $crate::__private::Kind::$kind,
            $crate::__private::Throttle::$throttle $(($hours))?,
            $sample,
            $expires,
            $key,
            &[$($told),*],
        );
        $crate::__private::register_event! { $crate::__private::EventRegistration(&$meta) }
    };
}
