//! Digests that come from several types: the flags of a command, of which some stand with the arguments that it shares.

use super::combine::{combine, object, variants};

/// Digests of fields or variants, in the order of the record.
#[derive(Debug)]
pub enum Digests {
    /// That of one field or variant.
    One(u128),
    /// Those of several.
    All(&'static [&'static Digests]),
}

impl Digests {
    /// How many there are.
    pub const fn count(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::All(all) => {
                let (mut rest, mut count) = (*all, 0);
                while let [first, others @ ..] = rest {
                    count += first.count();
                    rest = others;
                }
                count
            }
        }
    }

    /// That of a struct with these fields; see [`object()`].
    pub const fn object(&self) -> u128 {
        self.fold(object(&[]))
    }

    /// That of an enum with these variants; see [`variants()`].
    pub const fn variants(&self) -> u128 {
        self.fold(variants(&[]))
    }

    const fn fold(&self, start: u128) -> u128 {
        match self {
            Self::One(digest) => combine(start, *digest),
            Self::All(all) => {
                let (mut rest, mut digest) = (*all, start);
                while let [first, others @ ..] = rest {
                    digest = first.fold(digest);
                    rest = others;
                }
                digest
            }
        }
    }

    /// All of them behind others. `N` must be how many that is; anything else fails to compile.
    #[expect(clippy::panic, clippy::indexing_slicing, reason = "evaluated by the compiler: a compile error")]
    pub const fn behind<const N: usize>(&self, others: &[u128]) -> [u128; N] {
        let mut out = [0; N];
        let mut at = 0;
        while at < others.len() {
            out[at] = others[at];
            at += 1;
        }
        if self.write(&mut out, at) != N {
            panic!("the array has another length");
        }
        out
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler: a compile error")]
    const fn write(&self, out: &mut [u128], from: usize) -> usize {
        match self {
            Self::One(digest) => {
                out[from] = *digest;
                from + 1
            }
            Self::All(all) => {
                let (mut rest, mut at) = (*all, from);
                while let [first, others @ ..] = rest {
                    at = first.write(out, at);
                    rest = others;
                }
                at
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_several_types_are_those_of_one() {
        const INNER: &Digests = &Digests::All(&[&Digests::One(2), &Digests::One(3)]);
        const ALL: &Digests = &Digests::All(&[&Digests::One(1), INNER, &Digests::All(&[]), &Digests::One(4)]);
        const LIST: [u128; 6] = ALL.behind(&[8, 9]);
        assert_eq!(ALL.count(), 4);
        assert_eq!(ALL.object(), object(&[1, 2, 3, 4]));
        assert_eq!(ALL.variants(), variants(&[1, 2, 3, 4]));
        assert_eq!(LIST, [8, 9, 1, 2, 3, 4]);
    }
}
