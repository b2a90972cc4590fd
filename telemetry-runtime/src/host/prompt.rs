//! The question whether events may be recorded, at a terminal at which a person sits.

use std::time::Duration;

use crate::{
    base::{
        print,
        process::{self, Inside},
    },
    decide::{
        consent::{Consent, ConsentError},
        gate,
        layer::{Layer, Verdict},
    },
    declare::sdk::Sdk,
    host::{
        consent_answer::{ConsentAnswer, NotAsked},
        stored_decision::StoredDecision,
    },
};

impl Sdk {
    /// Asks the user whether events may be recorded and sent: shows the notice and the question on standard error, and waits at
    /// most so long for an answer on standard input. For programs with `default: Off`, at a moment of their choice.
    ///
    /// Nobody is asked who has decided, whom another layer of the gate keeps off, or who cannot answer: in CI, for an agent, under
    /// `sudo`, in a pipe, in the background. Keys that were typed before the question are no answer. Where nobody answers in time
    /// nothing is stored, and undecided is off. The thread that calls this waits.
    ///
    /// # Errors
    ///
    /// [`ConsentError`] if the answer cannot be stored; telemetry is off then.
    pub fn ask(&self, timeout: Duration) -> Result<ConsentAnswer, ConsentError> {
        let _inside = Inside::enter();
        process::enter();
        if let Some(reason) = self.why_not_ask() {
            return Ok(ConsentAnswer::NotAsked(reason));
        }
        let notice = self.notice();
        let question = format!("\n{}\n\nMay {} collect this? [y/N] ", notice.text(), self.name());
        print::forget_typed();
        if !print::show(&question) {
            return Ok(ConsentAnswer::NotAsked(NotAsked::NobodyThere));
        }
        let answer = print::answer(timeout).map(|line| line.trim().to_lowercase());
        // Somebody may have decided elsewhere while the question stood there.
        if self.decision() != StoredDecision::Undecided {
            return Ok(ConsentAnswer::NotAsked(NotAsked::Decided));
        }
        match answer.as_deref() {
            Some("y" | "yes") => {
                self.set_consent(Consent::On)?;
                self.notice_was_shown(notice.hash());
                Ok(ConsentAnswer::Yes)
            }
            // The capital letter says what a mere line end means.
            Some("" | "n" | "no") => {
                self.set_consent(Consent::Off)?;
                Ok(ConsentAnswer::No)
            }
            Some(_) | None => {
                print::show("\nThat is no answer, so nothing is collected.\n");
                Ok(ConsentAnswer::None)
            }
        }
    }

    fn decision(&self) -> StoredDecision {
        self.folder().map_or(StoredDecision::Undecided, |folder| folder.decision())
    }

    fn why_not_ask(&self) -> Option<NotAsked> {
        if self.decision() != StoredDecision::Undecided {
            return Some(NotAsked::Decided);
        }
        let mut layers = self.status().layers;
        // What the user decides, and what holds until then.
        let asked = [Layer::StoredConsent, Layer::Default];
        let no_folder =
            layers.iter().any(|layer| layer.layer() == Some(Layer::StoredConsent) && layer.verdict == Verdict::Off);
        layers.retain(|layer| {
            layer.verdict != Verdict::Allows && !asked.iter().any(|asked| layer.layer() == Some(*asked))
        });
        if !layers.is_empty() {
            return gate::decided_by(&layers).map(NotAsked::KeptOff);
        }
        if no_folder || self.folder().is_none() {
            return Some(NotAsked::NoFolder);
        }
        let is_there = self.is_watched() && print::may_answer();
        (!is_there).then_some(NotAsked::NobodyThere)
    }
}
