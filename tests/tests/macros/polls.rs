//! A method that returns a future is recorded when that runs, as an `async fn` is.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Waker},
};

use telemetry_runtime::track_call;

use super::payloads;

trait Fetch {
    fn fetch<'life, 'future>(&'life self, cached: bool) -> Pin<Box<dyn Future<Output = u8> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future;
}

struct Client(u8);

/// The same by the real attribute, in both places where a body may stand.
#[async_trait::async_trait]
trait Store {
    #[track_call(props(deep))]
    async fn load(&self, deep: bool) -> u8 {
        if deep { self.kept().await } else { 0 }
    }

    async fn kept(&self) -> u8;
}

#[async_trait::async_trait]
impl Store for Client {
    #[track_call]
    async fn kept(&self) -> u8 {
        self.0
    }
}

impl Fetch for Client {
    // What `#[async_trait]` leaves of `async fn fetch(&self, cached: bool) -> u8 { self.0 }`.
    #[track_call(props(cached, large = self.0 > 5))]
    #[allow(
        clippy::async_yields_async,
        clippy::type_complexity,
        clippy::used_underscore_binding,
        clippy::let_unit_value
    )]
    fn fetch<'life, 'future>(&'life self, cached: bool) -> Pin<Box<dyn Future<Output = u8> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        Box::pin(async move {
            if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<u8> {
                #[allow(unreachable_code)]
                return __ret;
            }
            let __self = self;
            let cached = cached;
            let __ret: u8 = { if cached { __self.0 } else { 0 } };
            #[allow(unreachable_code)]
            __ret
        })
    }
}

#[track_call]
async fn plain() -> u8 {
    1
}

fn poll(future: impl Future<Output = u8>) {
    let _ = pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn a03_a_future_is_recorded_with_its_first_poll() {
    let client = Client(7);
    assert_eq!(payloads(|| drop(client.fetch(true))), [""; 0]);
    assert_eq!(payloads(|| drop(plain())), [""; 0]);
    assert_eq!(payloads(|| poll(client.fetch(true))), [r#"{"method":"fetch","cached":true,"large":true}"#]);
    assert_eq!(payloads(|| drop(client.load(true))), [""; 0]);
    let expected = [r#"{"method":"load","deep":true}"#, r#"{"method":"kept"}"#];
    assert_eq!(payloads(|| poll(client.load(true))), expected);
    assert_eq!(payloads(|| poll(plain())), [r#"{"method":"plain"}"#]);
}
