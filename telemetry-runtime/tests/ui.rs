//! What the macros accept, and what they say to what they refuse.
//!
//! The messages are those of the compiler in `rust-toolchain.toml`. After a change, or when that is raised, look at the
//! difference and refresh them with `TRYBUILD=overwrite cargo test -p telemetry-runtime-tests --test ui`.

//!
//! What passes and what fails stand in a test each: where a program of a set has to be linked, each is built by itself, and
//! where none has to, all are checked at once, by as many compilers as there are cores.

#[test]
fn accepted() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
