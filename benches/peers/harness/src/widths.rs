//! The events of many numbers, by their fields' names.

/// Calls a macro of the peer's with the name of a type, the name of a function, the number of fields and the fields' names of
/// every width, each ended by a semicolon.
#[macro_export]
macro_rules! widths {
    ($make:ident) => {
        $make! {
            One one 1: f00;
            Four four 4: f00 f01 f02 f03;
            Eight eight 8: f00 f01 f02 f03 f04 f05 f06 f07;
            Sixteen sixteen 16: f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15;
            ThirtyTwo thirty_two 32:
                f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23
                f24 f25 f26 f27 f28 f29 f30 f31;
            SixtyFour sixty_four 64:
                f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23
                f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39 f40 f41 f42 f43 f44 f45 f46 f47
                f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59 f60 f61 f62 f63;
        }
    };
}
