//! The page that explains all rules.

use std::fmt::Write as _;

use crate::diff::rules;

/// What stands above the rules.
const HEAD: &str = "\
# Rules of `cargo telemetry diff`

<!-- Generated from cargo-telemetry/src/diff/rules/. After a change: BLESS=1 cargo test -p cargo-telemetry-tests --test diff -->

`cargo telemetry diff OLD NEW` compares two programs, lock files or manifests, in any combination. Each difference is a
finding: a rule, the event or SDK, the field, what it was and what it is now.

A field inside of another is named as in the payload: `theme.colors[].name` is the key `name` of each entry in the list
`colors` of the object `theme`. What a variant holds stands behind the variant's name.

Not compared, because they change with every release: versions of crates, the line of a declaration. A program that was
built without telemetry, or that lost its records, has nothing to compare: that is exit code 2 and not an empty list.

## Severity

| severity | means |
| --- | --- |
| `wider` | more can be sent, to more or other receivers, or there are fewer ways to stop it |
| `breaking` | a receiver that knew the old set misreads the new one or misses something |
| `narrower` | less can be sent, or there are more ways to stop it |
| `note` | none of these: words, owners, order |

A rule has one severity. Where several would hold, the one further up in the table counts, because users come before
receivers: a field that changes its type is `wider`, although receivers misread it too. One change may be several findings:
a new field with free text is `field-added` and `free-text-added`.

## Exit codes

| code | means |
| --- | --- |
| 0 | no difference, or none as severe as `--fail-on` says |
| 1 | a difference |
| 2 | it cannot be told: one of the two holds no records, or records that cannot be read |
| 64 and above | misuse, as for all commands |

By default every difference counts, as for `diff`. `--fail-on wider` lets pass what sends no more than before;
`--fail-on breaking` counts `wider` and `breaking`.

## What a user agreed to

Words that say what data is, what it is for and how personal it is are `wider` whenever they change. Nobody can prove that new words mean
less. Two things can be proved, and they are told apart: that only spaces changed (`words-respaced`), and that a field has become
less personal by its type (`sensitivity-lowered`).

The digests of [event-record.md](event-record.md#what-a-user-agrees-to) say when a user has to be told again. If they differ,
there is a finding that is no note, with one exception: the order of variants, of packages and of the fields of a struct is part
of a digest and only a note here (`order-changed`). If they are equal, findings are notes, apart from these, which are no part
of a digest because nothing else is sent: `event-kind-changed`, the words (`event-doc-changed`, `purpose-changed`,
`field-doc-changed`, `reason-changed`, `request-doc-changed`), the category of a field (`sensitivity-raised`,
`sensitivity-relabelled`, `sensitivity-lowered`), the expiry of an event, the crate that declares the SDK, what any server sees, what happens at the
end of a program, `active-added`, `active-removed`, `health-added` and `health-removed` (their events are compared as well),
everything under [Switches](#switches), and everything under [Declarations](#declarations) but `operator-changed`.

## As JSON

`--format json` prints one document:

| key | value |
| --- | --- |
| `format_version` | 1; raised when a reader of the old version would misread the new one |
| `counts` | how many findings of each severity |
| `findings` | a list, the most severe first |

A finding has `rule`, `severity`, either `sdk` (a name) or `event` (a key), `summary`, `reason` and `advice`; and where they
exist `field`, `old`, `new`, and `at`, the `file:line` of the declaration.
";

/// The page, `docs/diff-rules.md`.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for group in rules::groups() {
        // Writing into a string cannot fail.
        let _ = write!(page, "\n## {}\n\n{}\n\n| rule | severity | |\n| --- | --- | --- |\n", group.title, group.about);
        for rule in &group.rules {
            let (id, severity, summary) = (rule.id, rule.severity.word(), &rule.summary);
            let _ = writeln!(page, "| `{id}` | {severity} | **{summary}.** {} {} |", rule.reason, rule.advice);
        }
    }
    page
}
