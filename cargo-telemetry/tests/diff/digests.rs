//! What a user agreed to and what is found belong together, over manifests made up at random.

use cargo_telemetry::diff::{Finding, Id, Severity, diff};
use telemetry_schema::{
    EventDescriptor, Exit, FieldDescriptor, FieldType, Kind, Manifest, Sensitivity, Throttle, VariantDescriptor, Wire,
    digest,
};

use crate::snippets::manifest;

/// Numbers that look random and are the same on every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits") % end
    }

    fn names(&mut self) -> Vec<String> {
        let all = ["alpha", "beta", "gamma", "delta", "epsilon"];
        let mut names: Vec<_> = all.iter().filter(|_| self.below(2) == 0).map(|name| (*name).to_owned()).collect();
        if names.is_empty() {
            names.push("alpha".to_owned());
        }
        if self.below(4) == 0 {
            names.reverse();
        }
        names
    }

    fn field_type(&mut self, depth: usize) -> FieldType {
        let number = |random: &mut Self| random.below(4) + 1;
        let of = |random: &mut Self| Box::new(random.field_type(depth - 1));
        match self.below(if depth == 0 { 13 } else { 18 }) {
            0 => FieldType::Bool,
            1 => FieldType::Int {
                min: i64::try_from(number(self)).unwrap(),
                max: 10 + i64::try_from(number(self)).unwrap(),
            },
            2 => FieldType::Unbounded(["u8", "u32", "usize", "u64", "i64", "strange"][self.below(6)].to_owned()),
            3 => FieldType::Enum(self.names()),
            4 => FieldType::Text { max_len: number(self) },
            5 => FieldType::OneOf(Box::new(FieldType::Enum(self.names()))),
            6 => FieldType::CountBucket,
            7 => FieldType::DurationBucket,
            8 => FieldType::Version { prefix: ["", "v"][self.below(2)].to_owned() },
            9 => FieldType::Os,
            10 => FieldType::OsVersion,
            11 => FieldType::Packages { names: self.names(), prefixes: self.names(), max: number(self) },
            12 => FieldType::Pseudonym,
            13 => FieldType::Optional(of(self)),
            14 => FieldType::Array { len: number(self), of: of(self) },
            15 => FieldType::List { max: number(self), of: of(self) },
            16 => FieldType::Struct(self.fields(depth - 1)),
            _ => FieldType::Variants(
                self.names()
                    .into_iter()
                    .map(|name| VariantDescriptor { name, field_type: (self.below(2) == 0).then(|| *of(self)) })
                    .collect(),
            ),
        }
    }

    fn fields(&mut self, depth: usize) -> Vec<FieldDescriptor> {
        let prose = ["", "Some words.", "Other words."];
        let names = self.names();
        names
            .into_iter()
            .map(|name| FieldDescriptor {
                name,
                field_type: self.field_type(depth),
                doc: prose[self.below(3)].to_owned(),
                declared_sensitivity: [None, Some(Sensitivity::Personal), Some(Sensitivity::Technical)][self.below(3)],
                reason: [None, Some("Some words.".to_owned())][self.below(2)].clone(),
            })
            .collect()
    }

    /// Changes something, or nothing.
    fn change(&mut self, event: &mut EventDescriptor) {
        let prose =
            |random: &mut Self| [None, Some("words".to_owned()), Some("never".to_owned())][random.below(3)].clone();
        match self.below(14) {
            0 => event.fields = self.fields(2),
            1 => event.sample = [0.0, 0.1, 1.0][self.below(3)],
            2 => {
                let throttles =
                    [Throttle::None, Throttle::Daily, Throttle::RollingHours(24), Throttle::RollingHours(0)];
                event.throttle = throttles[self.below(4)];
            }
            3 => event.kind = [Kind::Event, Kind::Mount, Kind::Command][self.below(3)],
            4 => event.owner = prose(self),
            5 => event.purpose = prose(self),
            6 => event.expires = [None, Some("never".to_owned()), Some("2027-06-30".to_owned())][self.below(3)].clone(),
            7 => event.fields.reverse(),
            8 => event.discriminant = prose(self),
            9 => drop(event.fields.pop()),
            _ => {
                if event.fields.is_empty() {
                    return;
                }
                let index = self.below(event.fields.len());
                let field = &mut event.fields[index];
                match self.below(4) {
                    0 => field.doc.push('x'),
                    1 => field.declared_sensitivity = Some(Sensitivity::Pseudonymous),
                    2 => field.reason = prose(self),
                    _ => field.field_type = self.field_type(2),
                }
            }
        }
    }
}

/// Rules that go beyond what a user agreed to: what is sent is the same, and yet it is no mere note. The page of the rules
/// lists them.
const BEYOND: [Id; 11] = [
    Id::EventKindChanged,
    Id::EventDocChanged,
    Id::PurposeChanged,
    Id::FieldDocChanged,
    Id::ReasonChanged,
    Id::RequestDocChanged,
    Id::SensitivityRaised,
    Id::SensitivityRelabelled,
    Id::SensitivityLowered,
    Id::ExpiryLater,
    Id::ExpiryEarlier,
];

fn agree(same: bool, findings: &[Finding], what: &dyn std::fmt::Debug) {
    if same {
        let beyond = |finding: &&Finding| finding.severity() != Severity::Note && !BEYOND.contains(&finding.rule.id);
        assert_eq!(findings.iter().find(beyond), None, "the digest is the same: {what:#?}");
    } else {
        let told = |finding: &Finding| finding.severity() != Severity::Note || finding.rule.id == Id::OrderChanged;
        assert!(findings.iter().any(told), "the digest differs, and there is no finding but {findings:#?}: {what:#?}");
    }
}

#[test]
fn events_are_found_when_their_digests_differ() {
    let mut random = Random(0x5eed);
    let base = manifest(&serde_json::json!({}));
    let (mut same, mut differing) = (0, 0);
    for _ in 0..4_000 {
        let mut old = base.events[0].clone();
        old.fields = random.fields(2);
        let mut new = old.clone();
        for _ in 0..=random.below(3) {
            random.change(&mut new);
        }
        let equal = digest::event(&old) == digest::event(&new);
        *if equal { &mut same } else { &mut differing } += 1;
        let with = |event: &EventDescriptor| Manifest::new(base.sdks.clone(), vec![event.clone()]);
        agree(equal, &diff(&with(&old), &with(&new)), &(&old, &new));
        assert_eq!(diff(&with(&new), &with(&new)), []);
    }
    assert!(same > 200 && differing > 1_000, "{same} {differing}");
}

#[test]
fn sdks_are_found_when_their_digests_differ() {
    let mut random = Random(0x5eed);
    let base = manifest(&serde_json::json!({}));
    let (mut same, mut differing) = (0, 0);
    for _ in 0..5_000 {
        let mut new = base.sdks[0].clone();
        for _ in 0..=random.below(2) {
            match random.below(10) {
                0 => new.endpoint.push('x'),
                1 => {
                    new.wire =
                        [Wire::Beacon, Wire::Report, Wire::Otlp, Wire::EventBatch { strict: true }][random.below(4)]
                }
                2 => new.envelope = vec![("id".to_owned(), "Something.".to_owned())],
                3 => new.headers.reverse(),
                4 => new.sample = 0.5,
                5 => new.transport = ["custom", "built_in"][random.below(2)].to_owned(),
                6 => new.repository.clear(),
                7 => new.headers[0].1.push('x'),
                8 => new.operator.push('x'),
                _ => new.contact.clear(),
            }
        }
        let equal = digest::sdk(&base.sdks[0]) == digest::sdk(&new);
        *if equal { &mut same } else { &mut differing } += 1;
        let changed = Manifest::new(vec![new.clone()], base.events.clone());
        agree(equal, &diff(&base, &changed), &new);
    }
    assert!(same > 500 && differing > 500, "{same} {differing}");
}

/// Every other rule about an SDK goes beyond its digest, and the page says so by the heading it stands under.
#[test]
fn what_goes_beyond_the_digest_of_an_sdk_is_on_the_page() {
    let all = manifest(&serde_json::json!({}));
    let mut changed = all.clone();
    let sdk = &mut changed.sdks[0];
    sdk.crate_name.push('x');
    sdk.exit = Exit::Detached;
    sdk.server_sees.clear();
    sdk.env.push('X');
    sdk.region.push('x');
    sdk.notice = telemetry_schema::Notice::Host;
    assert_eq!(digest::sdk(&all.sdks[0]), digest::sdk(sdk));
    let page = cargo_telemetry::diff::render::page();
    let (_, agreed) = page.split_once("## What a user agreed to").unwrap();
    let (agreed, _) = agreed.split_once("## As JSON").unwrap();
    for id in BEYOND.iter().filter(|id| !id.word().starts_with("expiry")) {
        assert!(agreed.contains(&format!("`{id}`")), "{id}");
    }
    let beyond = diff(&all, &changed);
    assert!(beyond.iter().filter(|finding| finding.severity() != Severity::Note).count() >= 6, "{beyond:#?}");
}
