//! Collections. A page counts every byte of its code, and has small ones of its own with the same names.

pub(crate) use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
