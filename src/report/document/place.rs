//! Where a finding is, for readers and for services that look at the files that are checked out.

use super::Found;

/// A place as other programs count: columns in UTF-16 code units, from 1, the last one exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place<'a> {
    /// In which file.
    pub path: &'a str,
    /// First line, from 1.
    pub line: u64,
    /// Line on which the secret ends.
    pub end_line: u64,
    /// First column, and the column after the last.
    pub columns: (u64, u64),
    /// GitHub's hash of the line.
    pub line_hash: Option<&'a str>,
}

/// What a service that shows findings in files can tell apart: the same secret at the same place is one, however many commits brought it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert<'a> {
    rule: &'a str,
    id: &'a str,
    place: Place<'a>,
    is_present: bool,
    is_suppressed: bool,
}

impl Found {
    /// Where it is in the files that are checked out; none if it is only in the history.
    pub fn place(&self) -> Option<Place<'_>> {
        let (path, line, end_line, columns, line_hash) = match &self.tip {
            Some(tip) => (&tip.path, tip.line, tip.end_line, tip.columns_utf16, &tip.line_hash),
            None if self.message || self.at_tip == Some(false) => return None,
            None => return Some(self.origin()),
        };
        Some(Place { path, line, end_line, columns, line_hash: line_hash.as_deref() })
    }

    /// Where it stands, for a reader: what is only in the history is named by its commit.
    pub fn where_text(&self) -> String {
        match (self.place(), &self.commit) {
            (Some(place), _) => format!("{}:{}", place.path, place.line),
            (None, Some(commit)) if self.message => format!("message of commit {}, line {}", commit.short(), self.line),
            (None, Some(commit)) => format!("commit {}, {}:{}", commit.short(), self.path, self.line),
            (None, None) => format!("{}:{}", self.path, self.line),
        }
    }

    /// Whether it is in a file of the history that does not hold it any more.
    pub fn is_gone(&self) -> bool {
        self.place().is_none() && !self.message
    }

    /// Where it was found, be it in the history.
    pub fn origin(&self) -> Place<'_> {
        let columns = self.columns_utf16.unwrap_or((self.column, self.end_column));
        Place { path: &self.path, line: self.line, end_line: self.end_line, columns, line_hash: self.line_hash.as_deref() }
    }

    /// What a service takes it for.
    pub fn alert(&self) -> Alert<'_> {
        let present = self.place();
        let place = present.unwrap_or_else(|| self.origin());
        Alert { rule: &self.rule, id: &self.id, place, is_present: present.is_some(), is_suppressed: self.suppression.is_some() }
    }
}
