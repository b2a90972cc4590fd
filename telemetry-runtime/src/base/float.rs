//! A number as ECMAScript prints it.

pub(crate) use telemetry_schema::number::float;
