//! What a name brings besides commits: the messages of annotated tags, and the files of a tag that is one of a blob or of a tree.

use gix::ObjectId;
use gix::objs::Kind;

use super::changes::{Bases, Change, Changes, TagMessage, add_changes};
use super::object::{Words, words};
use super::trees::{self, New};
use super::{GitError, Repo};
use crate::blob::{Origin, path_bytes_text};

impl Repo {
    /// Adds to `changes` what the reference `name` brings besides commits if it names `id`, all of it as new. Tells whether it leads to a commit, of which
    /// nothing is added.
    ///
    /// # Errors
    /// An object on the way is missing or damaged.
    pub fn add_named(&self, name: &str, id: &ObjectId, changes: &mut Changes) -> Result<bool, GitError> {
        let mut reader = self.reader();
        let (target, kind) = reader.unwrap_tags(id, |id, tag| {
            let Words { written, people } = words(tag);
            changes.tag_messages.push(TagMessage { id: *id, text: written.into_owned(), people: people.to_vec() });
        })?;
        match kind {
            Kind::Blob => {
                let (origin, path) = (Origin::new(&path_bytes_text(name.as_bytes())), name.as_bytes().to_vec());
                changes.changes.push(Change { origin, path, is_new_path: true, is_link: false, id: target, bases: Bases::New, later: Vec::new() });
                changes.n_entries += 1;
            }
            Kind::Tree => {
                let deltas = trees::diff(&mut reader, &[None], New::Tree(target))?.deltas;
                add_changes(&mut reader, &[None], New::Tree(target), deltas, changes)?;
            }
            Kind::Commit | Kind::Tag => {}
        }
        Ok(kind == Kind::Commit)
    }

    /// The annotated tag that `name` means, be it the name of a reference or a whole id; none if it means something else, or nothing.
    pub fn tag_id(&self, name: &str) -> Option<ObjectId> {
        let mut reader = self.reader();
        let id = reader.repo.rev_parse_single(name).ok()?.detach();
        let mut is_tag = false;
        reader.unwrap_tags(&id, |_, _| is_tag = true).ok()?;
        is_tag.then_some(id)
    }

    /// Whether the object with this whole id is there.
    pub fn has_object(&self, id: &str) -> bool {
        ObjectId::from_hex(id.as_bytes()).is_ok_and(|id| self.reader().has(&id))
    }
}
