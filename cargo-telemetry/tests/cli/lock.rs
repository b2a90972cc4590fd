//! `telemetry.lock`: lossless, stable, one field per line.

use cargo_telemetry::lock::{self, Build, Lock};
use proptest::{collection::vec, option, prelude::*};
use telemetry_schema::{
    Active, Compress, DefaultConsent, Environment, EventCase, EventDescriptor, Exit, FieldDescriptor, FieldType,
    Health, Identity, Instance, Kind, Level, Manifest, Notice, Role, SdkDescriptor, Sensitivity, Throttle,
    VariantDescriptor, Wire, WriteOn,
};

use crate::{kit::snapshot, manifests};

/// Text with all that could break a line of TOML: quotes, escapes, line ends, marks of direction, characters beyond 16 bits.
fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        6 => any::<char>(),
        6 => proptest::char::range('a', 'z'),
        3 => proptest::sample::select(vec!['"', '\'', '\\', '\n', '\r', '\t', '#', '[', ']', '{', '}', '=', ',', '.', ' ',
            '\0', '\u{7f}', '\u{202e}', '\u{feff}', '\u{e0041}', '\u{2028}']),
    ];
    vec(c, 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn field_type() -> impl Strategy<Value = FieldType> {
    let leaf =
        prop_oneof![
            Just(FieldType::Bool),
            any::<(i64, i64)>().prop_map(|(min, max)| FieldType::Int { min, max }),
            text().prop_map(FieldType::Unbounded),
            vec(text(), 0..4).prop_map(FieldType::Enum),
            any::<usize>().prop_map(|max_len| FieldType::Text { max_len }),
            Just(FieldType::CountBucket),
            Just(FieldType::DurationBucket),
            text().prop_map(|prefix| FieldType::Version { prefix }),
            Just(FieldType::Os),
            Just(FieldType::OsVersion),
            (vec(text(), 0..3), vec(text(), 0..3), any::<usize>())
                .prop_map(|(names, prefixes, max)| FieldType::Packages { names, prefixes, max }),
            Just(FieldType::Pseudonym),
        ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let of = || inner.clone().prop_map(Box::new);
        prop_oneof![
            of().prop_map(FieldType::Optional),
            (any::<usize>(), of()).prop_map(|(len, of)| FieldType::Array { len, of }),
            (any::<usize>(), of()).prop_map(|(max, of)| FieldType::List { max, of }),
            of().prop_map(FieldType::OneOf),
            vec(field_of(inner.clone()), 0..4).prop_map(FieldType::Struct),
            vec((text(), option::of(inner.clone())), 0..4).prop_map(|variants| {
                let variant = |(name, field_type)| VariantDescriptor { name, field_type };
                FieldType::Variants(variants.into_iter().map(variant).collect())
            }),
        ]
    })
}

fn field_of(field_type: impl Strategy<Value = FieldType>) -> impl Strategy<Value = FieldDescriptor> {
    let sensitivity = proptest::sample::select(vec![
        Sensitivity::Technical,
        Sensitivity::Interaction,
        Sensitivity::Pseudonymous,
        Sensitivity::Personal,
    ]);
    (text(), field_type, text(), option::of(sensitivity), option::of(text())).prop_map(
        |(name, field_type, doc, declared_sensitivity, reason)| FieldDescriptor {
            name,
            field_type,
            doc,
            declared_sensitivity,
            reason,
        },
    )
}

fn event() -> impl Strategy<Value = EventDescriptor> {
    let kind =
        proptest::sample::select(vec![Kind::Event, Kind::Mount, Kind::Call, Kind::Command, Kind::Start, Kind::Counter]);
    let throttle =
        prop_oneof![Just(Throttle::None), Just(Throttle::Daily), any::<u32>().prop_map(Throttle::RollingHours),];
    let governance =
        (option::of(text()), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let level = option::of(proptest::sample::select(Level::ALL.to_vec()));
    let names = (text(), text(), text(), option::of(text()));
    let rate = prop_oneof![Just(1.0), 0.0..=1.0, proptest::num::f64::NORMAL];
    (names, kind, text(), vec(field_of(field_type()), 0..4), rate, (throttle, level), governance).prop_map(
        |(
            (sdk, crate_name, event, discriminant),
            kind,
            doc,
            fields,
            sample,
            (throttle, declared_level),
            governance,
        )| {
            let (owner, purpose, reviewed, since, expires) = governance;
            EventDescriptor {
                sdk,
                crate_name,
                version: "1.0.0".into(),
                event,
                discriminant,
                kind,
                doc,
                fields,
                sample,
                throttle,
                declared_level,
                owner,
                purpose,
                reviewed,
                since,
                expires,
                at: "src/lib.rs:1".into(),
            }
        },
    )
}

fn sdk() -> impl Strategy<Value = SdkDescriptor> {
    let choices = (0..2usize, 0..2usize, 0..4usize, 0..8usize, 0..3usize, any::<u16>(), any::<bool>());
    let lists = (vec(text(), 0..3), vec((text(), text()), 0..3), vec((text(), text()), 0..3), vec(text(), 0..3));
    (choices, vec(text(), 14), lists, option::of(text()), 0.0..=1.0).prop_map(
        |((role, default, wire, case, exit, grace, flag), texts, lists, official_builds, sample)| {
            let mut texts = texts.into_iter();
            let mut text = || texts.next().expect("as many as are taken");
            let (env_aliases, envelope, headers, server_sees) = lists;
            SdkDescriptor {
                sdk: text(),
                crate_name: text(),
                version: "1.0.0".into(),
                runtime: "1.0.0".into(),
                repository: text(),
                role: [Role::Library, Role::Application][role],
                default: [DefaultConsent::On, DefaultConsent::Off][default],
                env: text(),
                env_aliases,
                command: flag.then(&mut text),
                endpoint: text(),
                wire: [
                    Wire::EventBatch { strict: true },
                    Wire::EventBatch { strict: false },
                    Wire::Beacon,
                    Wire::Report,
                    Wire::Otlp,
                ][wire],
                compress: flag.then_some(Compress::Gzip),
                docs: text(),
                operator: text(),
                contact: text(),
                region: text(),
                retention: text(),
                shared_with: text(),
                event_case: EventCase::ALL[case],
                active: flag.then_some(Active::Daily),
                health: flag.then_some(Health::Daily),
                identity: flag.then_some(Identity::Rotating(30)),
                notice: [Notice::NextRun, Notice::SameRun, Notice::Host, Notice::None][wire],
                official_builds,
                environments: if flag { vec![Environment::Ci, Environment::Test] } else { Vec::new() },
                write_on: [WriteOn::Worker, WriteOn::Caller][role],
                instance: flag.then_some(Instance::Required),
                exit: [Exit::Later, Exit::Grace(grace), Exit::Detached][exit],
                sample,
                transport: text(),
                envelope,
                headers,
                server_sees,
                at: "src/lib.rs:1".into(),
            }
        },
    )
}

fn build() -> impl Strategy<Value = Build> {
    let lists = (vec(text(), 0..2), vec(text(), 0..2), vec(text(), 0..2), vec(text(), 0..3));
    (text(), lists, any::<[bool; 2]>(), option::of(text()), option::of(text())).prop_map(
        |(name, (packages, bins, examples, features), [lib, default_features], profile, target)| Build {
            name,
            packages,
            lib,
            bins,
            examples,
            features,
            default_features,
            profile,
            target,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_locked_reads_back(sdks in vec(sdk(), 0..3), events in vec(event(), 0..5), build in build()) {
        let manifest = Manifest::new(sdks, events);
        let locked = Lock::new(build, &manifest);
        let text = lock::write(&locked);
        let read = lock::parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read, &locked);
        // All but version and place is there.
        let mut stripped = manifest;
        for sdk in &mut stripped.sdks { sdk.version.clear(); sdk.runtime.clear(); sdk.at.clear(); }
        for event in &mut stripped.events { event.version.clear(); event.at.clear(); }
        for sdk in &stripped.sdks { prop_assert!(read.manifest().sdks.contains(sdk)); }
        for event in &stripped.events { prop_assert!(read.manifest().events.contains(event)); }
        prop_assert_eq!(read.builds(), locked.builds());
        // A file that was checked out with the line ends of Windows is the same file.
        prop_assert_eq!(&lock::parse(&text.replace('\n', "\r\n")).unwrap(), &locked);
        prop_assert_eq!(lock::write(&read), text);
    }

    /// Of several builds each has what it had, whatever the builds are called and share.
    #[test]
    fn a08_what_is_locked_for_several_builds_reads_back(
        parts in proptest::collection::btree_map(text(), (vec(sdk(), 0..2), vec(event(), 0..3)), 2..4),
        shared in event(),
    ) {
        let manifests: Vec<_> = parts.into_iter().enumerate().map(|(number, (name, (sdks, mut events)))| {
            // One event in all but the first.
            if number > 0 { events.push(shared.clone()); }
            (name, Manifest::new(sdks, events))
        }).collect();
        let builds = manifests.iter().map(|(name, _)| Build { name: name.clone(), ..Build::default() }).collect();
        let locked = Lock::of(builds, manifests.iter().map(|(name, manifest)| (name.as_str(), manifest)));
        let text = lock::write(&locked);
        let read = lock::parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(&read, &locked);
        prop_assert_eq!(lock::write(&read), text);
        for (name, manifest) in &manifests {
            let alone = Lock::new(Build { name: name.clone(), ..Build::default() }, manifest);
            prop_assert_eq!(&read.of_build(name), alone.manifest());
        }
        prop_assert_eq!(read.manifest().events.iter().filter(|event| event.key() == shared.key()
            && event.doc == shared.doc && event.fields == shared.fields && event.owner == shared.owner).count(), 1);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = lock::parse(&text);
        let _ = lock::parse(&format!("lock_version = 2\n{text}"));
    }
}

#[test]
fn versions_lines_and_the_order_of_a_linker_do_not_reach_the_file() {
    let twins = || {
        let first = manifests::event("opened", vec![manifests::field("a", FieldType::Bool)]);
        let second = manifests::event("opened", vec![manifests::field("b", FieldType::Bool)]);
        [first, second]
    };
    let [first, second] = twins();
    let one = Manifest::new(vec![manifests::sdk()], vec![first.clone(), second.clone(), first.clone()]);
    let [mut first, mut second] = twins();
    // The other way around by place, as another machine may have it, and of another version.
    (first.at, second.at) = ("z.rs:9".into(), "a.rs:1".into());
    first.version = "9.9.9".into();
    let other = Manifest::new(vec![manifests::sdk()], vec![second, first]);
    let (one, other) = (Lock::new(Build::default(), &one), Lock::new(Build::default(), &other));
    assert_eq!(one.to_text(), other.to_text());
    assert_eq!(one.manifest().events.len(), 2, "equal events are listed once, two schemas of one key are both listed");
}

#[test]
fn a_lock_file_reads_like_a_data_review() {
    let nested = FieldType::Struct(vec![
        manifests::field("dark", FieldType::Bool),
        FieldDescriptor {
            reason: Some("Support asks for it.".into()),
            doc: "As typed.".into(),
            declared_sensitivity: Some(Sensitivity::Personal),
            ..manifests::field("name", FieldType::Text { max_len: 64 })
        },
    ]);
    let names = |names: &[&str]| FieldType::Enum(names.iter().map(|name| (*name).to_owned()).collect());
    let boxed = |of: FieldType| Box::new(of);
    let fields = vec![
        manifests::field("theme", FieldType::Optional(boxed(nested))),
        manifests::field("overrides", FieldType::Int { min: 0, max: 255 }),
        manifests::field("sizes", FieldType::List { max: 8, of: boxed(names(&["small", "large"])) }),
        manifests::field("grid", FieldType::Array { len: 3, of: boxed(FieldType::Bool) }),
        manifests::field("router", FieldType::OneOf(boxed(names(&["next", "remix"])))),
        manifests::field("total", FieldType::Unbounded("u64".into())),
        manifests::field(
            "outcome",
            FieldType::Variants(vec![
                VariantDescriptor { name: "done".into(), field_type: None },
                VariantDescriptor {
                    name: "failed".into(),
                    field_type: Some(FieldType::Struct(vec![manifests::field("attempts", FieldType::CountBucket)])),
                },
            ]),
        ),
        manifests::field("cli", FieldType::Version { prefix: "v".into() }),
        manifests::field("system", FieldType::OsVersion),
        manifests::field(
            "packages",
            FieldType::Packages { names: vec!["vite".into()], prefixes: vec!["@acme/".into()], max: 32 },
        ),
        manifests::field("project", FieldType::Pseudonym),
    ];
    let mut event = manifests::event("opened", fields);
    event.discriminant = Some("SignIn".into());
    event.throttle = Throttle::RollingHours(24);
    event.owner = Some("ui-team".into());
    let build = Build { lib: true, features: vec!["theming".into()], ..Build::default() };
    snapshot("data-review.lock", &Lock::new(build, &Manifest::new(vec![manifests::sdk()], vec![event])).to_text());
}
