//! Nodes: the numbers of objects over all packs, one pack behind the other, and of loose trees behind them.

use gix::ObjectId;
use gix::hash::oid;

use super::store::Store;

/// The node of each pack's first object, and that of the first loose tree.
pub(super) fn first_nodes(store: &Store) -> Vec<u32> {
    let mut first_nodes = vec![0];
    for pack in &store.packs {
        first_nodes.push(first_nodes.last().map_or(0, |first| first + pack.len() as u32));
    }
    first_nodes
}

/// The id of a node.
pub(super) fn id_of<'a>(store: &'a Store, loose_trees: &'a [ObjectId], node: u32) -> Option<&'a oid> {
    let mut number = node;
    for pack in &store.packs {
        if (number as usize) < pack.len() {
            return Some(pack.id(number));
        }
        number -= pack.len() as u32;
    }
    loose_trees.get(number as usize).map(|id| id.as_ref())
}
