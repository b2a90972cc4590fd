//! `props(#[cfg(…)] name)`: a prop that is there in some builds only.
//!
//! Only the compiler knows which build this is, and it tells attributes, not their arguments. So an attribute with such a prop
//! becomes two, one for each answer, of which the compiler keeps one; that comes here again with one condition less.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::{
    ast::Track,
    attr::TrackArgs,
    errors::Errors,
    expand::{ours, private},
};

/// The item with two attributes in place of the one with `args`; `None` if no prop has a condition.
pub(crate) fn split(track: Track, args: &TokenStream, item: &TokenStream) -> Option<TokenStream> {
    let list = PropList::find(args)?;
    let First { condition, kept, left_out } = first(list.props())?;
    let (kept, left_out) = (list.with(kept), list.with(left_out));
    let attribute = attribute(track, left_out.clone());
    Some(ours! {
        #[cfg_attr(all(#condition), #attribute(#kept))]
        #[cfg_attr(not(all(#condition)), #attribute(#left_out))]
        #item
    })
}

/// The path by which an attribute with these arguments comes back. Mistakes in them are found then.
pub(crate) fn attribute(track: Track, args: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (read, name) = match track {
        Track::Mount => (TrackArgs::of_mount(args, &mut errors), ours!(track_mount)),
        Track::Call => (TrackArgs::of_call(args, &mut errors), ours!(track_call)),
    };
    let private = private(read.common.crate_path.as_ref());
    ours!(#private::#name)
}

/// What stands between two props.
pub(crate) fn is_comma(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(comma) if comma.as_char() == ',')
}

/// The arguments of an attribute that have a `props(…)`.
pub(crate) struct PropList {
    trees: Vec<TokenTree>,
    at: usize,
    props: Group,
}

impl PropList {
    pub(crate) fn find(args: &TokenStream) -> Option<Self> {
        let trees: Vec<TokenTree> = args.clone().into_iter().collect();
        let at = trees.windows(2).position(|pair| match pair {
            [TokenTree::Ident(word), TokenTree::Group(props)] => {
                word == "props" && props.delimiter() == Delimiter::Parenthesis
            }
            _ => false,
        })? + 1;
        let Some(TokenTree::Group(props)) = trees.get(at).cloned() else { return None };
        Some(Self { trees, at, props })
    }

    /// The list.
    pub(crate) fn props(&self) -> &Group {
        &self.props
    }

    /// What stands before the list, and behind it.
    pub(crate) fn around(&self) -> (TokenStream, TokenStream) {
        let (before, behind) = self.trees.split_at(self.at);
        (before.iter().cloned().collect(), behind.iter().skip(1).cloned().collect())
    }

    /// The arguments with another list.
    pub(crate) fn with(&self, content: TokenStream) -> TokenStream {
        let mut group = Group::new(Delimiter::Parenthesis, content);
        group.set_span(self.props.span());
        let mut trees = self.trees.clone();
        if let Some(tree) = trees.get_mut(self.at) {
            *tree = group.into();
        }
        trees.into_iter().collect()
    }
}

/// The first condition of a list of props, and the list with and without its prop.
struct First {
    condition: TokenStream,
    kept: TokenStream,
    left_out: TokenStream,
}

fn first(props: &Group) -> Option<First> {
    let trees: Vec<TokenTree> = props.stream().into_iter().collect();
    let (at, condition) = trees.windows(2).enumerate().find_map(|(at, pair)| match pair {
        [TokenTree::Punct(pound), TokenTree::Group(attribute)] if pound.as_char() == '#' => Some((at, cfg(attribute)?)),
        _ => None,
    })?;
    let (before, rest) = trees.split_at(at);
    let behind = rest.get(2..)?;
    let prop = behind.iter().position(is_comma).map_or(behind.len(), |comma| comma + 1);
    // Other attributes of the same prop go with it.
    let start = before.iter().rposition(is_comma).map_or(0, |comma| comma + 1);
    Some(First {
        condition,
        kept: before.iter().chain(behind).cloned().collect(),
        left_out: before.iter().take(start).chain(behind.iter().skip(prop)).cloned().collect(),
    })
}

/// What stands in `[cfg(…)]`.
fn cfg(attribute: &Group) -> Option<TokenStream> {
    let trees: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Ident(word), TokenTree::Group(condition)] if word == "cfg" => Some(condition.stream()),
        _ => None,
    }
}
