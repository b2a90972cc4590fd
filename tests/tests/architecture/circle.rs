//! Circles among the modules that stand side by side in one folder.

use std::collections::{BTreeMap, BTreeSet};

use crate::uses::Use;

/// Which neighbour uses which other one, by folder.
type Neighbours<'a> = BTreeMap<&'a [String], BTreeMap<&'a str, BTreeSet<&'a str>>>;

/// One circle for each folder that has any: `room: one -> two -> one`. What a module and its own children do is their affair.
pub(crate) fn circles(uses: &[Use]) -> Vec<String> {
    let mut folders = Neighbours::new();
    for Use { from_module, to_module, .. } in uses {
        let shared = from_module.iter().zip(to_module).take_while(|(from, to)| from == to).count();
        if let (Some(from), Some(to)) = (from_module.get(shared), to_module.get(shared)) {
            let folder = folders.entry(&from_module[..shared]).or_default();
            folder.entry(from.as_str()).or_default().insert(to.as_str());
        }
    }
    let circle = |(folder, neighbours): (&[String], _)| {
        let way = circle(&neighbours)?;
        Some(format!("{}: {}", folder.join("/"), way.join(" -> ")))
    };
    folders.into_iter().filter_map(circle).collect()
}

fn circle<'a>(neighbours: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    let mut done = BTreeSet::new();
    neighbours.keys().find_map(|start| follow(start, neighbours, &mut Vec::new(), &mut done))
}

/// The circle that a way from `at` runs into, if it does.
fn follow<'a>(
    at: &'a str,
    neighbours: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(start) = way.iter().position(|seen| *seen == at) {
        return Some(way[start..].iter().copied().chain([at]).collect());
    }
    if done.contains(at) {
        return None;
    }
    way.push(at);
    let found = neighbours.get(at).into_iter().flatten().find_map(|next| follow(next, neighbours, way, done));
    way.pop();
    done.insert(at);
    found
}
