//! Beside every name of the language that means something else: what is recorded is what it was.

use super::payloads;

/// In here every name of the prelude, every primitive type, the names of the standard libraries and all methods that
/// generated code could call mean something else.
#[allow(unused, nonstandard_style, clippy::all, uncommon_codepoints)]
#[deny(unconditional_recursion)]
mod shadowed {
    use ::core::marker::Sized as Bounded;
    use ::core::primitive::bool as Yes;
    use ::core::primitive::u64 as N;

    // A method of everything, found before the inherent ones that take `&mut self`.
    pub trait Everything {
        fn bool(&self, _: Yes) -> &Self {
            self
        }
        fn variant(&self, _: N) {}
        fn integer(&self, _: N) {}
        fn unsigned(&self, _: N) {}
        fn count(&self, _: N) {}
        fn text(&self) {}
        fn texts(&self) {}
        fn with_texts(&self, _: N) {}
        fn digest(&self) {}
        fn put(&self) {}
        fn write(&self) {}
        fn passed(&self) {}
        fn is_off(&self) -> Yes {
            true
        }
        fn admit(&self) {}
        fn submit(&self) {}
        fn pick(&self) {}
        fn is_some(&self) -> N {
            0
        }
        fn is_none(&self) -> N {
            0
        }
        fn is_empty(&self) -> N {
            0
        }
        fn len(&self) {}
        fn clone(&self) {}
        fn into(&self) {}
        fn as_ref(&self) {}
        fn borrow(&self) {}
        fn deref(&self) {}
        fn record(&self) {}
        fn new()
        where
            Self: Bounded,
        {
        }
    }
    impl<T: ?Bounded> Everything for T {}

    pub mod names {
        pub mod core {}
        pub mod std {}
        pub mod alloc {}
        pub mod inventory {}
        pub mod __private {}
        pub mod private {}
        pub mod primitive {}
    }
    macro_rules! shadow {
        (struct { $($struct:ident)* } type { $($type:ident)* } macro { $($macro:ident)* } fn { $($fn:ident)* } const { $($const:ident)* }) => {
            $(pub struct $struct;)*
            $(pub type $type = Silent;)*
            $(macro_rules! $macro { () => {}; })*
            $(pub fn $fn(_: Silent) {})*
            $(pub const $const: N = 9;)*
        };
    }
    shadow! {
        struct {
            Option Result String Box Vec Send Sync Sized Copy Clone Drop Fn FnMut FnOnce Iterator
            IntoIterator Extend Default PartialEq Eq Ord PartialOrd AsRef AsMut From Into ToOwned ToString
            TryFrom TryInto FromIterator Unpin Future Sink Node Event Handle Kind Throttle Parts Sdk
            EventMeta TelemetryValue IsPresent Variants TextPermit
        }
        type {
            bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64
        }
        macro {
            assert assert_eq cfg column compile_error concat dbg debug_assert env eprintln file format
            format_args include include_bytes include_str line matches module_path option_env panic print
            println stringify thread_local todo r#try unimplemented unreachable vec write writeln choose
            record_static event_statics submit record sdk
        }
        fn {
            drop admit admits submit total concat sum text size_of align_of combine event_key
        }
        const {
            Some None Ok Err META PARTS TEXT RECORD STATE HANDLE SCHEMA DIGEST value event other
        }
    }
    pub use self::names::*;

    pub type Given<T> = ::core::option::Option<T>;
    pub use ::core::option::Option::{None as Nothing, Some as Just};

    /// Which one.
    #[derive(::telemetry_runtime::TelemetryValue)]
    pub enum Which {
        None,
        Some { bool: How, sink: Given<How> },
        Ok(How),
        Err(#[telemetry(range = -5..=5)] ::core::primitive::i32),
    }

    /// How.
    #[derive(::telemetry_runtime::TelemetryValue)]
    pub enum How {
        Option,
        Result,
    }

    /// An object.
    #[derive(::telemetry_runtime::TelemetryValue)]
    pub struct Object {
        pub value: ::core::primitive::bool,
        #[telemetry(range = 0..=9)]
        pub sink: Given<::core::primitive::u8>,
        #[telemetry(unbounded, reason = "sizes are not bounded")]
        pub event: ::core::primitive::i64,
    }

    /// Every kind of field.
    #[::telemetry_runtime::telemetry_event]
    pub struct Everywhere {
        pub bool: ::core::primitive::bool,
        pub which: Which,
        pub object: Object,
        pub maybe: Given<[How; 2]>,
        pub list: ::telemetry_runtime::List<How, 3>,
        pub one_of: ::telemetry_runtime::OneOf<How>,
        pub count: ::telemetry_runtime::CountBucket,
        pub took: ::telemetry_runtime::DurationBucket,
        pub version: ::telemetry_runtime::Version,
        #[telemetry(prefix = "v")]
        pub prefixed: Given<::telemetry_runtime::Version>,
        #[telemetry(packages(names = ["vite"], max = 2))]
        pub packages: ::telemetry_runtime::Packages,
        #[telemetry(range = 0..=9)]
        pub number: ::core::primitive::u8,
        #[telemetry(unbounded, reason = "sizes are not bounded")]
        pub size: ::core::primitive::usize,
        #[telemetry(free_text, max_len = 9, reason = "this is a test of names")]
        pub text: ::std::string::String,
        #[telemetry(skip)]
        pub skipped: Given<()>,
    }

    /// Renders.
    #[::telemetry_runtime::track_mount(component = "Shadowed", props(bool, sink, given = given.is_nothing()))]
    pub fn mount<'__telemetry, __TELEMETRY_META>(
        bool: ::core::primitive::bool,
        sink: Given<&'__telemetry __TELEMETRY_META>,
        given: Known,
    ) -> ::core::primitive::bool {
        bool
    }

    /// Is called like everything that the expansion could call its own.
    #[::telemetry_runtime::track_call(props(
        sink,
        handle,
        __TELEMETRY_STATE,
        __TELEMETRY_RECORD,
        __telemetry_sink,
        __telemetry_handle
    ))]
    pub fn call<const __TELEMETRY_PARTS: ::core::primitive::usize>(
        sink: ::core::primitive::bool,
        handle: ::core::primitive::bool,
        __TELEMETRY_STATE: ::core::primitive::bool,
        __TELEMETRY_RECORD: ::core::primitive::bool,
        __telemetry_sink: ::core::primitive::bool,
        __telemetry_handle: ::core::primitive::bool,
    ) {
    }

    pub struct Known;
    impl Known {
        pub fn is_nothing(&self) -> ::core::primitive::bool {
            true
        }
    }

    pub static OTHER: ::telemetry_runtime::Sdk = ::telemetry_runtime::sdk! {
        name: "shadowed",
        role: Application,
        default: On,
        env: "SHADOWED",
        env_aliases: ["SHADOWED_NO"],
        endpoint: "https://telemetry.acme.example",
        wire: EventBatch { strict: false },
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        active: Daily,
        health: Daily,
        exit: Later,
        builds: Official("SHADOWED_OFFICIAL"),
        environments: [Ci, Test],
        instance: Required,
        transport: self::Silent,
    };

    /// Sends nothing.
    pub struct Silent;
    impl ::core::default::Default for Silent {
        fn default() -> Self {
            Self
        }
    }
    impl ::telemetry_runtime::Transport for Silent {
        fn send(
            &mut self,
            _: &::telemetry_runtime::transport::Request,
            _: &::telemetry_runtime::transport::Cancel,
        ) -> ::core::result::Result<
            ::telemetry_runtime::transport::Response,
            ::telemetry_runtime::transport::TransportError,
        > {
            loop {}
        }
    }

    /// Of another SDK.
    #[::telemetry_runtime::telemetry_event(sdk = self::OTHER)]
    pub struct Elsewhere;

    pub fn record_all() {
        ::telemetry_runtime::record!(Everywhere {
            bool: true,
            which: Which::Some { bool: How::Result, sink: Nothing },
            object: Object { value: true, sink: Just(7), event: -1 },
            maybe: Just([How::Option, How::Result]),
            list: ::core::iter::FromIterator::from_iter([How::Result]),
            one_of: ::telemetry_runtime::OneOf::parse("Result"),
            count: ::telemetry_runtime::CountBucket::of(5),
            took: ::telemetry_runtime::DurationBucket::of(::core::time::Duration::from_millis(3)),
            version: ::telemetry_runtime::Version::parse("1.2.3"),
            prefixed: Nothing,
            packages: ::core::iter::FromIterator::from_iter([("vite", Just("5.0.0"))]),
            number: 4,
            size: 300,
            text: <::std::string::String as ::core::convert::From<_>>::from("text"),
            skipped: Nothing,
        });
        ::telemetry_runtime::record!(Elsewhere);
        mount(true, Just(&1), Known);
        call::<1>(true, false, true, false, true, false);
    }
}

#[test]
fn a02_whatever_names_mean_around_it_the_payload_is_the_same() {
    let expected = [
        concat!(
            r#"{"bool":true,"which":{"Some":{"bool":"Result"}},"object":{"value":true,"sink":7,"event":-1},"#,
            r#""maybe":["Option","Result"],"list":["Result"],"one_of":"Result","count":4,"took":2,"version":"1.2.3","#,
            r#""packages":[{"name":"vite","version":"5.0.0"}],"number":4,"size":300,"text":"text"}"#,
        ),
        "{}",
        r#"{"component":"Shadowed","bool":true,"sink":true,"given":true}"#,
        concat!(
            r#"{"method":"call","sink":true,"handle":false,"__TELEMETRY_STATE":true,"__TELEMETRY_RECORD":false,"#,
            r#""__telemetry_sink":true,"__telemetry_handle":false}"#,
        ),
    ];
    assert_eq!(payloads(shadowed::record_all), expected);
}

/// The same for the other variants, one event each.
#[test]
fn a02_every_variant_is_written_beside_traits_that_have_its_methods() {
    let which = [
        (shadowed::Which::None, r#""None""#),
        (shadowed::Which::Ok(shadowed::How::Option), r#"{"Ok":"Option"}"#),
        (shadowed::Which::Err(-5), r#"{"Err":-5}"#),
    ];
    for (which, expected) in which {
        let recorded = payloads(|| telemetry_runtime::record!(WithWhich { which }));
        assert_eq!(recorded, [format!("{{\"which\":{expected}}}")]);
    }
}

/// One value.
#[telemetry_runtime::telemetry_event]
struct WithWhich {
    which: shadowed::Which,
}
