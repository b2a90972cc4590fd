//! What would leave the function from inside an expression that may not be evaluated at all: `?`, `.await`, `return`, and `break` and
//! `continue` without a loop or a label around them.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};

use crate::errors::Errors;

/// Adds a mistake for each of them, in the words of `message`, which is told `?`, `.await` or the word.
///
/// Closures, `async` blocks, functions and other macros have rules of their own: what follows one of them is left to the
/// compiler up to the next comma.
pub(crate) fn check(trees: &[TokenTree], message: &dyn Fn(&str) -> String, errors: &mut Errors) {
    check_in(trees, false, message, errors);
}

fn check_in(trees: &[TokenTree], in_loop: bool, message: &dyn Fn(&str) -> String, errors: &mut Errors) {
    let mut after_operand = false;
    let mut in_loop = in_loop;
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        let next = trees.get(at + 1);
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '|' && !after_operand => at = comma_behind(trees, at),
            TokenTree::Punct(punct) if punct.as_char() == '?' && after_operand => {
                errors.at(tree.span(), message("?"));
            }
            TokenTree::Punct(punct) => {
                // A label, as in `'found: { … break 'found true; … }`.
                in_loop |= punct.as_char() == '\'' && trees.get(at + 2).is_some_and(|tree| is(tree, ':'));
                let is_macro = punct.as_char() == '!' && after_operand && matches!(next, Some(TokenTree::Group(_)));
                at += usize::from(is_macro);
                after_operand = is_macro;
            }
            TokenTree::Ident(word) if word == "async" || word == "fn" || word == "move" => at = comma_behind(trees, at),
            TokenTree::Ident(word) if word == "await" && at > 0 && is(&trees[at - 1], '.') => {
                errors.at(word.span(), message(".await"));
                after_operand = true;
            }
            TokenTree::Ident(word) if leaves_a_function(word, in_loop) => {
                errors.at(word.span(), message(&word.to_string()));
                at = comma_behind(trees, at);
            }
            TokenTree::Ident(word) => {
                in_loop |= word == "loop" || word == "while" || word == "for";
                after_operand =
                    !["if", "match", "in", "else", "let", "mut", "ref", "as"].iter().any(|other| word == other);
            }
            TokenTree::Group(group) => {
                check_in(&trees_of(group), in_loop, message, errors);
                after_operand = true;
            }
            TokenTree::Literal(_) => after_operand = true,
        }
        at += 1;
    }
}

fn trees_of(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn leaves_a_function(word: &Ident, in_loop: bool) -> bool {
    word == "return" || (!in_loop && (word == "break" || word == "continue"))
}

/// The index of the next comma, or of the last token.
fn comma_behind(trees: &[TokenTree], at: usize) -> usize {
    let comma = trees.iter().skip(at).position(|tree| is(tree, ','));
    comma.map_or(trees.len(), |distance| at + distance)
}

/// Whether a token is this sign.
pub(crate) fn is(tree: &TokenTree, char: char) -> bool {
    match tree {
        TokenTree::Punct(punct) => punct.as_char() == char,
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => false,
        _ => false,
    }
}
