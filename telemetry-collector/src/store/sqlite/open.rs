//! Opening: pragmas, the check for damage, setting a damaged file aside.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{FILE_NAME, Sqlite, from_sqlite, names::Names, schema};
use crate::store::StoreError;

/// How long a start looks for damage. Files of some 100 MiB are looked at as a whole in it; of larger ones `check` does.
const CHECK_TIME: Duration = Duration::from_millis(1500);

/// How long one who writes waits for another process that does.
pub(super) const BUSY: Duration = Duration::from_secs(2);

/// An open store, and what became of a damaged one.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Sqlite,
    /// Where the damaged file lies now, and what was wrong with it.
    pub set_aside: Option<(PathBuf, String)>,
}

pub(super) fn open(data: &Path) -> Result<Opened, StoreError> {
    let path = data.join(FILE_NAME);
    match open_sound(&path) {
        Ok(store) => Ok(Opened { store, set_aside: None }),
        Err(StoreError::Damaged(why)) => {
            let aside = set_aside(&path).map_err(|error| StoreError::Unavailable(error.to_string()))?;
            Ok(Opened { store: open_sound(&path)?, set_aside: Some((aside, why)) })
        }
        Err(error) => Err(error),
    }
}

pub(super) fn open_existing(data: &Path) -> Result<Sqlite, StoreError> {
    let path = data.join(FILE_NAME);
    if !path.is_file() {
        return Err(StoreError::Unavailable(format!("there is no {}", path.display())));
    }
    open_sound(&path)
}

fn open_sound(path: &Path) -> Result<Sqlite, StoreError> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(from_sqlite)?;
    connection.busy_timeout(BUSY).map_err(from_sqlite)?;
    let known = i64::try_from(schema::STEPS.len()).unwrap_or(i64::MAX);
    let found = schema::version(&connection).map_err(from_sqlite)?;
    if found > known {
        return Err(StoreError::Later { found, known });
    }
    // Before anything is written: what is set aside is to be what was found.
    if found > 0
        && let Some(damage) = quick_check(&mut connection, Some(CHECK_TIME))?
    {
        return Err(StoreError::Damaged(damage));
    }
    prepare(&connection).map_err(from_sqlite)?;
    // A file that has tables of ours says so; one that has others is somebody else's.
    schema::migrate(&mut connection, &schema::STEPS).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::Unknown) => StoreError::Damaged("it has tables that are not those of a collector".to_owned()),
        _ => from_sqlite(error),
    })?;
    Ok(Sqlite {
        connection,
        names: Names::default(),
        ids: Default::default(),
        ids_walk: Default::default(),
        path: path.to_owned(),
    })
}

/// Settings of the connection and, in a new file, of the file.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA auto_vacuum = INCREMENTAL;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA cache_size = -32768;
         PRAGMA wal_autocheckpoint = 4096;
         PRAGMA journal_size_limit = 67108864;",
    )
}

/// The damage that SQLite finds, as one line; `None` if there is none, or the time was over before any was found.
///
/// # Errors
///
/// [`StoreError`] if it cannot be looked for.
pub(super) fn quick_check(connection: &mut Connection, time: Option<Duration>) -> Result<Option<String>, StoreError> {
    let begin = Instant::now();
    if let Some(time) = time {
        connection.progress_handler(10_000, Some(move || begin.elapsed() > time)).map_err(from_sqlite)?;
    }
    let found: rusqlite::Result<String> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    connection.progress_handler(0, None::<fn() -> bool>).map_err(from_sqlite)?;
    match found {
        Ok(text) if text == "ok" => Ok(None),
        Ok(text) => Ok(Some(text.replace('\n', " "))),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(None),
        Err(error) => Err(from_sqlite(error)),
    }
}

/// Gives the file and what belongs to it another name: `collector.sqlite.damaged-1764379200`.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let name = |suffix: &str, end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!("{end}{suffix}"));
        PathBuf::from(name)
    };
    let mark = format!(".damaged-{seconds}");
    for end in ["-wal", "-shm", ""] {
        match fs::rename(name("", end), name(end, &mark)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(name("", &mark))
}
