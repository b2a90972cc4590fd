//! `schema.sql`, made ready for one server or a cluster.

use crate::config::Clickhouse;

const FILE: &str = include_str!("schema.sql");

/// What stands behind the tables that are there in any case.
const ONE_SERVER_ONLY: &str = "-- one server only";

/// What stands between those of one server and those of a cluster.
const CLUSTER_ONLY: &str = "-- cluster only";

/// The statements that make what is missing, in their order.
pub(super) fn statements(settings: &Clickhouse, counts_days: u32) -> Vec<String> {
    let (each, others) = FILE.split_once(ONE_SERVER_ONLY).unwrap_or((FILE, ""));
    let (of_one, over_all) = others.split_once(CLUSTER_ONLY).unwrap_or((others, ""));
    let text = [each, if settings.cluster.is_some() { over_all } else { of_one }].concat();
    let (codec, lifetime) = if settings.leaves_no_bytes {
        let at_once = "cleanup_delay_period = 1, max_cleanup_delay_period = 1, cleanup_delay_period_random_add = 0";
        ("NONE", format!("old_parts_lifetime = 1, {at_once}"))
    } else {
        ("ZSTD(1)", "old_parts_lifetime = 60".to_owned())
    };
    let on_cluster = on_cluster(settings);
    let is_cluster = settings.cluster.is_some();
    let cluster = settings.cluster.as_deref().unwrap_or_default();
    let words = [
        ("{local}", if is_cluster { "_local" } else { "" }),
        ("{on_cluster}", &on_cluster),
        ("{cluster}", cluster),
        ("{replicated}", if is_cluster { "Replicated" } else { "" }),
        ("{counts_days}", &counts_days.to_string()),
        ("{codec}", codec),
        ("{lifetime}", &lifetime),
    ];
    let text = words.iter().fold(text, |text, (word, value)| text.replace(word, value));
    let text = TABLES.iter().fold(text, |text, table| {
        let place = format!("'/clickhouse/tables/{{shard}}/{{database}}/telemetry_{table}', '{{replica}}'");
        let (alone, before) =
            if is_cluster { (format!("({place})"), format!("{place}, ")) } else { Default::default() };
        text.replace(&format!("{{replica:{table}}}"), &alone).replace(&format!("{{replica_of:{table}}}"), &before)
    });
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("--")).collect();
    let statements = lines.join("\n");
    statements
        .split(";\n")
        .map(|one| one.trim().trim_end_matches(';').to_owned())
        .filter(|one| !one.is_empty())
        .collect()
}

/// The tables that are there in any case.
pub(super) const TABLES: [&str; 7] = ["events", "counts", "value_counts", "closed", "outcomes", "deleted", "erasures"];

/// Those of one server only.
#[cfg(test)]
pub(super) const OF_ONE_SERVER: [&str; 3] = ["day_counts", "day_values", "counted"];

/// The tables that changes of rows are made on, with where: on all servers of a cluster.
pub(super) fn stored(settings: &Clickhouse, table: &str) -> String {
    match settings.cluster {
        Some(_) => format!("{table}_local {}", on_cluster(settings)),
        None => table.to_owned(),
    }
}

fn on_cluster(settings: &Clickhouse) -> String {
    settings.cluster.as_ref().map(|name| format!("ON CLUSTER '{name}'")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_the_words_that_stand_for_something() {
        let one = Clickhouse::default();
        let cluster = Clickhouse { cluster: Some("main".to_owned()), ..Clickhouse::default() };
        assert_eq!(statements(&one, 9).len(), TABLES.len() + OF_ONE_SERVER.len());
        assert_eq!(statements(&cluster, 9).len(), 2 * TABLES.len());
        for statement in statements(&one, 9) {
            assert!(!statement.contains('{') && !statement.contains("cluster"), "{statement}");
        }
        for statement in statements(&cluster, 9) {
            assert!(statement.contains("ON CLUSTER 'main'"), "{statement}");
            // What is left is read by the servers.
            let plain = ["{shard}", "{database}", "{replica}"]
                .iter()
                .fold(statement.clone(), |text, word| text.replace(word, ""));
            assert!(!plain.contains('{'), "{statement}");
        }
        assert_eq!(stored(&one, "events"), "events");
        assert_eq!(stored(&cluster, "events"), "events_local ON CLUSTER 'main'");
    }
}
