//! A mount is once per instance, whatever a framework does with the body; props that components share; props of foreign types.

use std::cell::{Cell, RefCell};

use telemetry_runtime::{prop_set, track_call, track_mount};

use super::payloads;

/// A framework that runs the bodies of its components with each render, and keeps hooks by their order.
#[derive(Default)]
struct Framework {
    hooks: Cell<usize>,
    is_mounted: Cell<bool>,
}

thread_local!(static FRAMEWORK: RefCell<Framework> = RefCell::default());

/// Renders an instance so many times; the hooks that each render asked for.
fn render(times: usize, body: impl Fn()) -> Vec<usize> {
    FRAMEWORK.with_borrow_mut(|framework| *framework = Framework::default());
    (0..times)
        .map(|_| {
            FRAMEWORK.with_borrow(|framework| framework.hooks.set(0));
            body();
            FRAMEWORK.with_borrow(|framework| framework.is_mounted.set(true));
            FRAMEWORK.with_borrow(|framework| framework.hooks.get())
        })
        .collect()
}

/// The hook of such a framework that runs once for an instance.
fn use_mount(mount: impl FnOnce() + 'static) {
    let is_first = FRAMEWORK.with_borrow(|framework| {
        framework.hooks.set(framework.hooks.get() + 1);
        !framework.is_mounted.get()
    });
    if is_first {
        mount();
    }
}

/// A type of the framework, which no trait of ours can be implemented for; how often it was read.
struct Signal<T>(Option<T>, Cell<u32>);

/// What the author says of the framework's types, once for all of them.
trait Given {
    fn is_given(&self) -> bool;
}

impl<T> Given for Signal<T> {
    fn is_given(&self) -> bool {
        self.1.set(self.1.get() + 1);
        self.0.is_some()
    }
}

impl<T: Given> Given for &T {
    fn is_given(&self) -> bool {
        (**self).is_given()
    }
}

fn is_given(prop: &impl Given) -> bool {
    prop.is_given()
}

#[track_mount(component = "Counter", props(label, wide = width > 80), present_with = is_given, on_mount = use_mount, throttle = None)]
fn counter(label: &Signal<String>, width: u32) {
    let _ = (label, width);
}

#[test]
fn a_mount_is_once_per_instance_and_has_the_props_of_its_first_render() {
    let width = Cell::new(40);
    let label = Signal(Some("Save".to_owned()), Cell::default());
    let recorded = payloads(|| {
        for _instance in 0..2 {
            let hooks = render(5, || {
                counter(&label, width.get());
                width.set(width.get() + 30);
            });
            assert_eq!(hooks, [1; 5], "a hook is asked for in each render, or the framework mistakes one for another");
        }
    });
    assert_eq!(
        recorded,
        [r#"{"component":"Counter","label":true,"wide":false}"#, r#"{"component":"Counter","label":true,"wide":true}"#]
    );
}

/// What a framework calls when the page is there: later, or never.
fn after_the_page(mount: impl FnOnce() + 'static) {
    LATER.with_borrow_mut(|later| later.push(Box::new(mount)));
}

thread_local!(static LATER: RefCell<Vec<Box<dyn FnOnce()>>> = RefCell::default());

/// Seventy props: more than there is room for without the heap.
mod wide {
    use telemetry_runtime::track_mount;

    #[track_mount(
        component = "Wide",
        props(
            a0 = true, a1 = true, a2 = true, a3 = true, a4 = true, a5 = true, a6 = true, a7 = true, a8 = true, a9 = true,
            b0 = true, b1 = true, b2 = true, b3 = true, b4 = true, b5 = true, b6 = true, b7 = true, b8 = true, b9 = true,
            c0 = true, c1 = true, c2 = true, c3 = true, c4 = true, c5 = true, c6 = true, c7 = true, c8 = true, c9 = false
        ),
        on_mount = super::after_the_page
    )]
    pub(super) fn wide() {}
}

#[test]
fn a_mount_that_comes_later_is_recorded_then_and_one_that_never_comes_is_not() {
    assert_eq!(payloads(wide::wide), [""; 0]);
    let mounts = LATER.take();
    assert_eq!(mounts.len(), 1);
    let recorded = payloads(|| mounts.into_iter().for_each(|mount| mount()));
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].matches(":true").count(), 29);
    assert!(recorded[0].ends_with(r#""c9":false}"#), "{}", recorded[0]);
}

struct Appearance {
    theme: Option<&'static str>,
}

mod shared {
    use super::{Appearance, prop_set};

    /// Named by its path where a component stands elsewhere.
    pub(super) fn is_themed(appearance: &Option<Appearance>) -> bool {
        appearance.as_ref().is_some_and(|appearance| appearance.theme.is_some())
    }

    prop_set! {
        /// What every component takes.
        pub(crate) APPEARANCE:
        appearance,
        theme = crate::mounts::shared::is_themed(&appearance),
    }
}
use shared::APPEARANCE;

prop_set! { SIZE: large = size > 3 }

#[track_mount(component = "SignIn", props(..APPEARANCE))]
fn sign_in(appearance: Option<Appearance>) {
    let _ = appearance;
}

#[track_mount(component = "Menu", props(open, ..crate::mounts::shared::APPEARANCE, ..SIZE, last = !open), rename_all = "camelCase")]
fn menu(open: bool, size: u32, appearance: Option<Appearance>) {
    let _ = (open, size, appearance);
}

struct Shelf;

impl Shelf {
    #[track_call(props(..SIZE))]
    fn restock(&self, size: u32) -> u32 {
        size
    }
}

/// Components that a macro of the author writes: their parameters are named there.
macro_rules! components {
    ($($function:ident $component:literal)*) => {$(
        #[track_mount(component = $component, props(..SIZE))]
        fn $function(size: u32) -> u32 {
            size
        }
    )*};
}

components! { small_one "SmallOne" large_one "LargeOne" }

prop_set! { TITLE: title, long = title.is_some_and(|title| title.len() > 3) }

/// Components whose parameters are named where the macro is called, and `self` with them.
macro_rules! named_components {
    ($function:ident($($parameter:ident: $ty:ty),*)) => {
        #[track_mount(props(..TITLE, ..SIZE))]
        fn $function($($parameter: $ty),*) {}
    };
    ($function:ident($this:ident)) => {
        #[track_call(props(..FILLED))]
        fn $function(&$this) {}
    };
}

prop_set! { FILLED: filled = self.0 }

named_components! { card(title: Option<&str>, size: u32) }

struct Bottle(bool);

impl Bottle {
    named_components! { pour(self) }
}

#[test]
fn a_set_is_as_if_its_props_were_written_in_each_component() {
    let recorded = payloads(|| {
        sign_in(Some(Appearance { theme: Some("dark") }));
        menu(true, 9, None);
        Shelf.restock(2);
        small_one(1);
        large_one(4);
        card(Some("Profile"), 1);
        Bottle(true).pour();
    });
    assert_eq!(
        recorded,
        [
            r#"{"component":"SignIn","appearance":true,"theme":true}"#,
            r#"{"component":"Menu","open":true,"appearance":false,"theme":false,"large":true,"last":false}"#,
            r#"{"method":"restock","large":false}"#,
            r#"{"component":"SmallOne","large":false}"#,
            r#"{"component":"LargeOne","large":true}"#,
            r#"{"component":"Card","title":true,"long":true,"large":false}"#,
            r#"{"method":"pour","filled":true}"#,
        ]
    );
}
