//! What the macros accept, and what they say to what they refuse.
//!
//! The messages are those of the compiler in `rust-toolchain.toml`. After a change, or when that is raised, look at the
//! difference and refresh them with `TRYBUILD=overwrite cargo test -p telemetry-runtime --test ui`.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
