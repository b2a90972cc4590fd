//! Uploads: the requests of one upload in one file, and which of them have ended.
//!
//! ```text
//! TLMUPL1
//! # 0198c0de-0000-7000-8000-000000000000                     the key of a request
//! 0198c0de-0000-7000-8000-000000000001 16 912 3 1a2b3c4d     its ranges, as in a plan
//! # 0198c0de-0000-7000-8000-000000000002
//! 0198c0de-0000-7000-8000-000000000001 928 912 3 5e6f7081
//! = 5e6f7081                                                 CRC-32C of all lines before
//! - 0 629e1ae0                                               the first one has ended; CRC-32C of the number
//! ```
//!
//! The marks behind the sum are added by whoever sends, one `write` for each request that ends. It is `<uuid>.upload` until all
//! of them have, and `<uuid>.done` from then until the segments are gone.

use std::{fmt::Write as _, sync::Arc};

use crate::format::{
    crc32c::crc32c,
    names::{Kind, Name},
    plan::{Plan, Range},
};

const MAGIC: &str = "TLMUPL1\n";

/// One request of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// What its plan would be called in a file of its own: its key and an ending.
    pub(crate) name: Name,
    pub(crate) plan: Arc<Plan>,
    pub(crate) ended: bool,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) requests: Vec<Request>,
}

impl Upload {
    /// The file's text as long as none has ended.
    pub(crate) fn render(&self) -> String {
        let mut text = MAGIC.to_owned();
        for Request { name, plan, .. } in &self.requests {
            let _ = writeln!(text, "# {}", name.stem());
            plan.ranges.iter().for_each(|range| range.push_line(&mut text));
        }
        let sum = crc32c(text.as_bytes());
        let _ = writeln!(text, "= {sum:08x}");
        text
    }

    /// What is added when the request with this number has ended.
    pub(crate) fn mark(number: usize) -> String {
        let digits = number.to_string();
        format!("- {digits} {:08x}\n", crc32c(digits.as_bytes()))
    }

    /// Reads a file's text; `None` if what stands before the marks is not whole. A mark that is not whole is none: its request
    /// is made again, under the same key.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (body, rest) = text.split_once("= ")?;
        let (sum, marks) = rest.split_once('\n')?;
        if sum.len() != 8 || u32::from_str_radix(sum, 16).ok()? != crc32c(body.as_bytes()) {
            return None;
        }
        let mut requests: Vec<(Name, Plan)> = Vec::new();
        for line in body.strip_prefix(MAGIC)?.lines() {
            match line.strip_prefix("# ") {
                Some(key) => {
                    let name = Name::parse(&format!("{key}.plan")).filter(|name| name.kind() == Kind::Plan)?;
                    requests.push((name, Plan::default()));
                }
                None => requests.last_mut()?.1.ranges.push(Range::parse(line)?),
            }
        }
        let mut all: Vec<_> =
            requests.into_iter().map(|(name, plan)| Request { name, plan: Arc::new(plan), ended: false }).collect();
        for mark in marks.split_inclusive('\n') {
            let number = mark
                .strip_prefix("- ")
                .and_then(|mark| mark.split_once(' '))
                .and_then(|(digits, _)| digits.parse().ok());
            if let Some(number) = number.filter(|number| Self::mark(*number) == mark)
                && let Some(request) = all.get_mut(number)
            {
                request.ended = true;
            }
        }
        Some(Self { requests: all })
    }

    /// All frames of it, ended or not.
    pub(crate) fn into_plan(self) -> Plan {
        Plan { ranges: self.requests.iter().flat_map(|request| request.plan.ranges.clone()).collect() }
    }

    /// The frames of the requests that have ended.
    pub(crate) fn ended(&self) -> Plan {
        let ended = self.requests.iter().filter(|request| request.ended);
        Plan { ranges: ended.flat_map(|request| request.plan.ranges.clone()).collect() }
    }

    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.requests.iter().any(|request| request.name.stem() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload() -> Upload {
        let request = |digit: u32| {
            let mut plan = Plan::default();
            plan.push("0198c0de-0000-7000-8000-000000000009", u64::from(16 + digit * 5), b"frame");
            let name = Name::parse(&format!("0198c0de-0000-7000-8000-00000000000{digit}.plan")).unwrap();
            Request { name, plan: Arc::new(plan), ended: false }
        };
        Upload { requests: (0..3).map(request).collect() }
    }

    #[test]
    fn uploads_read_back_and_damage_is_seen() {
        let text = upload().render();
        assert_eq!(Upload::parse(&text), Some(upload()));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            assert_eq!(String::from_utf8(bytes).ok().and_then(|text| Upload::parse(&text)), None, "byte {place}");
            assert_eq!(Upload::parse(&text[..place]), None, "cut at {place}");
        }
    }

    #[test]
    fn a_mark_counts_when_it_is_whole() {
        let (text, marks) = (upload().render(), Upload::mark(1) + &Upload::mark(2));
        for cut in 0..=marks.len() {
            let found = Upload::parse(&(text.clone() + &marks[..cut])).unwrap();
            let ended: Vec<_> = found.requests.iter().map(|request| request.ended).collect();
            let first = Upload::mark(1).len();
            assert_eq!(ended, [false, cut >= first, cut == marks.len()], "cut at {cut}");
            assert_eq!(found.ended().ranges.len(), ended.iter().filter(|ended| **ended).count());
        }
        assert_eq!(Upload::parse(&(text.clone() + "- 1 00000000\n")), Some(upload()), "a damaged mark is none");
        assert_eq!(Upload::parse(&(text + &Upload::mark(7))), Some(upload()), "there are three");
        assert_eq!(Upload::mark(0), "- 0 629e1ae0\n", "as docs/spool.md says");
        assert!(upload().has_key("0198c0de-0000-7000-8000-000000000002"));
        assert_eq!(upload().into_plan().ranges.len(), 3);
    }
}
