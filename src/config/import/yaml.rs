//! A YAML document as a tree of maps, lists and texts. The text may be an attacker's: its events are read one by one, so that nesting takes no stack, and
//! aliases, by which a short text becomes an endless one, are refused.

use yaml_rust2::parser::{Event, Parser};

/// Deepest nesting.
const DEEPEST: usize = 32;

/// A part of a document.
#[derive(Debug, PartialEq)]
pub enum Node {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.pairs().find(|(known, _)| *known == key).map(|(_, node)| node)
    }

    /// Keys and values; none if this is no map.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &Node)> {
        let pairs = if let Self::Map(pairs) = self { pairs.as_slice() } else { &[] };
        pairs.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// The elements; none if this is no list.
    pub fn items(&self) -> impl Iterator<Item = &Node> {
        if let Self::List(items) = self { items.iter() } else { [].iter() }
    }

    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The texts of the list called `key`.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.get(key).into_iter().flat_map(Self::items).filter_map(|item| item.text().map(str::to_owned)).collect()
    }
}

/// What is open while a document is read.
enum Open {
    List(Vec<Node>),
    /// With the key whose value comes next.
    Map(Vec<(String, Node)>, Option<String>),
}

/// Reads the first document of `text`.
///
/// # Errors
/// The line, from 1, and what is wrong there.
pub fn parse(text: &str) -> Result<Node, (usize, String)> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    loop {
        let (event, marker) = parser.next_token().map_err(|error| (error.marker().line(), "it is no YAML".to_owned()))?;
        let wrong = |what: &str| Err((marker.line(), what.to_owned()));
        let done = match event {
            Event::Scalar(text, ..) => Some(Node::Text(text)),
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Vec::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|done| match done {
                Open::List(items) => Node::List(items),
                Open::Map(pairs, _) => Node::Map(pairs),
            }),
            Event::Alias(_) => return wrong("aliases are not read: write the value again"),
            Event::StreamEnd | Event::DocumentEnd => return wrong("it is empty"),
            _ => None,
        };
        if open.len() > DEEPEST {
            return wrong("it is nested too deeply");
        }
        let Some(node) = done else { continue };
        match open.last_mut() {
            None => return Ok(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Map(pairs, key)) => match (key.take(), node) {
                (Some(key), node) => pairs.push((key, node)),
                (None, Node::Text(text)) => *key = Some(text),
                (None, _) => return wrong("a key is no text"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let node = parse("a: [x, 'y']\nb:\n  c: \"d\\u0041\"\n  e: |\n    f\n").expect("it is good");
        assert_eq!(node.texts("a"), ["x", "y"]);
        assert_eq!(node.get("b").and_then(|b| b.get("c")).and_then(Node::text), Some("dA"));
        assert_eq!(node.get("b").and_then(|b| b.get("e")).and_then(Node::text), Some("f\n"));
    }

    #[test]
    fn hostile_documents_are_refused() {
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        for text in [bomb, &"[".repeat(100_000), &"- ".repeat(100_000), &"{a: ".repeat(1000), "", "a: [", "? [x]\n: y\n"] {
            assert!(parse(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }
}
