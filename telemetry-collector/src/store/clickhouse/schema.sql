-- The tables of the collectors in ClickHouse. Each statement ends with a semicolon at the end of a line; the collector runs those that are missing.
--
-- {local}, {on_cluster}, {replicated} and {replica…} stand for nothing on one server. With `clickhouse.cluster` a table of the same name with `_local` is on every
-- server of the cluster, as Replicated…MergeTree, and the part behind "cluster only" lays a Distributed table over it; the part behind "one server only" is
-- left out. {counts_days} is
-- retention.counts_days, {codec} how columns are packed, {lifetime} when bytes of deleted rows leave the disk: by the engine's own default after eight minutes.

-- One row for each event, from whichever collector and how often it came.
--   ReplacingMergeTree, ORDER BY: an event that comes twice has twice the same key, and FINAL answers one row. The key ends in the id: a hash of the event's id, or of
--     the batch's key and the place in it. What stands before it is what answers ask for: an SDK, days, an event.
--   PARTITION BY day, the event's own and never that of arrival: a repeat lands beside the first one, FINAL looks at one day at a time, and what is over its
--     days goes as a partition, in no time and with all of its bytes.
--   No TTL: a day becomes counts before its rows go, and only a collector knows when that has happened.
--   fsync: a collector deletes what the engine has taken, so it must be on disk by then.
--   The index is for deleting what came with the id of an installation, which is rare in a day.
CREATE TABLE IF NOT EXISTS events{local} {on_cluster} (
    sdk LowCardinality(String),
    day Date32,
    event LowCardinality(String),
    discriminant LowCardinality(String),
    id FixedString(16),
    version LowCardinality(String),
    wrapper LowCardinality(String),
    wrapper_version LowCardinality(String),
    instance String,
    installation FixedString(16),
    rate UInt32,
    actor LowCardinality(String),
    ephemeral LowCardinality(String),
    payload String,
    facets Array(Tuple(path LowCardinality(String), value String, sum Int64)),
    kept Bool,
    INDEX by_installation installation TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {replicated}ReplacingMergeTree{replica:events}
PARTITION BY day
ORDER BY (sdk, day, event, discriminant, id)
SETTINGS default_compression_codec = '{codec}', fsync_after_insert = 1, fsync_part_directory = 1, {lifetime};

-- Counts of days whose rows are gone. Whichever collector closes a day inserts the same rows; of two with one key the larger n stays, so one that saw only a
-- part of the day, because another was faster, changes nothing.
--   PARTITION BY month: some dozens over the years.
CREATE TABLE IF NOT EXISTS counts{local} {on_cluster} (
    sdk LowCardinality(String),
    day Date32,
    event LowCardinality(String),
    discriminant LowCardinality(String),
    version LowCardinality(String),
    rate UInt32,
    actor LowCardinality(String),
    ephemeral LowCardinality(String),
    n UInt64
) ENGINE = {replicated}ReplacingMergeTree({replica_of:counts}n)
PARTITION BY toYYYYMM(day)
ORDER BY (sdk, day, event, discriminant, version, rate, actor, ephemeral)
TTL day + INTERVAL {counts_days} DAY
SETTINGS default_compression_codec = '{codec}', {lifetime};

-- The same for values of fields.
CREATE TABLE IF NOT EXISTS value_counts{local} {on_cluster} (
    sdk LowCardinality(String),
    day Date32,
    event LowCardinality(String),
    discriminant LowCardinality(String),
    path LowCardinality(String),
    value String,
    version LowCardinality(String),
    rate UInt32,
    n UInt64,
    sum Int64
) ENGINE = {replicated}ReplacingMergeTree({replica_of:value_counts}n)
PARTITION BY toYYYYMM(day)
ORDER BY (sdk, day, event, discriminant, path, value, version, rate)
TTL day + INTERVAL {counts_days} DAY
SETTINGS default_compression_codec = '{codec}', {lifetime};

-- Days that count by `counts` and `value_counts`, and no more by `events`.
CREATE TABLE IF NOT EXISTS closed{local} {on_cluster} (
    day Date32
) ENGINE = {replicated}ReplacingMergeTree{replica:closed}
ORDER BY day
TTL day + INTERVAL {counts_days} DAY;

-- How what arrived has ended, by the day of arrival: the totals of each collector, which only grow. So the largest is the last, however often and in
-- whichever order they come, and the sum over collectors is the answer.
CREATE TABLE IF NOT EXISTS outcomes{local} {on_cluster} (
    sdk LowCardinality(String),
    day Date32,
    word LowCardinality(String),
    collector FixedString(16),
    n UInt64
) ENGINE = {replicated}ReplacingMergeTree({replica_of:outcomes}n)
PARTITION BY toYYYYMM(day)
ORDER BY (sdk, day, word, collector)
TTL day + INTERVAL {counts_days} DAY
SETTINGS {lifetime};

-- Hashes of ids whose installations have asked for deletion. No answer has rows of them, also where a collector inserts some that it had taken before.
--   No TTL: rows that lie there go first, which a collector sees to.
CREATE TABLE IF NOT EXISTS deleted{local} {on_cluster} (
    sdk LowCardinality(String),
    installation FixedString(16),
    day Date32
) ENGINE = {replicated}ReplacingMergeTree({replica_of:deleted}day)
ORDER BY (sdk, installation);

-- What operators have erased, as hashes of names, for collectors whose outbox still holds some of it. Each takes it out of its outbox once, and then out of the
-- tables once more.
--   TTL: longer than a collector is expected to be without the engine.
CREATE TABLE IF NOT EXISTS erasures{local} {on_cluster} (
    id FixedString(16),
    at DateTime DEFAULT now(),
    sdk String,
    before String,
    instance String
) ENGINE = {replicated}ReplacingMergeTree{replica:erasures}
ORDER BY id
TTL at + INTERVAL 90 DAY;

-- one server only

-- What was counted of days that have rows, so that answers need not look at them. `counted` says in which state a day was then; answers take what holds. Whoever
-- counts draws a number, `run`, and says it in `counted` last: what broke off is in no answer, and what two have counted is taken from one.
--   ORDER BY: an answer asks for an SDK and runs. Nothing comes twice under one run.
--   PARTITION BY, TTL: what is older than a day goes as a whole. Answers use what is of the last twelve hours.
--   fsync: counts must not be there without what they count.
CREATE TABLE IF NOT EXISTS day_counts (
    sdk LowCardinality(String),
    day Date32,
    event LowCardinality(String),
    discriminant LowCardinality(String),
    version LowCardinality(String),
    rate UInt32,
    actor LowCardinality(String),
    n UInt64,
    run UInt64,
    at DateTime DEFAULT now()
) ENGINE = MergeTree
PARTITION BY toDate(at)
ORDER BY (sdk, run, event, discriminant)
TTL at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1, default_compression_codec = '{codec}', fsync_after_insert = 1, fsync_part_directory = 1, {lifetime};

-- The same for values of fields.
CREATE TABLE IF NOT EXISTS day_values (
    sdk LowCardinality(String),
    day Date32,
    event LowCardinality(String),
    discriminant LowCardinality(String),
    path LowCardinality(String),
    value String,
    version LowCardinality(String),
    rate UInt32,
    n UInt64,
    sum Int64,
    run UInt64,
    at DateTime DEFAULT now()
) ENGINE = MergeTree
PARTITION BY toDate(at)
ORDER BY (sdk, run, event, discriminant, path, value)
TTL at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1, default_compression_codec = '{codec}', fsync_after_insert = 1, fsync_part_directory = 1, {lifetime};

CREATE TABLE IF NOT EXISTS counted (
    day Date32,
    state UInt64,
    run UInt64,
    at DateTime DEFAULT now()
) ENGINE = MergeTree
PARTITION BY toDate(at)
ORDER BY (day, state)
TTL at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1, {lifetime};

-- cluster only

-- A repeat has to reach the server that has the first one: rows are told apart by fields of the event alone. The small tables need no more than one key each.
CREATE TABLE IF NOT EXISTS events {on_cluster} AS events_local ENGINE = Distributed('{cluster}', currentDatabase(), events_local, cityHash64(sdk, day, id));
CREATE TABLE IF NOT EXISTS counts {on_cluster} AS counts_local ENGINE = Distributed('{cluster}', currentDatabase(), counts_local, cityHash64(sdk, day, event, version));
CREATE TABLE IF NOT EXISTS value_counts {on_cluster} AS value_counts_local ENGINE = Distributed('{cluster}', currentDatabase(), value_counts_local, cityHash64(sdk, day, event, version));
CREATE TABLE IF NOT EXISTS closed {on_cluster} AS closed_local ENGINE = Distributed('{cluster}', currentDatabase(), closed_local, toInt32(day));
CREATE TABLE IF NOT EXISTS outcomes {on_cluster} AS outcomes_local ENGINE = Distributed('{cluster}', currentDatabase(), outcomes_local, cityHash64(sdk, day));
CREATE TABLE IF NOT EXISTS deleted {on_cluster} AS deleted_local ENGINE = Distributed('{cluster}', currentDatabase(), deleted_local, cityHash64(installation));
CREATE TABLE IF NOT EXISTS erasures {on_cluster} AS erasures_local ENGINE = Distributed('{cluster}', currentDatabase(), erasures_local, cityHash64(id));
