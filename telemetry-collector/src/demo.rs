//! A month of simulated installations: real programs, real files, real requests; only the time is injected. What is expected
//! comes from [`month`]'s own list of what happened and from [`wire`]'s list of what went through, never from the collector.

mod compare;
mod installation;
mod month;
mod programs;
mod wire;

pub(crate) use compare::{Line, compare};
pub(crate) use month::{FIRST_DAY, Month, SECOND_ADDED};
pub(crate) use programs::Programs;
pub(crate) use wire::Wire;

#[cfg(test)]
mod tests;
