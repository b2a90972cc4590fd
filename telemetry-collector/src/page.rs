//! The operator's page: answers as HTML with plots and tables, behind a token. No script, nothing from elsewhere.

mod access;
mod add;
mod arrivals;
mod data;
mod definition;
mod events;
mod figure;
mod frame;
mod health;
mod live;
mod losses;
mod plot;
mod public;
mod routes;
mod running;
mod sections;

pub(crate) use access::OPERATOR_FILE;
pub use access::{Access, Right, fresh_token, token_digest};
pub(crate) use add::{ADD_PATH, Refused};
pub(crate) use live::WATCH_PATH;
pub use public::{Public, public_router};
pub use routes::router;
pub use running::Page;
