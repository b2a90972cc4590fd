//! The content of brackets, as functions: the macros of `syn` return from the caller with an error of their own.

use syn::{
    Result,
    parse::{ParseBuffer, ParseStream},
};

pub(super) fn parenthesized<'a>(input: ParseStream<'a>) -> Result<ParseBuffer<'a>> {
    let content;
    syn::parenthesized!(content in input);
    Ok(content)
}

pub(super) fn bracketed<'a>(input: ParseStream<'a>) -> Result<ParseBuffer<'a>> {
    let content;
    syn::bracketed!(content in input);
    Ok(content)
}

pub(super) fn braced<'a>(input: ParseStream<'a>) -> Result<ParseBuffer<'a>> {
    let content;
    syn::braced!(content in input);
    Ok(content)
}
