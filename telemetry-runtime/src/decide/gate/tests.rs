//! Every combination of what the layers can say: what holds, who decided, and that nothing but the user's word and the author's
//! default ever enables.

use telemetry_schema::DefaultConsent;

use super::*;
use crate::{
    base::environment::{Environment, Surroundings},
    decide::{
        consent::Consent,
        facts::StoredConsent,
        options::Options,
        policy::{Policies, Policy, PolicyFile},
    },
    declare::sdk::SdkInfo,
};

const SDK: SdkInfo = SdkInfo::FOR_TESTS;

/// What the test has one layer say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Yes,
    Local,
    No,
    /// It cannot be read.
    Unreadable,
}

use Says::{Local, No, Unreadable, Yes};

/// What each layer can say, in the order of the layers. Layer 10 says `Yes` by a stored "on" here; that the user decided nothing
/// is a case of its own.
const CAN_SAY: [&[Says]; 11] = [
    &[Yes, No],
    &[Yes, No],
    &[Yes, No],
    &[Yes, No],
    &[Yes, Local, No, Unreadable],
    &[Yes, Local, No, Unreadable],
    &[Yes, No],
    &[Yes, No],
    &[Yes, No],
    &[Yes, Local, No, Unreadable],
    &[Yes, No],
];

fn verdict(says: Says) -> Verdict {
    match says {
        Yes => Verdict::Allows,
        Local => Verdict::Local,
        No | Unreadable => Verdict::Off,
    }
}

fn policy_file(says: Says) -> Option<PolicyFile> {
    let content = match says {
        Yes => return None,
        Local => Policy::parse(b"[all]\nmode = \"local\""),
        No => Policy::parse(b"[sdk.\"acme-ui\"]\nmode = \"off\""),
        Unreadable => Err("unreadable".to_owned()),
    };
    Some(PolicyFile { path: "policy".to_owned(), content })
}

/// Asks the real layers with facts by which each says what it should.
fn ask(says: &[Says; 11], undecided: bool) -> Vec<LayerDecision> {
    let no = |layer: Layer| says.get(usize::from(layer.number()) - 1) == Some(&No);
    let at = |layer: Layer| says.get(usize::from(layer.number()) - 1).copied().unwrap();
    let sdk = SdkInfo {
        official_build: no(Layer::Build).then_some(("OFFICIAL", false)),
        debug_build: !no(Layer::Development),
        default: if no(Layer::Default) { DefaultConsent::Off } else { DefaultConsent::On },
        ..SDK
    };
    let environment = Environment {
        do_not_track: vec![("DO_NOT_TRACK".to_owned(), no(Layer::DoNotTrack).then(|| "1".into()))],
        disabling: vec![("ACME_TELEMETRY_DISABLED".to_owned(), no(Layer::Variables).then(|| "1".into()))],
        surroundings: Surroundings { ci: no(Layer::Environment).then(|| "CI".to_owned()), ..Surroundings::default() },
        ..Environment::default()
    };
    let consent = match at(Layer::StoredConsent) {
        _ if undecided => StoredConsent::Undecided,
        Yes => StoredConsent::Decided(Consent::On),
        Local => StoredConsent::Decided(Consent::Local),
        No => StoredConsent::Decided(Consent::Off),
        Unreadable => StoredConsent::Unreadable("unreadable".to_owned()),
    };
    let policies = Policies {
        machine_path: "/etc".to_owned(),
        machine: policy_file(at(Layer::MachinePolicy)),
        project: policy_file(at(Layer::ProjectFile)).into_iter().collect(),
    };
    let facts = MemoryFacts {
        sdk: &sdk,
        options: &Options::new(),
        environment: &environment,
        vetoed: no(Layer::HostVeto),
        shut_down: false,
        refused: false,
        allow_release: false,
        delivers: false,
    };
    let memory = decide_in_memory(&facts);
    let is_off = memory.layers.iter().any(|layer| layer.verdict == Verdict::Off);
    assert_eq!(mode(&facts), if is_off { Mode::Off } else { Mode::Pending }, "as its reasons say: {says:?}");
    let facts = FileFacts { sdk: &sdk, gone: no(Layer::Server), consent: &consent, policies: &policies, opt_in: false };
    let mut layers = memory.layers;
    let (together, by_files) = decide_by_files(&facts);
    assert_eq!(verdict_by_files(&facts), together, "as its reasons say: {says:?}");
    layers.extend(by_files);
    layers.sort_by_key(|layer| layer.number);
    layers
}

/// All combinations, one after another.
fn combinations() -> impl Iterator<Item = [Says; 11]> {
    let count: usize = CAN_SAY.iter().map(|can| can.len()).product();
    (0..count).map(|mut number| {
        CAN_SAY.map(|can| {
            let says = can.get(number % can.len()).copied().unwrap();
            number /= can.len();
            says
        })
    })
}

#[test]
fn r13_over_all_combinations_the_strictest_holds_and_the_winner_shown_is_the_winner() {
    let mut looked = 0_u32;
    for says in combinations() {
        for undecided in [false, true] {
            looked += 1;
            let layers = ask(&says, undecided);
            let numbers: Vec<_> = layers.iter().map(|layer| layer.number).collect();
            assert_eq!(numbers, (1..=11).collect::<Vec<_>>(), "every layer is asked, once, in its order");
            // What each layer has to say, by the test alone. The last two are one question: who decided nothing has the default.
            let mut expected = says.map(verdict);
            let [.., stored, default] = &mut expected;
            *(if undecided { stored } else { default }) = Verdict::Allows;
            for (layer, expected) in layers.iter().zip(expected) {
                assert_eq!(layer.verdict, expected, "{}: {says:?}", layer.name);
                assert!(!layer.value.to_string().is_empty() && !layer.source.is_empty(), "{}: no reason", layer.name);
            }
            let holds = strictest(&layers);
            assert_eq!(Some(holds), expected.into_iter().max(), "{says:?}");
            let winner = match (holds, undecided) {
                (Verdict::Allows, true) => 11,
                (Verdict::Allows, false) => 10,
                _ => 1 + u8::try_from(expected.iter().position(|verdict| *verdict == holds).unwrap()).unwrap(),
            };
            assert_eq!(decided_by(&layers).map(Layer::number), Some(winner), "{says:?}, undecided: {undecided}");
            // Nothing but the user's yes, or the author's where the user said nothing, enables.
            let [.., stored, default] = says;
            let enabled = if undecided { default == Yes } else { stored == Yes };
            assert!(holds != Verdict::Allows || enabled, "{says:?}");
        }
    }
    assert_eq!(looked, 16_384 * 2, "all of them");
}
