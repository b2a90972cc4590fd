//! Which room uses what of which other one.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, ExprMethodCall, ImplItem, Item, ItemImpl, ItemMod, ItemUse, Macro, Type, UseTree,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use crate::source::{Crate, Source, room};

/// One use of one room by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) what: String,
    /// The module that it is written in.
    pub(crate) from_module: Vec<String>,
    /// The module that it names.
    pub(crate) to_module: Vec<String>,
}

/// All uses of one room by another.
pub(crate) fn uses(read: &Crate) -> Vec<Use> {
    all_uses(read).into_iter().filter(|used| used.from != used.to).collect()
}

/// All uses of one module by another of the same room.
pub(crate) fn inner_uses(read: &Crate) -> Vec<Use> {
    all_uses(read).into_iter().filter(|used| used.from == used.to && used.from != "lib").collect()
}

fn all_uses(read: &Crate) -> Vec<Use> {
    let (faces, added) = (faces(read), added_methods(read));
    let mut found = Vec::new();
    for source in &read.sources {
        let from = room(&source.module);
        let mut visitor =
            Visitor { read, faces: &faces, added: &added, source, inline: Vec::new(), from, found: Vec::new() };
        visitor.visit_file(&source.syntax);
        found.extend(visitor.found);
    }
    found
}

/// What the crate's root shows of its rooms: name and room.
fn faces(read: &Crate) -> BTreeMap<String, Vec<String>> {
    let mut faces = BTreeMap::new();
    for source in read.sources.iter().filter(|source| source.module.is_empty()) {
        for item in &source.syntax.items {
            if let Item::Use(item) = item {
                for (path, name) in leaves(&item.tree) {
                    let path: Vec<String> = path.into_iter().filter(|part| part != "crate" && part != "self").collect();
                    faces.entry(name).or_insert(path);
                }
            }
        }
    }
    faces
}

/// Methods that a room adds to types of another one, by name: the rooms that add one of this name. A name that a type has in its
/// own room, too, says nothing.
fn added_methods(read: &Crate) -> BTreeMap<String, BTreeSet<String>> {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in &read.sources {
        for item in &source.syntax.items {
            let name = match item {
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                _ => continue,
            };
            homes.entry(name.to_string()).or_default().insert(room(&source.module));
        }
    }
    let (mut added, mut own) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeSet::new());
    for source in &read.sources {
        each_impl(&source.syntax.items, &mut |item| {
            let Type::Path(named) = &*item.self_ty else { return };
            let Some(name) = named.path.segments.last().map(|segment| segment.ident.to_string()) else { return };
            let here = room(&source.module);
            let is_at_home = homes.get(&name).is_none_or(|homes| homes.contains(&here));
            for item in &item.items {
                let ImplItem::Fn(method) = item else { continue };
                if is_at_home {
                    own.insert(method.sig.ident.to_string());
                } else {
                    added.entry(method.sig.ident.to_string()).or_default().insert(here.clone());
                }
            }
        });
    }
    added.retain(|name, _| !own.contains(name));
    added
}

fn each_impl(items: &[Item], found: &mut dyn FnMut(&ItemImpl)) {
    for item in items {
        match item {
            Item::Impl(item) => found(item),
            Item::Mod(ItemMod { content: Some((_, items)), attrs, .. }) if !is_for_tests(attrs) => {
                each_impl(items, found)
            }
            _ => {}
        }
    }
}

/// The leaves of an import: the path as written, and the name that it gets.
fn leaves(tree: &UseTree) -> Vec<(Vec<String>, String)> {
    match tree {
        UseTree::Path(path) => {
            let below = leaves(&path.tree).into_iter();
            let first = path.ident.to_string();
            below.map(|(path, name)| (std::iter::once(first.clone()).chain(path).collect(), name)).collect()
        }
        UseTree::Name(name) => vec![(vec![name.ident.to_string()], name.ident.to_string())],
        UseTree::Rename(rename) => vec![(vec![rename.ident.to_string()], rename.rename.to_string())],
        UseTree::Glob(_) => vec![(vec!["*".to_owned()], "*".to_owned())],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|list| {
                    let condition = list.tokens.to_string();
                    condition == "test" || condition.starts_with("all (test ,") || condition.starts_with("all(test")
                }))
    })
}

struct Visitor<'a> {
    read: &'a Crate,
    faces: &'a BTreeMap<String, Vec<String>>,
    added: &'a BTreeMap<String, BTreeSet<String>>,
    source: &'a Source,
    /// Modules inside of the file that lead to where we are.
    inline: Vec<String>,
    from: String,
    found: Vec<Use>,
}

impl Visitor<'_> {
    fn module(&self) -> Vec<String> {
        self.source.module.iter().chain(&self.inline).cloned().collect()
    }

    /// A path as written, from here.
    fn path(&mut self, path: &[String], line: usize) {
        let mut here = self.module();
        let mut rest = path;
        match path.first().map(String::as_str) {
            Some("crate") => {
                here.clear();
                rest = &path[1..];
            }
            Some("self") => rest = &path[1..],
            Some("super") => {
                while let Some("super") = rest.first().map(String::as_str) {
                    here.pop();
                    rest = &rest[1..];
                }
            }
            Some(first) => {
                // A child module; anything else is another crate or a name that an import has brought in.
                let child: Vec<String> = here.iter().cloned().chain([first.to_owned()]).collect();
                if !self.read.has_module(&child) {
                    return;
                }
            }
            None => return,
        }
        let mut whole: Vec<String> = here.into_iter().chain(rest.iter().cloned()).collect();
        if let Some(first) = whole.first()
            && !self.read.has_module(std::slice::from_ref(first))
            && let Some(shown) = self.faces.get(first)
        {
            whole = shown.iter().cloned().chain(whole.into_iter().skip(1)).collect();
        }
        // What the root holds itself, macros above all, is everybody's.
        let Some(first) = whole.first().filter(|first| self.read.has_module(std::slice::from_ref(*first))) else {
            return;
        };
        let to = room(std::slice::from_ref(first));
        let depth = (1..=whole.len()).rev().find(|depth| self.read.has_module(&whole[..*depth])).unwrap_or(1);
        self.note(to, whole[..depth].to_vec(), path.join("::"), line);
    }

    fn note(&mut self, to: String, to_module: Vec<String>, what: String, line: usize) {
        let (file, from_module) = (self.source.file.clone(), self.source.module.clone());
        if to_module != from_module {
            self.found.push(Use { file, line, from: self.from.clone(), to, what, from_module, to_module });
        }
    }

    /// Paths in the arguments of a macro, which nobody has parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                // `$crate` is written by a macro of ours, and read where somebody uses it.
                TokenTree::Punct(punct) if punct.as_char() == '$' => at += 1,
                TokenTree::Ident(ident) if *ident == "crate" || *ident == "super" => {
                    let line = ident.span().start().line;
                    let mut path = vec![ident.to_string()];
                    while is_colon(at) && is_colon(at + 1) {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 2) else { break };
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.path(&path, line);
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Fn(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            _ => &[],
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.inline.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.inline.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // The root shows its rooms; it is above them all.
        for (path, _) in leaves(&item.tree) {
            self.path(&path, item.span().start().line);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if parts.len() > 1 {
            self.path(&parts, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    /// A method that another room adds to a type: found by its name.
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let name = call.method.to_string();
        if let Some(rooms) = self.added.get(&name)
            && let [only] = rooms.iter().collect::<Vec<_>>()[..]
        {
            let line = call.method.span().start().line;
            self.note(only.clone(), vec![only.clone()], format!(".{name}()"), line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {
        // Documentation may point anywhere.
    }
}
