//! What stands in a folder: segments, and which of their frames are planned or have ended.

use std::{collections::BTreeMap, io, sync::Arc};

use crate::{
    folder::dir::Dir,
    format::{
        names::{Kind, Name},
        plan::{Covered, Plan},
        upload::Upload,
    },
    limits::LISTED_ENTRIES,
    spool_folder::{self, Listing, list},
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// All files of ours, oldest first.
    pub(crate) all: Vec<Name>,
    /// Nothing was left unseen.
    pub(crate) complete: bool,
    /// The disk failed before all was read; only [`Standing::read_what_can_be`] goes on then.
    pub(crate) unread: bool,
    /// Requests that have no end yet, those of uploads included, of which no file has the name.
    pub(crate) plans: Vec<(Name, Arc<Plan>)>,
    /// Uploads, by the names of their files. While one stands, a plan of a request of it is nobody's.
    pub(crate) uploads: Vec<(Name, Upload)>,
    /// Files that say which frames have ended.
    pub(crate) done: Vec<(Name, Arc<Plan>)>,
    /// Files that should be one of these and are not whole: their writer died or is at work.
    pub(crate) torn: Vec<Name>,
    pub(crate) planned: Covered,
    pub(crate) ended: Covered,
}

/// What was read of plans, and of what became of them, by their keys. None ever changes once it is whole, so whoever looks
/// at a folder again and again reads each of them once.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    plans: BTreeMap<String, Arc<Plan>>,
    /// The upload that this process is sending: nobody else adds a mark to it.
    own: Option<(Name, Upload)>,
}

impl Standing {
    /// Looks at a folder.
    ///
    /// A plan is renamed when it ends, at any moment, and a folder that is read meanwhile may show neither name. Each is
    /// renamed once, so two looks together miss none.
    ///
    /// # Errors
    ///
    /// If the disk failed, or descriptors ran out: that says nothing about what stands there.
    pub(crate) fn read(dir: &Dir) -> io::Result<Self> {
        Self::look(dir, &mut Plans::default(), Err)
    }

    /// Whether a folder shows the files that it had at this look, and no others: then nothing was planned or has ended since but by
    /// marks in uploads. A look that saw a file of which the writer was at work is none to go by.
    pub(crate) fn is_unchanged(&self, dir: &Dir) -> bool {
        let (mut seen, mut others) = (0, false);
        let listed = dir.files(LISTED_ENTRIES, |text| {
            match self.all.binary_search_by(|name| name.as_str().cmp(text)) {
                Ok(_) => seen += 1,
                Err(_) => others |= Name::parse(text).is_some(),
            }
            None::<()>
        });
        self.complete
            && self.torn.is_empty()
            && !others
            && seen == self.all.len()
            && listed.is_ok_and(|(_, complete)| complete)
    }

    /// As [`Standing::read`], without reading again what is known.
    ///
    /// # Errors
    ///
    /// The same.
    pub(crate) fn read_again(dir: &Dir, known: &mut Plans) -> io::Result<Self> {
        let standing = Self::look(dir, known, Err)?;
        known.plans.retain(|key, _| standing.plans.iter().chain(&standing.done).any(|(name, _)| name.stem() == key));
        Ok(standing)
    }

    /// As [`Standing::read`], for who goes on whatever the disk says: what cannot be read is left out, and `unread` tells.
    pub(crate) fn read_what_can_be(dir: &Dir) -> Self {
        let mut unread = false;
        let mut note = |_| {
            unread = true;
            Ok(())
        };
        // A look that fails at once may not fail again.
        let known = &mut Plans::default();
        let found = Self::look(dir, known, &mut note).or_else(|_| Self::look(dir, known, &mut note));
        let failed = found.is_err();
        let standing = found.unwrap_or_default();
        Self { unread: unread || failed, ..standing }
    }

    /// `on_error` says whether to go on without a file that cannot be read.
    fn look(dir: &Dir, known: &mut Plans, mut on_error: impl FnMut(io::Error) -> io::Result<()>) -> io::Result<Self> {
        let Listing { mut all, .. } = list(dir)?;
        let Listing { all: again, complete, .. } = list(dir)?;
        // Segments and whatever else was removed in between are gone; plans may only have another name.
        all.retain(|name| matches!(name.kind(), Kind::Plan | Kind::Upload | Kind::Done) || again.contains(name));
        all.extend(again);
        all.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        all.dedup();
        let mut standing = Self { complete, ..Self::default() };
        for name in &all {
            let read = match name.kind() {
                Kind::Plan => standing.read_plan(dir, name, known),
                Kind::Upload => standing.read_upload(dir, name, known),
                Kind::Done => standing.read_done(dir, name, known),
                _ => Ok(()),
            };
            read.or_else(&mut on_error)?;
        }
        standing.all = all;
        Ok(standing)
    }

    fn read_plan(&mut self, dir: &Dir, name: &Name, known: &mut Plans) -> io::Result<()> {
        match known.read(dir, name)? {
            Read::Whole(plan) => {
                self.planned.add(&plan);
                self.plans.push((name.clone(), plan));
            }
            Read::Torn => self.torn.push(name.clone()),
            Read::Gone => {
                if let Some(done) = Name::parse(&name.done()) {
                    self.read_done(dir, &done, known)?;
                }
            }
        }
        Ok(())
    }

    fn read_upload(&mut self, dir: &Dir, name: &Name, known: &mut Plans) -> io::Result<()> {
        let own = known.own.as_ref().filter(|(own, _)| own == name).map(|(_, upload)| upload.clone());
        match own.map_or_else(|| read_upload(dir, name), |own| Ok(Found::Whole(own)))? {
            Found::Whole(upload) => self.add_upload(name, upload),
            Found::Torn => self.torn.push(name.clone()),
            Found::Gone => {
                let before = self.done.len();
                if let Some(done) = Name::parse(&name.done()) {
                    self.read_done(dir, &done, known)?;
                }
                // Its requests may have got plans of their own behind both looks.
                self.complete &= self.done.len() > before;
            }
        }
        Ok(())
    }

    fn add_upload(&mut self, name: &Name, upload: Upload) {
        for request in &upload.requests {
            if request.ended {
                self.ended.add(&request.plan);
            } else {
                self.planned.add(&request.plan);
                self.plans.push((request.name.clone(), Arc::clone(&request.plan)));
            }
        }
        self.uploads.push((name.clone(), upload));
    }

    /// Whether it is a request of an upload that stands.
    pub(crate) fn is_in_upload(&self, name: &Name) -> bool {
        self.uploads.iter().any(|(_, upload)| upload.has_key(name.stem()))
    }

    /// The requests of an upload have plans of their own now.
    pub(crate) fn split(&mut self, name: &Name) {
        self.uploads.retain(|(other, _)| other != name);
        self.all.retain(|other| other != name);
    }

    fn read_done(&mut self, dir: &Dir, name: &Name, known: &mut Plans) -> io::Result<()> {
        if self.done.iter().any(|(done, _)| done == name) {
            return Ok(());
        }
        match known.read(dir, name)? {
            Read::Whole(plan) => {
                self.ended.add(&plan);
                self.done.push((name.clone(), plan));
            }
            Read::Torn => self.torn.push(name.clone()),
            Read::Gone => {}
        }
        Ok(())
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = &Name> {
        self.all.iter().filter(|name| name.kind() == Kind::Segment)
    }

    pub(crate) fn has_segment(&self, id: &str) -> bool {
        self.segments().any(|name| name.stem() == id)
    }

    /// Whether a plan is a half of one that stands, or a whole whose halves stand: somebody died, or is at work, between
    /// making the halves and removing the whole.
    pub(crate) fn is_half_made(&self, name: &Name) -> bool {
        let stands = |key: &str| self.plans.iter().any(|(other, _)| other.stem() == key);
        name.whole().is_some_and(stands) || self.plans.iter().any(|(other, _)| other.whole() == Some(name.stem()))
    }

    /// A plan is no more.
    pub(crate) fn forget(&mut self, name: &Name) {
        self.plans.retain(|(other, _)| other != name);
        self.planned = Covered::default();
        for (_, plan) in &self.plans {
            self.planned.add(plan);
        }
    }
}

/// What a file says.
pub(crate) enum Found<T> {
    Whole(T),
    Torn,
    Gone,
}

pub(crate) type Read = Found<Arc<Plan>>;

impl Plans {
    /// This process begins to send an upload, or has none any more.
    pub(crate) fn send(&mut self, upload: Option<(Name, Upload)>) {
        self.own = upload;
    }

    /// A request of the upload that this process sends was marked.
    pub(crate) fn mark(&mut self, name: &Name, number: usize) {
        if let Some((own, upload)) = &mut self.own
            && own == name
            && let Some(request) = upload.requests.get_mut(number)
        {
            request.ended = true;
        }
    }

    fn read(&mut self, dir: &Dir, name: &Name) -> io::Result<Read> {
        if let Some(plan) = self.plans.get(name.stem()) {
            return Ok(Read::Whole(Arc::clone(plan)));
        }
        let found = read(dir, name)?;
        if let Read::Whole(plan) = &found {
            self.plans.insert(name.stem().to_owned(), Arc::clone(plan));
        }
        Ok(found)
    }
}

/// Reads a plan, or what became of one.
///
/// # Errors
///
/// If the disk failed, or descriptors ran out.
pub(crate) fn read(dir: &Dir, name: &Name) -> io::Result<Read> {
    let is_done = name.kind() == Kind::Done;
    let of_upload = |text: &str| Upload::parse(text).filter(|_| is_done).map(Upload::into_plan);
    read_as(dir, name, |text| Plan::parse(text).or_else(|| of_upload(text)).map(Arc::new))
}

/// Reads an upload.
///
/// # Errors
///
/// As with [`read`].
pub(crate) fn read_upload(dir: &Dir, name: &Name) -> io::Result<Found<Upload>> {
    read_as(dir, name, Upload::parse)
}

fn read_as<T>(dir: &Dir, name: &Name, parse: impl Fn(&str) -> Option<T>) -> io::Result<Found<T>> {
    #[cfg(all(test, unix))]
    super::tests::crash::plan()?;
    let file = match dir.open_file(name.as_str()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Gone),
        // A link, a folder, a pipe: nothing of ours.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(Found::Gone),
        file => file?,
    };
    // A disk that fails here says nothing about the plan: it stays, and so does what it says.
    let text = spool_folder::try_read(&file)?.and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(text.and_then(|text| parse(&text)).map_or(Found::Torn, Found::Whole))
}
