//! No character that nobody can see, and no command of a runner, in any output of any command.

use proptest::{collection::vec, prelude::*, sample::select, strategy::ValueTree as _, test_runner::TestRunner};
use telemetry_schema::{FieldType, Manifest};

use crate::{
    kit::run,
    manifests::{self, event, field},
};

/// Written down apart from what the tool takes for hidden: C0, DEL, C1, marks and overrides of direction, isolates, separators,
/// fillers, tags.
const EVIL: [&str; 24] = [
    "\u{0}",
    "\u{7}",
    "\u{8}",
    "\u{1b}[2J",
    "\u{1b}]0;x\u{7}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{90}",
    "\u{9b}31m",
    "\u{9f}",
    "\u{61c}",
    "\u{200b}",
    "\u{200e}",
    "\u{200f}",
    "\u{202a}",
    "\u{202e}",
    "\u{2028}",
    "\u{2029}",
    "\u{2066}",
    "\u{2069}",
    "\u{feff}",
    "\u{3164}",
    "\u{e0041}",
];

const COMMANDS: [&str; 6] =
    ["\n::error::x", " ::set-output name=a::b", "##[add-mask]x", "\r\n::warning ::y", "::", "%0A::z"];

fn evil() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(EVIL.to_vec()).prop_map(str::to_owned),
        2 => select(COMMANDS.to_vec()).prop_map(str::to_owned),
        3 => "[a-z `|<]{1,6}",
    ];
    vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

fn is_seen(c: char) -> bool {
    let code = u32::from(c);
    c == '\n'
        || !(code < 0x20
            || (0x7f..=0x9f).contains(&code)
            || [0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x3164, 0xfeff].contains(&code)
            || (0x2028..=0x202e).contains(&code)
            || (0x2061..=0x2069).contains(&code)
            || (0xe0000..=0xe007f).contains(&code))
}

#[test]
fn a10_no_hidden_character_and_no_command_in_any_output() {
    let mut runner = TestRunner::deterministic();
    let texts = vec(evil(), 40);
    for round in 0..12 {
        let texts = texts.new_tree(&mut runner).unwrap().current();
        let mut texts = texts.into_iter().cycle();
        let mut text = || texts.next().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let manifest = |text: &mut dyn FnMut() -> String| {
            let mut sdk = manifests::sdk();
            for key in [
                &mut sdk.sdk,
                &mut sdk.crate_name,
                &mut sdk.repository,
                &mut sdk.env,
                &mut sdk.endpoint,
                &mut sdk.docs,
                &mut sdk.operator,
                &mut sdk.contact,
                &mut sdk.region,
                &mut sdk.retention,
                &mut sdk.shared_with,
                &mut sdk.runtime,
                &mut sdk.at,
            ] {
                *key = text();
            }
            sdk.env_aliases = vec![text()];
            sdk.command = Some(text());
            sdk.envelope = vec![(text(), text())];
            sdk.headers = vec![(text(), text())];
            sdk.server_sees = vec![text()];
            let mut one = event(
                &text(),
                vec![
                    field(&text(), FieldType::Enum(vec![text(), text()])),
                    field(&text(), FieldType::Text { max_len: 9 }),
                ],
            );
            one.sdk = sdk.sdk.clone();
            (one.doc, one.at, one.discriminant) = (text(), text(), Some(text()));
            (one.owner, one.purpose, one.reviewed) = (Some(text()), Some(text()), Some(text()));
            (one.since, one.expires) = (Some(text()), Some(text()));
            one.fields.iter_mut().for_each(|field| (field.doc, field.reason) = (text(), Some(text())));
            Manifest::new(vec![sdk], vec![one])
        };
        let (old, new) = (manifest(&mut text), manifest(&mut text));
        std::fs::write(folder.path().join("old.json"), old.to_json()).unwrap();
        std::fs::write(folder.path().join("new.json"), new.to_json()).unwrap();
        std::fs::write(
            folder.path().join("telemetry-check.toml"),
            "[require]\nmax_expiry_days = 3\n[deny]\nfree_text = true\n",
        )
        .unwrap();
        assert_eq!(run(folder.path(), &["lock", "old.json"]).code, 0);
        let name = new.events[0].event.clone();
        let mut commands: Vec<Vec<&str>> = vec![
            vec!["docs", "new.json"],
            vec!["docs", "new.json", "--format", "html"],
            vec!["docs", "new.json", "--notice"],
            vec!["schema", "new.json"],
            vec!["lock", "new.json", "--output", "other.lock"],
            vec!["list", "telemetry.lock"],
            vec!["docs", "new.json", "--sdk", "none"],
            vec!["absent", "new.json"],
            vec!["absent", "new.json", "--format", "json"],
        ];
        for format in ["text", "json", "markdown"] {
            commands.push(vec!["list", "new.json", "--format", format]);
            commands.push(vec!["diff", "old.json", "new.json", "--format", format]);
            if !name.contains('\0') {
                commands.push(vec!["show", &name, "new.json", "--format", format]);
            }
        }
        for format in ["text", "json", "markdown", "github", "sarif"] {
            commands.push(vec!["check", "new.json", "--format", format]);
        }
        for arguments in commands {
            // A name that begins with a hyphen is an option.
            let ended = run(folder.path(), &arguments);
            for (stream, text) in [("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
                let hidden: Vec<_> = text.chars().filter(|c| !is_seen(*c)).collect();
                assert!(hidden.is_empty(), "{round} {arguments:?} {stream}: {hidden:?}");
                let github = arguments.contains(&"github");
                let is_command = |line: &&str| line.contains("##[") || (line.trim_start().starts_with("::") && !github);
                assert_eq!(text.lines().find(is_command), None, "{round} {arguments:?} {stream}");
            }
            let commands = ended.stdout.lines().filter(|line| line.starts_with("::")).count();
            if arguments.contains(&"github") {
                let json = run(folder.path(), &["check", "new.json", "--format", "json"]).stdout;
                let json: serde_json::Value = serde_json::from_str(&json).unwrap();
                assert_eq!(commands, json["findings"].as_array().unwrap().len(), "{round}: one command per finding");
            }
        }
        let lock = std::fs::read_to_string(folder.path().join("other.lock")).unwrap();
        assert!(lock.chars().all(is_seen), "{round}: {lock:?}");
    }
}
