//! What a name brings besides commits: the messages of annotated tags, and the files of a tag that is one of a blob or of a tree.

use gix::ObjectId;
use gix::objs::Kind;

use super::changes::{Bases, Change, Changes, TagMessage, add_changes};
use super::object::{people, written};
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
            changes.tag_messages.push(TagMessage { id: *id, text: written(tag).into_owned(), people: people(tag).to_vec() });
        })?;
        match kind {
            Kind::Blob => {
                let (origin, path) = (Origin::new(&path_bytes_text(name.as_bytes())), name.as_bytes().to_vec());
                changes.changes.push(Change { origin, path, is_new_path: true, id: target, bases: Bases::New, later: Vec::new() });
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
}
