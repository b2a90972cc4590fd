//! The routes of the page. Each answers only to a token, and for its SDKs alone; what others have is not there.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use tokio::sync::Semaphore;

use super::{
    access::{Access, Right, is_of_a_program, is_opened_here},
    add::{self, ADD_PATH},
    data::{Asked, Range},
    definition::Definitions,
    events,
    figure::{self, Figure},
    frame, health,
    live::{self, WATCH_PATH},
    losses,
    running::Page,
    sections,
};
use crate::{
    answers::{Grain, Question, Table},
    store::{self, Read, StoreError},
};

/// Answers that are read from the store at one time; others wait. Reading keeps no client waiting, but it takes the processor.
const READERS: usize = 2;

struct Shared {
    page: Page,
    readers: Semaphore,
}

/// The routes of the page.
pub fn router(page: Page) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/health.{ending}", get(health_data))
        .route(ADD_PATH, post(add_sdks))
        .route(WATCH_PATH, get(watch))
        .route("/sdk/{sdk}", get(sdk_page))
        .route("/sdk/{sdk}/{file}", get(sdk_data))
        .with_state(Arc::new(Shared { page, readers: Semaphore::new(READERS) }))
}

/// Why a route has no answer.
pub(super) enum Refusal {
    /// There is no token, or one that nobody has.
    NoToken,
    /// The token may do other things.
    NoRight,
    /// There is no such page, or none for this token.
    NotThere,
    /// The address asks for something that cannot be.
    Wrong(String),
    /// The store cannot be read now.
    Unreadable,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::NoToken => {
                let text = "This page asks for a token, as password";
                let mut response = frame::message(StatusCode::UNAUTHORIZED, text);
                let ask = HeaderValue::from_static("Basic realm=\"telemetry-collector\", charset=\"UTF-8\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
                response
            }
            Self::NoRight => frame::message(StatusCode::FORBIDDEN, "This token may not do that"),
            Self::NotThere => frame::message(StatusCode::NOT_FOUND, "There is no such page"),
            Self::Wrong(why) => frame::message(StatusCode::BAD_REQUEST, &why),
            Self::Unreadable => frame::message(StatusCode::SERVICE_UNAVAILABLE, "The store cannot be read now"),
        }
    }
}

/// What the token of a request gives, if it gives this right.
fn allowed<'a>(shared: &'a Shared, headers: &HeaderMap, right: Right) -> Result<&'a Access, Refusal> {
    let access = Access::of(&shared.page.access, headers).ok_or(Refusal::NoToken)?;
    if access.may(right) { Ok(access) } else { Err(Refusal::NoRight) }
}

/// Reads the store beside the thread that writes.
async fn read<T: Send + 'static>(
    shared: &Arc<Shared>,
    ask: impl FnOnce(&Page, &mut dyn Read) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    let _seat = shared.readers.acquire().await.map_err(|_| Refusal::Unreadable)?;
    let of = Arc::clone(shared);
    let answer = move || {
        let mut reader = store::reader(&of.page.config)?;
        ask(&of.page, &mut *reader)
    };
    match tokio::task::spawn_blocking(answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) | Err(_) => Err(Refusal::Unreadable),
    }
}

/// All SDKs that there are, by name: those on the list and those of which something is kept.
fn names(page: &Page, reader: &mut dyn Read) -> Result<BTreeSet<String>, StoreError> {
    let registry = page.ingest.registry();
    let known = registry.sdks().map(|sdk| sdk.name.to_string());
    Ok(known.chain(reader.sdks()?).collect())
}

async fn index(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, Refusal> {
    let access = allowed(&shared, &headers, Right::Read)?;
    let names = read(&shared, names).await?;
    let names: Vec<_> = names.into_iter().filter(|name| access.sees(name)).collect();
    let main = html! {
        h1 { "SDKs" }
        @if names.is_empty() {
            p { "No SDK may send yet; " code { "telemetry-collector sdk add FILE" } " adds one." }
        } @else {
            ul { @for name in &names { li { a href=(format!("/sdk/{name}")) { (name) } } } }
        }
        @if is_operator(access) { p { a href=(WATCH_PATH) { "What comes in, as it comes" } } }
        @if access.sees_all() { (health_section(&shared.page)) }
    };
    Ok(frame::answer(StatusCode::OK, &frame::document("SDKs", &[], &main, frame::NOW)))
}

async fn sdk_page(
    State(shared): State<Arc<Shared>>,
    Path(sdk): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let access = allowed(&shared, &headers, Right::Read)?;
    let asked = asked(&shared, access, sdk, &uri)?;
    let sees_all = access.sees_all();
    let main = read(&shared, move |page, reader| {
        if !names(page, reader)?.contains(&asked.sdk) {
            return Ok(None);
        }
        let health = if sees_all {
            health_section(page)
        } else {
            html! {}
        };
        main(page, reader, &asked, &health).map(|main| Some((asked.sdk, main)))
    });
    let (sdk, main) = main.await?.ok_or(Refusal::NotThere)?;
    let sections = if sees_all { &SECTIONS[..] } else { SECTIONS.split_last().map_or(&[][..], |(_, rest)| rest) };
    Ok(frame::answer(StatusCode::OK, &frame::document(&sdk, sections, &main, frame::NOW)))
}

async fn sdk_data(
    State(shared): State<Arc<Shared>>,
    Path((sdk, file)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let access = allowed(&shared, &headers, Right::Read)?;
    let asked = asked(&shared, access, sdk, &uri)?;
    let (word, ending) = file.split_once('.').ok_or(Refusal::NotThere)?;
    let question = Question::ALL.into_iter().find(|question| question.word() == word).ok_or(Refusal::NotThere)?;
    let table = read(&shared, move |page, reader| {
        if !names(page, reader)?.contains(&asked.sdk) {
            return Ok(None);
        }
        question.ask(reader, &asked.scope(asked.range.by), &known(page, &asked.sdk)).map(Some)
    });
    data(&table.await?.ok_or(Refusal::NotThere)?, ending)
}

async fn health_data(
    State(shared): State<Arc<Shared>>,
    Path(ending): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let access = allowed(&shared, &headers, Right::Read)?;
    if access.sees_all() { data(&health::table(&shared.page), &ending) } else { Err(Refusal::NotThere) }
}

/// Events as they come: for the operator alone, since rows say less of when something happened. Places are few, and a browser sends
/// its password also for pages of others, so it has to be a page that somebody has opened here.
async fn watch(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, Refusal> {
    let access = allowed(&shared, &headers, Right::Read)?;
    if !is_operator(access) {
        Err(Refusal::NoRight)
    } else if is_of_a_program(&headers) {
        Ok(live::lines(&shared.page))
    } else if is_opened_here(&headers) {
        Ok(live::document(&shared.page))
    } else {
        Err(Refusal::NoRight)
    }
}

fn is_operator(access: &Access) -> bool {
    access.sees_all() && access.may(Right::Add)
}

/// `sdk add` of another machine: the manifest is the body, the options are the query.
async fn add_sdks(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let access = allowed(&shared, &head.headers, Right::Add).cloned();
    match access {
        Ok(access) if is_of_a_program(&head.headers) => add::answer(&shared.page, access, &head.uri, body).await,
        Ok(_) => Refusal::NoRight.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn asked(shared: &Shared, access: &Access, sdk: String, uri: &Uri) -> Result<Asked, Refusal> {
    if !access.sees(&sdk) {
        return Err(Refusal::NotThere);
    }
    let today = shared.page.clock.today();
    let range = Range::of(uri, today).map_err(Refusal::Wrong)?;
    Ok(Asked { sdk, range, today, late_days: shared.page.config.days.oldest })
}

/// The same numbers for programs.
pub(super) fn data(table: &Table, ending: &str) -> Result<Response, Refusal> {
    let (kind, text) = match ending {
        "csv" => ("text/csv; charset=utf-8", table.to_csv()),
        "json" => ("application/json", table.to_json()),
        _ => return Err(Refusal::NotThere),
    };
    let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
    frame::protect(&mut response);
    Ok(response)
}

fn known(page: &Page, sdk: &str) -> BTreeSet<String> {
    let registry = page.ingest.registry();
    registry.sdk(sdk).map(|sdk| sdk.versions.keys().cloned().collect()).unwrap_or_default()
}

/// Sections of the page of an SDK, in the order in which an operator asks.
const SECTIONS: [(&str, &str); 6] = [
    ("active", "Active installations"),
    ("events", "Components, commands, methods"),
    ("versions", "Versions"),
    ("fields", "Values of fields"),
    ("losses", "Losses and refusals"),
    ("health", "Health"),
];

fn main(page: &Page, reader: &mut dyn Read, asked: &Asked, health: &Markup) -> Result<Markup, StoreError> {
    let registry = page.ingest.registry();
    let sdk = registry.sdk(&asked.sdk);
    let definitions = Definitions::of(sdk);
    let figures: [Vec<Figure>; 5] = [
        sections::active(reader, asked, &definitions)?,
        events::figures(reader, asked, &definitions)?,
        vec![sections::versions(reader, asked, &known(page, &asked.sdk))?],
        events::fields(reader, asked, &definitions)?,
        losses::figures(reader, asked)?,
    ];
    Ok(html! {
        h1 { (asked.sdk) }
        @if sdk.is_some_and(|sdk| sdk.is_retired) { p .warning { "It is retired: its clients are answered 410." } }
        @if sdk.is_none() { p .warning { "It is not on the list of SDKs: nothing of it is taken any more." } }
        form method="get" action=(format!("/sdk/{}", asked.sdk)) {
            label { "Per" select name="by" {
                @for by in Grain::ALL { option value=(by.word()) selected[by == asked.range.by] { (by.word()) } }
            } }
            label { "From" input type="date" name="from" value=(asked.range.from.to_string()); }
            label { "To" input type="date" name="to" value=(asked.range.to.to_string()); }
            button type="submit" { "Show" }
        }
        @for ((id, name), figures) in SECTIONS.iter().zip(&figures) {
            section aria-labelledby=(format!("{id}-heading")) {
                h2 #(*id) { span #(format!("{id}-heading")) { (name) } }
                @if figures.is_empty() { p .none { "There is nothing in these days." } }
                @for figure in figures { (figure) }
            }
        }
        (health)
    })
}

fn health_section(page: &Page) -> Markup {
    html! {
        section aria-labelledby="health-heading" {
            h2 #health { span #health-heading { "Health" } }
            p { "Of this collector, since it was started." }
            (figure::numbers("Health", &health::table(page), &[]))
            p .source { a href="/health.csv" { "CSV" span .unseen { ": Health" } } " " a href="/health.json" { "JSON" span .unseen { ": Health" } } }
        }
    }
}
