//! The page for everybody: what is frozen of the SDKs that the operator has named, without a token, at an address of its own.

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use maud::{Markup, html};

use super::{
    figure::Figure,
    frame,
    plot::{self, MOST_LINES, Point, Series},
    routes::{Refusal, data},
};
use crate::published::{Published, Rounded, STEP, Week};

/// What it may show.
#[derive(Debug)]
pub struct Public {
    /// The data folder.
    pub data: PathBuf,
    /// The SDKs that the operator has named.
    pub sdks: Vec<String>,
}

/// The routes of the page for everybody.
pub fn public_router(public: Public) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/sdk/{sdk}", get(page))
        .route("/sdk/{sdk}/{file}", get(numbers))
        .with_state(Arc::new(public))
}

fn published(public: &Public, sdk: &str) -> Result<Published, Refusal> {
    if !public.sdks.iter().any(|one| one == sdk) {
        return Err(Refusal::NotThere);
    }
    Published::read(&public.data, sdk).map_err(|_| Refusal::Unreadable)
}

async fn index(State(public): State<Arc<Public>>) -> Response {
    let main = html! {
        h1 { "SDKs" }
        ul { @for name in &public.sdks { li { a href=(format!("/sdk/{name}")) { (name) } } } }
    };
    frame::answer(StatusCode::OK, &frame::document("SDKs", &[], &main, FOOTER))
}

async fn page(State(public): State<Arc<Public>>, Path(sdk): Path<String>) -> Result<Response, Refusal> {
    let main = main(&sdk, &published(&public, &sdk)?);
    Ok(frame::answer(StatusCode::OK, &frame::document(&sdk, &[], &main, FOOTER)))
}

async fn numbers(
    State(public): State<Arc<Public>>,
    Path((sdk, file)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let published = published(&public, &sdk)?;
    let (word, ending) = file.split_once('.').ok_or(Refusal::NotThere)?;
    let table = match word {
        "active" => published.active(&sdk),
        "versions" => published.versions(&sdk),
        "events" => published.events(&sdk),
        _ => return Err(Refusal::NotThere),
    };
    data(&table, ending)
}

const FOOTER: &str = "Weeks that are closed, counted once and never again. Where there is no figure, nothing has arrived: that is not zero.";

fn main(sdk: &str, published: &Published) -> Markup {
    let labels: Vec<String> = published.weeks.iter().map(|week| week.week.clone()).collect();
    let active = Series {
        name: "active".to_owned(),
        points: published.weeks.iter().map(|week| week.active.map(point)).collect(),
    };
    let source = |word: &str| (format!("/sdk/{sdk}/{word}"), String::new());
    let versions = series(published, |week| &week.versions);
    let events = series(published, |week| &week.events);
    let names = |series: &[Series]| series.iter().map(|one| one.name.clone()).collect();
    let figures = [
        Figure {
            id: "active".to_owned(),
            title: "Active installations per week".to_owned(),
            what: "Installations that were active in a week. Nobody has an id: each says by itself whether it is the first time in the week.".to_owned(),
            drawn: plot::lines(&labels, &[active]),
            legend: Vec::new(),
            table: published.active(sdk),
            told: &[],
            source: source("active"),
            sampling: ROUNDED.to_owned(),
            definition: html! { p { "Where the sum would say more of a version than its own figure does, it is lowered by another step." } },
        },
        Figure {
            id: "versions".to_owned(),
            title: "Versions per week".to_owned(),
            what: "Active installations, by the version with which they were first active in the week.".to_owned(),
            drawn: plot::lines(&labels, &versions),
            legend: names(&versions),
            table: published.versions(sdk),
            told: &[],
            source: source("versions"),
            sampling: ROUNDED.to_owned(),
            definition: html! { p { "Versions with fewer than " (STEP) " are left out." } },
        },
        Figure {
            id: "events".to_owned(),
            title: "Events on an average day, per week".to_owned(),
            what: "Events that an installation sends at most once a day: so many installations on an average day of the week.".to_owned(),
            drawn: plot::lines(&labels, &events),
            legend: names(&events),
            table: published.events(sdk),
            told: &[],
            source: source("events"),
            sampling: ROUNDED.to_owned(),
            definition: html! { p { "Events that can come more often count events and not installations, so they are not shown." } },
        },
    ];
    html! {
        h1 { (sdk) }
        section aria-labelledby="weeks-heading" {
            h2 #weeks-heading { "Closed weeks" }
            @for figure in &figures { (figure) }
        }
    }
}

const ROUNDED: &str = "Every figure is rounded down to a multiple of 5.";

fn point(n: u64) -> Point {
    let value = n as f64;
    Point { low: value, value, high: value, is_final: true }
}

/// One line for each name, the largest first; where a name is left out in a week, it has no point.
fn series(published: &Published, of: impl Fn(&Week) -> &Vec<Rounded>) -> Vec<Series> {
    let mut names: Vec<(&str, u64)> = Vec::new();
    for cell in published.weeks.iter().flat_map(&of) {
        match names.iter_mut().find(|(name, _)| *name == cell.name) {
            Some((_, sum)) => *sum += cell.n,
            None => names.push((&cell.name, cell.n)),
        }
    }
    names.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let at = |week: &Week, name: &str| of(week).iter().find(|cell| cell.name == name).map(|cell| point(cell.n));
    let line = |(name, _): (&str, u64)| Series {
        name: name.to_owned(),
        points: published.weeks.iter().map(|week| at(week, name)).collect(),
    };
    names.into_iter().take(MOST_LINES).map(line).collect()
}
