//! The one place that decides whether anything may be recorded or sent.
//!
//! Asks every layer of `decide/layer.rs` in its order, and the strictest answer holds. Each layer can only reduce what the
//! others allow; the default is not asked where the user has decided. Those that need no file are asked on the caller's thread; the
//! others by whoever appends, which is the worker or a thread that records a command.

#[cfg(test)]
mod tests;

use crate::{
    decide::{
        facts::{FileFacts, MemoryFacts},
        layer::{Answer, Ask, AskedFor, Layer, LayerDecision, Verdict, stored_consent},
    },
    declare::sdk::Mode,
};

/// What the layers in memory say, in the order of the layers.
pub(crate) struct MemoryDecision {
    pub(crate) layers: Vec<LayerDecision>,
    pub(crate) debug: bool,
}

impl MemoryDecision {
    /// The first layer that says no.
    pub(crate) fn off(&self) -> Option<&LayerDecision> {
        self.layers.iter().find(|layer| layer.verdict == Verdict::Off)
    }
}

/// Debug mode shows what would be recorded, also where development or environment layers hold it back; it never shows anything
/// to somebody who opted out, by layers 1 to 4.
pub(crate) fn stops_debug(layer: &LayerDecision) -> bool {
    layer.number <= Layer::Variables.number()
}

/// Whether debug mode was asked for.
pub(crate) fn is_debug(facts: &MemoryFacts<'_>) -> bool {
    facts.options.debug.unwrap_or(false) || facts.environment.debug
}

/// Asks the layers that need no file, one after the other.
fn in_memory<A: AskedFor>(facts: &MemoryFacts<'_>) -> impl Iterator<Item = (Layer, A)> {
    Layer::ALL.iter().filter_map(|layer| match layer.ask() {
        Ask::Memory(ask) => Some((*layer, ask(facts))),
        Ask::Files(_) => None,
    })
}

fn by_files<A: AskedFor>(facts: &FileFacts<'_>) -> impl Iterator<Item = (Layer, A)> {
    Layer::ALL.iter().filter_map(|layer| match layer.ask() {
        Ask::Memory(_) => None,
        Ask::Files(ask) => Some((*layer, ask(facts))),
    })
}

fn told((layer, answer): (Layer, Answer)) -> LayerDecision {
    LayerDecision::new(layer, answer)
}

/// In which mode an SDK goes on, by the layers that need no file.
pub(crate) fn mode(facts: &MemoryFacts<'_>) -> Mode {
    let off = in_memory::<Verdict>(facts).find(|(_, verdict)| *verdict == Verdict::Off);
    match off {
        Some((layer, _)) if !is_debug(facts) || layer <= Layer::Variables => Mode::Off,
        _ if is_debug(facts) => Mode::Debug,
        _ => Mode::Pending,
    }
}

/// What the layers say that need no file, and why.
pub(crate) fn decide_in_memory(facts: &MemoryFacts<'_>) -> MemoryDecision {
    MemoryDecision { layers: in_memory(facts).map(told).collect(), debug: is_debug(facts) }
}

/// What the layers say together that need files.
pub(crate) fn verdict_by_files(facts: &FileFacts<'_>) -> Verdict {
    by_files::<Verdict>(facts).map(|(_, verdict)| verdict).max().unwrap_or(Verdict::Off)
}

/// As [`verdict_by_files`], and what each of them says, and why.
pub(crate) fn decide_by_files(facts: &FileFacts<'_>) -> (Verdict, Vec<LayerDecision>) {
    let layers: Vec<_> = by_files(facts).map(told).collect();
    (strictest(&layers), layers)
}

/// What these layers say together.
pub(crate) fn strictest(layers: &[LayerDecision]) -> Verdict {
    layers.iter().map(|layer| layer.verdict).max().unwrap_or(Verdict::Off)
}

/// The layer that decided: the first one with the strictest answer; where nobody objects, the user's yes or the default. `None` in
/// the silent child of a fork.
pub(crate) fn decided_by(layers: &[LayerDecision]) -> Option<Layer> {
    let strictest = strictest(layers);
    let objects = |layer: &&LayerDecision| strictest != Verdict::Allows && layer.verdict == strictest;
    let agrees = |layer: &&LayerDecision| stored_consent::says_yes(layer);
    let winner = layers.iter().find(objects).or_else(|| layers.iter().find(agrees));
    winner.map_or(Some(Layer::Default), LayerDecision::layer)
}
