use super::*;

const SAMPLE: &str = include_str!("../../../docs/samples/collector.toml");

/// Lines that set something.
fn settings() -> impl Iterator<Item = (usize, &'static str)> {
    SAMPLE.lines().enumerate().filter(|(_, line)| line.contains(" = ") && !line.starts_with('#'))
}

#[test]
fn the_sample_names_every_setting_with_its_default() {
    assert_eq!(Config::parse(SAMPLE), Ok(Config::default()), "the sample shows the defaults");
    // A key that is renamed or forgotten in the sample: take each line away, and see that the line was read at all.
    let keys = settings().count();
    // Its seven tables, the list of tokens, and the table of what is public with its two settings: there are none of these. Two settings of
    // ClickHouse without a default, and one that tests alone set.
    let fields = format!("{:?}", Config::default()).matches(": ").count() - 14;
    assert_eq!(keys, fields, "the sample has {keys} settings, the program {fields}");
}

#[test]
fn every_setting_of_the_sample_has_unit_or_reason_above_it() {
    let lines: Vec<&str> = SAMPLE.lines().collect();
    for (number, line) in settings() {
        assert!(lines[number - 1].starts_with('#'), "no words above {line}");
    }
}

#[test]
fn what_the_sample_leaves_out_can_be_read() {
    // What is commented out has no space behind its mark.
    let uncommented =
        SAMPLE.lines().map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
    let config = Config::parse(&uncommented.collect::<Vec<_>>().join("\n")).unwrap();
    assert!(config.public.listen.is_some() && config.public.sdks == ["acme-ui"]);
    let [token] = &config.tokens[..] else { panic!("{:?}", config.tokens) };
    assert!(token.sdks == ["acme-ui"] && token.rights == [Right::Read] && token.digest().is_some());
}

#[test]
fn a_changed_setting_is_read() {
    let config = Config::parse("[limits]\nbatch_events = 7\n").unwrap();
    assert_eq!(config.limits.batch_events, 7);
    assert_eq!(config.rate, Rate::default());
}

#[test]
fn what_cannot_be_is_refused_with_its_name() {
    for (text, named) in [
        ("[limits]\nbatch_event = 7\n", "batch_event"),
        ("[limit]\n", "limit"),
        ("[retention]\nids_days = 15\n", "ids_days"),
        ("[days]\noldest = 16\n", "days.oldest"),
        ("[commit]\nevents = 0\n", "commit.events"),
        ("[rate]\nburst = 0\n", "rate.burst"),
        ("[[tokens]]\nname = \"ui\"\nsha256 = \"12\"\n", "`ui`"),
        ("[[tokens]]\nname = \"ui\"\nsha256 = \"12\"\nright = []\n", "right"),
        ("store = \"duckdb\"\n", "duckdb"),
        ("[clickhouse]\nurl = \"127.0.0.1:8123\"\n", "clickhouse.url"),
        ("[clickhouse]\noutbox_mib = 0\n", "clickhouse.outbox_mib"),
        ("[clickhouse]\nlinger_milliseconds = 0\n", "clickhouse.linger_milliseconds"),
        ("[clickhouse]\ncluster = \"a b\"\n", "clickhouse.cluster"),
        ("store = \"clickhouse\"\n[retention]\nrows_days = 30\n", "retention.rows_days"),
        ("[server]\nlisten = \"nowhere\"\n", "listen"),
    ] {
        let why = Config::parse(text).unwrap_err();
        assert!(why.contains(named), "{text}: {why}");
    }
}
