//! `wire: …` in `sdk!`: the wire formats as the macros know them, one row each.
//!
//! The macros are compiled for the build machine and depend on no crate of ours. `telemetry-schema/src/wire.rs` has the table that
//! programs and tools use; a test holds both together.

use syn::{Ident, LitBool, Token, parse::ParseStream, token};

use super::{At, Fault, choose, group};

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    EventBatch { strict: bool },
    Beacon,
    Report,
    Otlp,
}

/// A name with what it means.
pub(crate) type Named = (&'static str, &'static str);

/// What the macros know of a wire format.
#[derive(Debug)]
pub(crate) struct Row {
    /// The value of `wire` in the record, as JSON.
    pub(crate) json: &'static str,
    /// As `digest_word` in the table of the schema.
    pub(crate) digest_word: &'static str,
    /// What every event carries beside its payload, in the order of the record.
    pub(crate) envelope: &'static [Named],
    /// The headers of a request.
    pub(crate) headers: &'static [Named],
    /// There is room for events of several types.
    pub(crate) is_list: bool,
    /// An event has an id and a time, so a repeat can be told from a second report.
    pub(crate) has_ids: bool,
}

const EVENT: Named = ("event", "The name of the event.");
const CV: Named = ("cv", "The version of the crate that declares the SDK.");
const IT: Named = ("it", "The type of instance; always `development`.");
const SDK: Named = ("sdk", "The crate that registered itself as the wrapper; by default the declaring one.");
const SDKV: Named = ("sdkv", "The version of that crate.");
const PK: Named = ("pk", "The publishable key of the instance, if the host set one.");
const PAYLOAD: Named = ("payload", "The fields of the event.");
const ID: Named = ("id", "A random id of this event, its time part cut to the hour; the same in every retry.");
const TS: Named = ("ts", "When the event was recorded, cut to the hour.");
const RATE: Named = ("rate", "The sampling rate, if it is below 1.");
const ACTOR: Named = ("actor", "Who ran the program: human, ci, agent or unknown.");
const EPHEMERAL: Named = ("ephemeral", "Whether the machine looks like a container or sandbox.");

const INSTALLATION: Named = (
    "installation",
    "A pseudonymous id of the installation, another one each epoch; absent in CI, containers and sandboxes.",
);

/// The same in OTLP: two attributes of the resource, two parts of the scope, three of the record, and attributes beside those of
/// the payload.
const OTLP: [Named; 13] = [
    ("service.name", SDK.1),
    ("service.version", SDKV.1),
    ("scope.name", "The name of the SDK."),
    ("scope.version", CV.1),
    ("timeUnixNano", TS.1),
    ("eventName", EVENT.1),
    ("attributes", PAYLOAD.1),
    ("log.record.uid", ID.1),
    ("telemetry.rate", RATE.1),
    ("telemetry.actor", ACTOR.1),
    ("telemetry.ephemeral", EPHEMERAL.1),
    (OTLP_INSTANCE, PK.1),
    (OTLP_INSTALLATION, INSTALLATION.1),
];
const OTLP_INSTANCE: &str = "telemetry.instance";
const OTLP_INSTALLATION: &str = "telemetry.installation";

/// Whether this key of an envelope is the key of an instance.
pub(crate) fn is_instance_key(key: &str) -> bool {
    key == PK.0 || key == OTLP_INSTANCE
}

/// Whether this key of an envelope is the id of the installation.
pub(crate) fn is_installation_key(key: &str) -> bool {
    key == INSTALLATION.0 || key == OTLP_INSTALLATION
}

/// Names of attributes that stand beside the payload in OTLP, or beginnings of such names; no field is called so.
pub(crate) const RESERVED: [&str; 3] = ["event.name", "log.record.uid", "telemetry."];

/// Whether a field with this key could be taken for one of them.
pub(crate) fn is_reserved(key: &str) -> bool {
    RESERVED.iter().any(|name| if name.ends_with('.') { key.starts_with(name) } else { key == *name })
}

const USER_AGENT: Named = ("user-agent", "Name and version of the SDK.");
const IDEMPOTENCY_KEY: Named = ("idempotency-key", "A random key of the request; the same in every retry.");
const CONTENT_TYPE: Named = ("content-type", "That the body is JSON.");
const TELEMETRY_DAY: Named = ("telemetry-day", "The UTC day of all events in the request.");
/// Of an SDK that declares `compress`.
pub(crate) const CONTENT_ENCODING: Named =
    ("content-encoding", "That the body is compressed, where that makes it shorter.");

impl Wire {
    /// The row of this format. A request without a body has no content type; one without times names its day.
    pub(crate) const fn row(self) -> Row {
        match self {
            Self::EventBatch { strict: false } => Row {
                json: "{\"event_batch\":{\"strict\":false}}",
                digest_word: "wire;event_batch",
                envelope: &[EVENT, CV, SDK, SDKV, PK, PAYLOAD, ID, TS, RATE, ACTOR, EPHEMERAL, INSTALLATION],
                headers: &[USER_AGENT, IDEMPOTENCY_KEY, CONTENT_TYPE],
                is_list: true,
                has_ids: true,
            },
            Self::EventBatch { strict: true } => Row {
                json: "{\"event_batch\":{\"strict\":true}}",
                digest_word: "wire;event_batch;strict",
                envelope: &[EVENT, CV, IT, SDK, SDKV, PK, PAYLOAD],
                headers: &[USER_AGENT, IDEMPOTENCY_KEY, CONTENT_TYPE, TELEMETRY_DAY],
                is_list: true,
                has_ids: false,
            },
            Self::Beacon => Row {
                json: "\"beacon\"",
                digest_word: "wire;beacon",
                envelope: &[],
                headers: &[USER_AGENT, IDEMPOTENCY_KEY, TELEMETRY_DAY],
                is_list: false,
                has_ids: false,
            },
            Self::Report => Row {
                json: "\"report\"",
                digest_word: "wire;report",
                envelope: &[],
                headers: &[USER_AGENT, IDEMPOTENCY_KEY, CONTENT_TYPE, TELEMETRY_DAY],
                is_list: false,
                has_ids: false,
            },
            Self::Otlp => Row {
                json: "\"otlp\"",
                digest_word: "wire;otlp",
                envelope: &OTLP,
                headers: &[USER_AGENT, IDEMPOTENCY_KEY, CONTENT_TYPE],
                is_list: true,
                has_ids: true,
            },
        }
    }
}

/// `EventBatch`, `EventBatch { strict: true }`, `Beacon`, `Report` or `Otlp`.
pub(super) fn parse(input: ParseStream<'_>) -> Result<At<Wire>, Fault> {
    let known = [
        ("EventBatch", Wire::EventBatch { strict: false }),
        ("Beacon", Wire::Beacon),
        ("Report", Wire::Report),
        ("Otlp", Wire::Otlp),
    ];
    let word = super::word(input, &known)?;
    let mut wire = choose(&word, "wire format", &known).map_err(Fault::Own)?;
    if word == "EventBatch" && input.peek(token::Brace) {
        let content = group::braced(input)?;
        let key: Ident = content.parse()?;
        content.parse::<Token![:]>()?;
        let strict: LitBool = content.parse()?;
        let _: Option<Token![,]> = content.parse()?;
        if key != "strict" || !content.is_empty() {
            return Err(syn::Error::new(key.span(), "expected `strict`").into());
        }
        wire.value = Wire::EventBatch { strict: strict.value };
    }
    Ok(wire)
}

#[cfg(test)]
mod tests {
    use telemetry_schema::Wire as Schema;

    use super::*;

    /// A format that the schema knows and the macros do not would not compile here; the other way round, no `sdk!` would.
    fn of(wire: Schema) -> Wire {
        match wire {
            Schema::EventBatch { strict } => Wire::EventBatch { strict },
            Schema::Beacon => Wire::Beacon,
            Schema::Report => Wire::Report,
            Schema::Otlp => Wire::Otlp,
        }
    }

    #[test]
    fn no_field_is_called_as_an_attribute_beside_the_payload() {
        let beside = OTLP.iter().skip_while(|(name, _)| *name != "attributes").skip(1);
        assert!(beside.clone().count() > 4);
        for (name, _) in beside {
            assert!(is_reserved(name), "{name}");
        }
        assert!(is_reserved("event.name"), "collectors may take it for the name of the event");
        assert!(!is_reserved("telemetry") && !is_reserved("event.names") && !is_reserved("rate"));
    }

    #[test]
    fn the_rows_say_what_those_of_the_schema_say() {
        assert_eq!(OTLP_INSTANCE, telemetry_schema::otlp::INSTANCE);
        assert_eq!(OTLP_INSTALLATION, telemetry_schema::otlp::INSTALLATION);
        assert_eq!(INSTALLATION.0, telemetry_schema::Identity::KEY);
        for wire in Schema::ALL {
            let (row, format, words) = (of(wire).row(), wire.format(), wire.words());
            assert_eq!(row.json, serde_json::to_string(&wire).unwrap());
            assert_eq!(format!("{:?}", of(wire)), words.spelling);
            assert_eq!(row.digest_word, words.digest_word);
            assert_eq!((row.is_list, row.has_ids), (wire.is_list(), wire.has_ids()));
            assert_eq!(row.envelope.is_empty(), !wire.is_list(), "an envelope names the event");
            let has = |name: &str| row.headers.iter().any(|(header, _)| *header == name);
            assert_eq!(has("content-type"), format.content_type.is_some(), "{wire:?}");
            assert_eq!(has("telemetry-day"), !wire.has_ids(), "{wire:?}");
            let instance: Vec<_> = row.envelope.iter().filter(|(key, _)| is_instance_key(key)).collect();
            assert_eq!(instance.len(), usize::from(wire.is_list()), "{wire:?}");
            let installation = row.envelope.iter().filter(|(key, _)| is_installation_key(key));
            assert_eq!(installation.count(), usize::from(wire.has_ids()), "{wire:?}");
        }
    }
}
