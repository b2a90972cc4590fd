//! Events of 1 to 64 numbers, each of which needs all 64 bits.

use std::hint::black_box;

use telemetry_runtime::{record, telemetry_event};

/// An event of these fields and a function that records it.
macro_rules! of_numbers {
    ($event:ident, $record:ident: $($field:ident)*) => {
        /// Numbers.
        #[telemetry_event(throttle = None)]
        struct $event {
            $(
                /// A number.
                #[telemetry(unbounded, reason = "it is what is measured")]
                $field: u64,
            )*
        }

        #[inline]
        pub(crate) fn $record(number: u64) {
            let number = black_box(number);
            record!($event { $($field: number,)* });
        }
    };
}

of_numbers! { One, one: f00 }
of_numbers! { Four, four: f00 f01 f02 f03 }
of_numbers! { Eight, eight: f00 f01 f02 f03 f04 f05 f06 f07 }
of_numbers! { Thirteen, thirteen: f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 }
of_numbers! { Sixteen, sixteen: f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 }
of_numbers! { SixtyFour, sixty_four:
    f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23 f24
    f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39 f40 f41 f42 f43 f44 f45 f46 f47 f48 f49
    f50 f51 f52 f53 f54 f55 f56 f57 f58 f59 f60 f61 f62 f63
}

/// Records one of each.
pub(crate) fn all(number: u64) {
    [one, four, eight, thirteen, sixteen, sixty_four].into_iter().for_each(|record| record(number));
}
