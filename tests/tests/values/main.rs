//! What belongs to an event, and when and in which order events arrive.

mod capture;
mod configuration;
mod instance;
mod order;
mod rolling;
