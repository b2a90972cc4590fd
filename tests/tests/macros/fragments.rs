//! Every macro with every kind of `macro_rules!` fragment in every place: the program is the same as without the fragment.

use std::fmt::Write as _;

use telemetry_tests::fixture::{Generated, succeed};

/// Kind of fragment, what is passed as one, and code in which `@` is the place of it. A case has a module of its own, the number
/// of which stands for `%`; its function `run` is called.
const CASES: &[(&str, &str, &str)] = &[
    // Events.
    ("item", "pub struct Event% { yes: bool }", "#[telemetry_event] @ RUN{ record!(Event% { yes: true }); }"),
    ("item", "/// Doc.\n pub struct Event%;", "#[telemetry_event] #[derive(Clone)] @ RUN{ record!(Event%); }"),
    ("vis", "pub", "#[telemetry_event] @ struct Event% { @ yes: bool } RUN{ record!(Event% { yes: true }); }"),
    ("vis", "", "#[telemetry_event] @ struct Event% { @ yes: bool } RUN{ record!(Event% { yes: true }); }"),
    ("vis", "pub(crate)", "#[telemetry_event] @ struct Event%; RUN{ record!(Event%); }"),
    ("ident", "Event%", "#[telemetry_event] struct @ { r#type: bool } RUN{ record!(@ { r#type: true }); }"),
    ("tt", "Event%", "#[telemetry_event] struct @; RUN{ record!(@); }"),
    ("ident", "yes_no", "#[telemetry_event] struct Event% { @: bool } RUN{ record!(Event% { @: false }); }"),
    (
        "ty",
        "bool",
        "#[telemetry_event] struct Event% { yes: @, maybe: Option<@>, two: [@; 2] } RUN{ record!(Event% { yes: true, maybe: Some(true), two: [true, false] }); }",
    ),
    ("ty", "Option<[bool; 1]>", "#[telemetry_event] struct Event% { yes: @ } RUN{ record!(Event% { yes: None }); }"),
    ("ty", "[bool; 2]", "#[telemetry_event] struct Event% { yes: @ } RUN{ record!(Event% { yes: [true; 2] }); }"),
    (
        "ty",
        "u8",
        "#[telemetry_event] struct Event% { #[telemetry(range = 0..=9)] n: @ } RUN{ record!(Event% { n: 3 }); }",
    ),
    (
        "ty",
        "String",
        "#[telemetry_event] struct Event% { #[telemetry(free_text, max_len = 9, reason = \"it is a test\")] t: @ } RUN{ record!(Event% { t: String::from(\"x\") }); }",
    ),
    ("path", "Option<bool>", "#[telemetry_event] struct Event% { yes: @ } RUN{ record!(Event% { yes: None }); }"),
    (
        "expr",
        "1 + 1",
        "#[telemetry_event] struct Event% { yes: [bool; 2 * @] } RUN{ record!(Event% { yes: [true; 4] }); }",
    ),
    (
        "block",
        "{ 2 }",
        "#[telemetry_event] struct Event% { yes: [bool; @] } RUN{ record!(Event% { yes: [true; 2] }); }",
    ),
    (
        "expr",
        "0..=5",
        "#[telemetry_event] struct Event% { #[telemetry(range = @)] n: u8 } RUN{ record!(Event% { n: 3 }); }",
    ),
    (
        "expr",
        "9",
        "#[telemetry_event] struct Event% { #[telemetry(range = 0..=@, sensitivity = technical)] n: u8 } RUN{ record!(Event% { n: 3 }); }",
    ),
    (
        "literal",
        "-9",
        "#[telemetry_event] struct Event% { #[telemetry(range = @..=9)] n: i8 } RUN{ record!(Event% { n: 3 }); }",
    ),
    (
        "expr",
        "-9",
        "#[telemetry_event] struct Event% { #[telemetry(range = @..=9)] n: i8 } RUN{ record!(Event% { n: 3 }); }",
    ),
    (
        "literal",
        "64",
        "#[telemetry_event] struct Event% { #[telemetry(free_text, max_len = @, reason = \"it is a test\")] t: &'static str } RUN{ record!(Event% { t: \"x\" }); }",
    ),
    (
        "literal",
        "\"vite\"",
        "#[telemetry_event] struct Event% { #[telemetry(packages(names = [@], prefixes = [@], max = 3))] p: Packages } RUN{ record!(Event% { p: Packages::default() }); }",
    ),
    (
        "expr",
        "\"vite\"",
        "#[telemetry_event] struct Event% { #[telemetry(packages(names = [@], max = 3))] p: Packages } RUN{ record!(Event% { p: Packages::default() }); }",
    ),
    (
        "literal",
        "\"v\"",
        "#[telemetry_event] struct Event% { #[telemetry(prefix = @)] n: Version, #[telemetry(rename = @)] y: bool } RUN{ record!(Event% { n: Version::parse(\"1.2.3\"), y: true }); }",
    ),
    (
        "lifetime",
        "'static",
        "#[telemetry_event] struct Event% { #[telemetry(free_text, max_len = 9, reason = \"it is a test\")] t: &@ str } RUN{ record!(Event% { t: \"x\" }); }",
    ),
    (
        "literal",
        "\"event_%\"",
        "#[telemetry_event(name = @, owner = @, purpose = @, since = @)] struct Event; RUN{ record!(Event); }",
    ),
    ("expr", "\"event_%\"", "#[telemetry_event(name = @)] struct Event; RUN{ record!(Event); }"),
    ("literal", "0.5", "#[telemetry_event(sample = @)] struct Event%; RUN{ record!(Event%); }"),
    ("expr", "0.5", "#[telemetry_event(sample = @)] struct Event%; RUN{ record!(Event%); }"),
    ("expr", "Rolling(24)", "#[telemetry_event(throttle = @)] struct Event%; RUN{ record!(Event%); }"),
    ("literal", "24", "#[telemetry_event(throttle = Rolling(@))] struct Event%; RUN{ record!(Event%); }"),
    ("ident", "Command", "#[telemetry_event(kind = @)] struct Event%; RUN{ record!(Event%); }"),
    ("path", "Command", "#[telemetry_event(kind = @)] struct Event%; RUN{ record!(Event%); }"),
    ("path", "crate::TELEMETRY", "#[telemetry_event(sdk = @)] struct Event%; RUN{ record!(Event%); }"),
    ("path", "telemetry_runtime", "#[telemetry_event(crate = @)] struct Event%; RUN{ record!(Event%); }"),
    ("expr", "crate::TELEMETRY", "#[telemetry_event(sdk = @)] struct Event%; RUN{ record!(Event%); }"),
    ("tt", "(name = \"event_%\")", "#[telemetry_event @] struct Event; RUN{ record!(Event); }"),
    ("meta", "telemetry_event(name = \"event_%\")", "#[@] struct Event; RUN{ record!(Event); }"),
    (
        "meta",
        "doc = \"What it is.\"",
        "#[@] #[telemetry_event] struct Event% { #[@] yes: bool } RUN{ record!(Event% { yes: true }); }",
    ),
    (
        "meta",
        "telemetry(rename = \"no\")",
        "#[telemetry_event] struct Event% { #[@] yes: bool } RUN{ record!(Event% { yes: true }); }",
    ),
    (
        "literal",
        "\"What it is.\"",
        "#[doc = @] #[telemetry_event] struct Event% { #[doc = @] yes: bool } RUN{ record!(Event% { yes: true }); }",
    ),
    (
        "expr",
        "\"What it is.\"",
        "#[doc = @] #[telemetry_event] struct Event% { #[doc = @] yes: bool } RUN{ record!(Event% { yes: true }); }",
    ),
    ("stmt", "#[telemetry_event] struct Event% {}", "RUN{ @ ; record!(Event% {}); }"),
    // Values.
    (
        "item",
        "pub enum Value { A, B { yes: bool }, C(Inner) }",
        "#[derive(TelemetryValue)] @ VALUE{ Value::C(Inner::X) }",
    ),
    ("ident", "Value", "#[derive(TelemetryValue)] enum @ { A, B } VALUE{ @::B }"),
    ("ident", "B", "#[derive(TelemetryValue)] enum Value { A, @ } VALUE{ Value::@ }"),
    ("vis", "pub", "#[derive(TelemetryValue)] @ struct Value { @ yes: bool } VALUE{ Value { yes: true } }"),
    (
        "ty",
        "Inner",
        "#[derive(TelemetryValue)] enum Value { A(@), B { x: @, y: Option<@> } } VALUE{ Value::B { x: Inner::X, y: None } }",
    ),
    ("path", "super::Inner", "#[derive(TelemetryValue)] enum Value { A(@) } VALUE{ Value::A(Inner::X) }"),
    (
        "expr",
        "1 + 1",
        "#[derive(TelemetryValue)] #[repr(u8)] enum Value { A = 2 * @, B } VALUE{ assert_eq!(Value::A as u8, 4); Value::B }",
    ),
    (
        "expr",
        "1 + 1",
        "#[derive(TelemetryValue)] struct Value { yes: [bool; 2 * @] } VALUE{ Value { yes: [true; 4] } }",
    ),
    ("literal", "\"other\"", "#[derive(TelemetryValue)] enum Value { #[telemetry(rename = @)] A } VALUE{ Value::A }"),
    (
        "literal",
        "\"kebab-case\"",
        "#[derive(TelemetryValue)] #[telemetry(rename_all = @)] enum Value { SignIn } VALUE{ Value::SignIn }",
    ),
    (
        "meta",
        "telemetry(rename_all = \"kebab-case\")",
        "#[derive(TelemetryValue)] #[@] enum Value { SignIn } VALUE{ Value::SignIn }",
    ),
    ("meta", "derive(TelemetryValue)", "#[@] enum Value { SignIn } VALUE{ Value::SignIn }"),
    ("tt", "{ A, B }", "#[derive(TelemetryValue)] enum Value @ VALUE{ Value::B }"),
    ("tt", "(Inner)", "#[derive(TelemetryValue)] enum Value { A @ } VALUE{ Value::A(Inner::X) }"),
    // Functions.
    ("item", "pub fn call_%(x: bool) -> bool { !x }", "#[track_call] @ RUN{ assert!(!call_%(true)); }"),
    ("item", "async fn call_%() {}", "#[track_call] #[allow(dead_code)] @ RUN{ drop(call_%()); }"),
    ("vis", "pub", "#[track_mount] @ fn call_%() {} RUN{ call_%(); }"),
    ("vis", "", "#[track_mount] @ unsafe fn call_%() {} RUN{ unsafe { call_%() }; }"),
    ("ident", "call_%", "#[track_call] fn @() {} RUN{ @(); }"),
    ("ident", "x", "#[track_call(props(@, y = @))] fn call_%(@: bool) -> bool { @ } RUN{ call_%(true); }"),
    ("block", "{ 1 + 1 }", "#[track_call] fn call_%() -> u8 @ RUN{ assert_eq!(call_%(), 2); }"),
    ("block", "{ return; }", "#[track_call] async fn call_%() @ RUN{ drop(call_%()); }"),
    ("block", "{ let _x = 1; }", "struct S; impl S { #[track_call] fn call_%(&self) @ } RUN{ S.call_%(); }"),
    ("block", "{ 1 + 1 }", "#[track_call] fn call_%() -> u8 { 2 * @ } RUN{ assert_eq!(call_%(), 4); }"),
    ("expr", "true || true", "#[track_call] fn call_%() -> bool { !@ } RUN{ assert!(!call_%()); }"),
    ("expr", "1 + 1", "#[track_call] fn call_%() -> u8 { 2 * @ * 3 } RUN{ assert_eq!(call_%(), 12); }"),
    ("expr", "|x: u8| x + 1", "#[track_call] fn call_%() -> u8 { (@)(1) } RUN{ assert_eq!(call_%(), 2); }"),
    ("expr", "&[1, 2]", "#[track_call] fn call_%() -> usize { @.len() } RUN{ assert_eq!(call_%(), 2); }"),
    ("expr", "1 as u8", "#[track_call] fn call_%() -> bool { @ < 2 } RUN{ assert!(call_%()); }"),
    (
        "expr",
        "Pair { a: 1, b: 2 }",
        "#[track_call] fn call_%() -> u8 { if @.a == 1 { 3 } else { 4 } } RUN{ assert_eq!(call_%(), 3); }",
    ),
    ("expr", "-1_i8", "#[track_call] fn call_%() -> i8 { @.abs() } RUN{ assert_eq!(call_%(), 1); }"),
    ("literal", "-1", "#[track_call] fn call_%(x: i8) -> bool { matches!(x, @ | @..=5) } RUN{ assert!(call_%(3)); }"),
    (
        "expr",
        "true || true",
        "#[track_mount(component = \"C%\", props(x = !@, y = @))] fn call_%() {} RUN{ call_%(); }",
    ),
    ("expr", "true", "#[track_mount(component = \"C%\", props(x = @))] fn call_%() {} RUN{ call_%(); }"),
    ("literal", "\"C%\"", "#[track_mount(component = @, owner = @)] fn call_%() {} RUN{ call_%(); }"),
    ("literal", "\"m%\"", "#[track_call(method = @)] fn call_%() {} RUN{ call_%(); }"),
    ("path", "crate::TELEMETRY", "#[track_call(sdk = @, crate = telemetry_runtime)] fn call_%() {} RUN{ call_%(); }"),
    ("path", "always", "#[track_call(props(x = @()))] fn call_%() {} fn always() -> bool { true } RUN{ call_%(); }"),
    (
        "ty",
        "Option<&str>",
        "#[track_call(props(x, y = <@>::is_some(&x)))] fn call_%(x: @) -> @ { None } RUN{ call_%(None); }",
    ),
    (
        "ty",
        "dyn Fn() -> u8 + Send",
        "#[track_call] fn call_%(x: &@, _: Option<&@>) -> u8 { x() } RUN{ assert_eq!(call_%(&|| 3, None), 3); }",
    ),
    (
        "ty",
        "impl Fn() -> u8 + Send",
        "#[track_call] fn call_%(x: &@) -> u8 { x() } RUN{ assert_eq!(call_%(&|| 3), 3); }",
    ),
    ("pat", "(a, b)", "#[track_call] fn call_%(@: (bool, bool)) -> bool { true } RUN{ call_%((true, true)); }"),
    (
        "pat",
        "1 | 2",
        "#[track_call] fn call_%(x: Option<u8>) -> bool { matches!(x, Some(@)) } RUN{ assert!(call_%(Some(2))); }",
    ),
    ("pat_param", "Pair { a, .. }", "#[track_call] fn call_%(@: Pair) -> u8 { 1 } RUN{ call_%(Pair { a: 1, b: 2 }); }"),
    ("lifetime", "'a", "#[track_call(props(x))] fn call_%<@>(x: &@ str) -> &@ str { x } RUN{ call_%(\"\"); }"),
    ("lifetime", "'outer", "#[track_call] fn call_%() { @: loop { break @; } } RUN{ call_%(); }"),
    ("stmt", "let x = 1 + 1", "#[track_call] fn call_%() -> u8 { @ ; 2 } RUN{ assert_eq!(call_%(), 2); }"),
    ("stmt", "record!(Plain)", "#[track_call] fn call_%() { @ ; } RUN{ call_%(); }"),
    ("meta", "track_call(method = \"m%\")", "#[@] fn call_%() {} RUN{ call_%(); }"),
    ("meta", "inline", "#[track_call] #[@] fn call_%() {} RUN{ call_%(); }"),
    ("meta", "doc = \"What it is.\"", "#[track_call] #[@] fn call_%() {} RUN{ call_%(); }"),
    ("literal", "\"C\"", "#[track_call] extern @ fn call_%() {} RUN{ call_%(); }"),
    ("tt", "(x: bool)", "#[track_call] fn call_% @ {} RUN{ call_%(true); }"),
    ("tt", "{ 1 }", "#[track_call] fn call_%() -> u8 @ RUN{ call_%(); }"),
    // Recording.
    ("expr", "Plain", "RUN{ record!(@); }"),
    ("expr", "Named { yes: true }", "RUN{ record!(@); }"),
    ("ident", "Plain", "RUN{ record!(@); }"),
    ("literal", "true", "RUN{ record!(Named { yes: @ }); }"),
    ("expr", "true || true", "RUN{ record!(Named { yes: !@ }); }"),
    ("block", "{ let yes = true; Named { yes } }", "RUN{ record!(@); }"),
    ("tt", "{ yes: true }", "RUN{ record!(Named @); }"),
    ("stmt", "record!(Plain)", "RUN{ @ }"),
    ("item", "fn inner() { record!(Plain); }", "@ RUN{ inner(); }"),
    ("expr", "true || true", "RUN{ Named { yes: !@ }.record(); }"),
    // SDKs.
    ("literal", "\"sdk-%\"", "SDK{ name: @, docs: \"https://acme.example\", sample: 0.5 }"),
    ("expr", "\"sdk-%\"", "SDK{ name: @, docs: \"https://acme.example\", transport: super::Silent }"),
    ("ident", "SameRun", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", notice: @ }"),
    ("path", "super::Silent", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", transport: @ }"),
    ("ty", "super::Silent", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", transport: @ }"),
    ("literal", "0.5", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", sample: @ }"),
    ("tt", "[Ci, Test]", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", environments: @ }"),
    ("expr", "[\"ACME_NO\"]", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", env_aliases: @ }"),
    ("path", "telemetry_runtime", "SDK{ crate: @, name: \"sdk-%\", docs: \"https://acme.example\" }"),
    ("expr", "Official(\"ACME\")", "SDK{ name: \"sdk-%\", docs: \"https://acme.example\", builds: @ }"),
    (
        "item",
        "pub static TELEMETRY: Sdk = sdk! { name: \"sdk-%\", docs: \"https://acme.example\", REST };",
        "@ #[telemetry_event(sdk = self::TELEMETRY)] struct Event%; RUN{ record!(Event%); }",
    ),
];

const HEAD: &str = r#"
#![allow(unused_variables, unused_parens, unused_braces, dead_code, unused_imports, unused_macros, improper_ctypes_definitions)]
use telemetry_runtime::{*, transport::*};
pub static TELEMETRY: Sdk = sdk! { name: "fragments", docs: "https://acme.example", REST };
#[telemetry_event] pub struct Plain;
#[telemetry_event] pub struct Named { yes: bool }
#[derive(TelemetryValue)] pub enum Inner { X, Y }
pub struct Pair { a: u8, b: u8 }
#[derive(Default)] pub struct Silent;
impl Transport for Silent {
    fn send(&mut self, _: &Request, _: &Cancel) -> Result<Response, TransportError> { Err(TransportError::NotSent) }
}
"#;

const REST: &str = r#"role: Library, default: On, env: "ACME", endpoint: "https://telemetry.acme.example",
wire: EventBatch { strict: false }, operator: "Acme Inc.", contact: "privacy@acme.example", region: "EU",
retention: "90 days", shared_with: "nobody","#;

const MAIN: &str = r#"
    let mut lines: Vec<String> = registry().unwrap().events().iter()
        .map(|event| format!("{} {:?} {:?} {:?} {:?}", event.key(), event.doc, event.fields, event.sample, event.throttle)).collect();
    lines.sort();
    println!("{}", lines.join("\n"));
"#;

/// The program, with fragments or with their text in the places.
fn program(through_macros: bool) -> String {
    let (mut modules, mut main) = (String::new(), String::from(MAIN));
    for (number, (kind, fragment, code)) in CASES.iter().enumerate() {
        let fill = |text: &str| text.replace("REST", REST).replace('%', &number.to_string());
        let code = code
            .replace("RUN{", "pub fn run() {")
            .replace("VALUE{", "#[telemetry_event] struct Event% { value: Value } pub fn run() { record!(Event% { value: ")
            .replace("SDK{", "#[telemetry_event(sdk = self::TELEMETRY)] struct Event%; pub fn run() { record!(Event%); } pub static TELEMETRY: Sdk = sdk! { REST ");
        let code = if code.contains("{ value: ") {
            let (start, value) = code.split_once("{ value:  ").unwrap_or((&code, ""));
            let value = value.trim_end().strip_suffix('}').unwrap_or_default();
            format!("{start}{{ value: {{ {value} }} }}); }}")
        } else if code.contains("sdk! {")
            && !code.contains("RUN")
            && code.contains("pub static TELEMETRY: Sdk = sdk! { REST ")
        {
            format!("{code};")
        } else {
            code
        };
        let _ = write!(modules, "pub mod case_{number} {{ use super::*; ");
        let _ = if through_macros {
            let code = fill(&code.replace('@', "$f"));
            write!(modules, "macro_rules! case {{ ($f:{kind},) => {{ {code} }} }} case! {{ {}, }}", fill(fragment))
        } else {
            let joined = match *kind {
                "expr" => (fragment.contains(' ') || fragment.starts_with('-')) && !fragment.starts_with(['"', '[']),
                "ty" => fragment.contains(" + "),
                _ => false,
            };
            let text = if joined { format!("({fragment})") } else { (*fragment).to_owned() };
            write!(modules, "{}", fill(&code.replace('@', &text)))
        };
        modules.push_str(" }\n");
        let _ = writeln!(main, "println!(\"{number} {{:?}}\", testing::capture(case_{number}::run));");
    }
    format!("{}{modules}fn main() {{ {main} }}\n", HEAD.replace("REST", REST))
}

#[test]
fn a01_a_program_is_the_same_whichever_fragments_its_code_came_in() {
    let kinds = [
        "item",
        "vis",
        "ident",
        "tt",
        "ty",
        "path",
        "expr",
        "block",
        "literal",
        "lifetime",
        "meta",
        "stmt",
        "pat",
        "pat_param",
    ];
    for kind in kinds {
        assert!(CASES.iter().any(|(of, ..)| *of == kind), "{kind}");
    }
    let run = |name: &str, text: String| {
        let package =
            Generated::new(name, "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, features = [\"testing\"] }\n");
        package.source(&text);
        succeed(package.cargo().args(["run", "--offline", "--quiet"]))
    };
    let (plain, fragments) = (run("fragments-plain", program(false)), run("fragments-macros", program(true)));
    let without_places = |text: &str| text.replace("fragments-macros", "fragments-plain");
    for (fragment, plain) in fragments.lines().zip(plain.lines()) {
        assert_eq!(without_places(fragment), plain);
    }
    assert_eq!(fragments.lines().count(), plain.lines().count());
    assert!(plain.lines().count() > CASES.len(), "{plain}");
}
