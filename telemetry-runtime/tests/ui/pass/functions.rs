//! Every flavour of function takes the attribute, and stays what it was.
#![deny(warnings)]
#![allow(clippy::all, clippy::pedantic)]

use std::{fmt::Display, future::Future, pin::pin, sync::Arc, task};

use telemetry_runtime::{Sdk, track_call, track_mount};

pub static TELEMETRY: Sdk = telemetry_runtime::sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch,
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

#[track_call]
fn plain() -> u8 {
    1
}

#[track_call(method = "auth::get", props(text, many = many.len() > 1), rename_all = "camelCase")]
fn with_props<'a>(text: &'a str, many: Vec<u8>, mut changed: u8) -> (&'a str, Vec<u8>, u8) {
    changed += 1;
    (text, many, changed)
}

#[track_mount(component = "Themed", props(dark = appearance.is_some_and(|appearance| appearance == "dark"), old = helper(other)))]
fn only_props_read_these(appearance: Option<&str>, other: &[u8]) {}

fn helper(bytes: &[u8]) -> bool {
    bytes.contains(&7)
}

#[track_call]
fn inner_attributes(unused: u8) {
    #![allow(unused_variables)]
    //! A documentation comment inside.
    let also_unused = 1;
}

#[track_call]
async fn asynchronous(value: &str) -> usize {
    std::future::ready(value.len()).await
}

#[track_call(props(value))]
fn generic<T: Display + Clone, const N: usize>(value: [T; N]) -> impl Iterator<Item = String>
where
    T: 'static,
{
    value.into_iter().map(|value| value.to_string())
}

/// # Safety
///
/// None needed.
#[track_call]
unsafe fn without_safety(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[track_call]
#[unsafe(no_mangle)]
pub extern "C" fn acme_from_c(value: u32) -> u32 {
    value + 1
}

#[track_call]
fn early(text: &str) -> Result<u8, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = text.parse::<u8>()?;
    Ok(number)
}

#[track_call]
fn never() -> ! {
    std::process::exit(0)
}

#[must_use]
#[track_call]
#[inline]
#[track_caller]
fn where_from() -> u32 {
    std::panic::Location::caller().line()
}

#[track_call]
#[cfg(any())]
fn configured_out() -> NoSuchType {}

struct Client(u8);

impl Client {
    #[track_call]
    fn new() -> Self {
        Self(1)
    }

    #[track_call(props(fast))]
    fn by_reference(&mut self, fast: bool) -> u8 {
        self.0 += u8::from(fast);
        self.0
    }

    #[track_call]
    fn by_value(self: Box<Self>) -> u8 {
        self.0
    }
}

trait Render {
    #[track_mount(component = "Defaulted")]
    fn defaulted(&self) -> u8 {
        2
    }

    fn required(&self) -> u8;

    fn later(&self) -> impl Future<Output = u8> + Send;
}

impl Render for Client {
    #[track_mount]
    fn required(&self) -> u8 {
        3
    }

    #[track_mount]
    async fn later(&self) -> u8 {
        std::future::ready(self.0).await
    }
}

struct Wrapper<T>(T);

impl<T: Clone> Wrapper<T> {
    #[track_call]
    fn get(&self) -> T {
        self.0.clone()
    }
}

macro_rules! through_a_macro {
    ($item:item) => {
        #[track_call]
        $item
    };
}

through_a_macro! {
    fn passed_on() -> u8 {
        4
    }
}

#[track_call]
#[test]
fn a_test_below() {}

#[test]
#[track_call]
fn a_test_above() {}

fn assert_send<T: Send>(value: T) -> T {
    value
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Idle;
    impl task::Wake for Idle {
        fn wake(self: Arc<Self>) {}
    }
    let mut future = pin!(future);
    let waker = Arc::new(Idle).into();
    loop {
        if let task::Poll::Ready(value) = future.as_mut().poll(&mut task::Context::from_waker(&waker)) {
            return value;
        }
    }
}

#[track_mount(component = "Main", throttle = Rolling(24 h), sample = 0.5, owner = "ui-team", expires = "2027-06-30")]
fn main() {
    assert_eq!(plain(), 1);
    assert_eq!(with_props("x", vec![1], 1), ("x", vec![1], 2));
    inner_attributes(1);
    only_props_read_these(None, &[]);
    assert_eq!(block_on(assert_send(asynchronous("four"))), 4);
    assert_eq!(generic([1, 2]).collect::<String>(), "12");
    assert_eq!(unsafe { without_safety(&7) }, 7);
    assert_eq!(acme_from_c(1), 2);
    assert_eq!(early(""), Ok(0));
    assert!(early("x").is_err());
    assert_eq!(where_from(), line!());
    let mut client = Client::new();
    assert_eq!(client.by_reference(true), 2);
    assert_eq!(client.defaulted() + client.required(), 5);
    assert_eq!(block_on(assert_send(client.later())), 2);
    assert_eq!(Box::new(client).by_value(), 2);
    assert_eq!(Wrapper(5).get(), 5);
    assert_eq!(passed_on(), 4);
    never();
}
